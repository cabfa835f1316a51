"""Who trades what: starting, retiring and inheriting, with and without a position."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.domain.command import CommandKind, CommandState
from engine.domain.order import ExitReason, Purpose
from engine.domain.sleeve import SleeveState
from tests.autotrader.abroad import silence
from tests.autotrader.town import ACCOUNT, Town, decided

K, S = CommandKind, CommandState


def trading(town: Town, strategy: str = "rule:buy_hold") -> str:
    """A sleeve that has bought."""
    town.ask(K.SET_LIMITS, {"limits": {"stop_loss": "0.2", "take_profit": "0.5"}})
    sleeve_id = town.start_sleeve(strategy)
    town.ask(K.SWITCH_TRADING, {"on": True})
    town.pass_bars()
    assert town.positions()
    return sleeve_id


def retire(town: Town, sleeve_id: str, position: str, **more: str) -> str:
    answered = town.ask(K.RETIRE_SLEEVE, {"sleeve_id": sleeve_id, "position": position, **more})
    assert answered.state is S.DONE, answered.message
    return answered.message


def state(town: Town, sleeve_id: str) -> SleeveState:
    return next(s.state for s in town.ledger.sleeves(ACCOUNT) if s.sleeve_id == sleeve_id)


def test_a_sleeve_decides_from_the_next_close_on(town: Town) -> None:
    town.start_sleeve()
    town.ask(K.SWITCH_TRADING, {"on": True})
    assert decided(town) == []
    town.pass_bars(2)
    assert decided(town) == [("BUY", None), ("HOLD", "holding")]


def test_one_instrument_has_one_deciding_sleeve(town: Town) -> None:
    town.start_sleeve()
    refused = town.ask(K.START_SLEEVE, {"strategy": "rule:sma_cross", "symbol": "BTCUSDT", "interval": "1h"})
    assert (refused.state, "retire that sleeve first" in refused.message) == (S.REFUSED, True)


def test_the_operators_own_trades_leave_room_for_a_sleeve(town: Town) -> None:
    town.buy("0.01")
    town.start_sleeve()
    assert {s.strategy for s in town.ledger.sleeves(ACCOUNT)} == {"manual", "rule:buy_hold"}


def test_retired_with_its_position_closed(town: Town) -> None:
    sleeve_id = trading(town)
    retire(town, sleeve_id, "close")
    assert town.positions() == []
    assert [t.exit_reason for t in town.ledger.trades(ACCOUNT)] == [ExitReason.OPERATOR]
    assert state(town, sleeve_id) is SleeveState.RETIRED
    town.pass_bars(2)
    assert len(decided(town)) == 1


def test_retired_with_its_stop_kept(town: Town) -> None:
    sleeve_id = trading(town)
    assert "stays under its stop" in retire(town, sleeve_id, "keep_stop")
    assert state(town, sleeve_id) is SleeveState.STOP_ONLY
    [position] = town.positions()
    assert position.covered
    town.pass_bars(3)
    assert len(decided(town)) == 1  # it decides no more
    town.enter()  # nor after a restart
    town.pass_bars()
    assert len(decided(town)) == 1
    assert all(p.covered for p in town.positions())


def test_inherited_by_a_successor_with_everything_it_holds(town: Town) -> None:
    sleeve_id = trading(town)
    retire(town, sleeve_id, "inherit", successor="rule:random_entry:probability=0,hold=1")
    [position] = town.positions()
    assert position.sleeve_id == sleeve_id
    assert town.ledger.sleeves(ACCOUNT)[0].strategy.startswith("rule:random_entry")
    town.pass_bars()
    assert decided(town)[-1] == ("HOLD", "signal")


def test_a_successor_keeps_the_place_of_the_one_before(town: Town) -> None:
    first = town.start_sleeve()
    second = town.start_sleeve(symbol="ETHUSDT")
    retire(town, first, "inherit", successor="rule:sma_cross")
    assert [s.sleeve_id for s in town.session.trader.seats] == [first, second]
    town.enter()
    assert [s.sleeve_id for s in town.session.trader.seats] == [first, second]


def test_retiring_a_sleeve_that_holds_nothing(town: Town) -> None:
    sleeve_id = town.start_sleeve()
    assert "holds nothing" in retire(town, sleeve_id, "keep_stop")
    assert state(town, sleeve_id) is SleeveState.RETIRED
    assert town.session.trader.seats == []


def test_retiring_takes_back_an_entry_that_waits_for_a_price(town: Town) -> None:
    sleeve_id = town.start_sleeve()
    town.ask(K.SWITCH_TRADING, {"on": True})
    key = next(k for k in town.market.series if k[0] == "BTCUSDT")
    whole = town.market.series[key]
    town.market.series[key] = whole.closed_by(town.session.trader.next_close)  # the next bar's open is not there
    town.pass_bars()
    [entry] = town.orders(Purpose.ENTRY)
    assert not entry.status.terminal
    retire(town, sleeve_id, "close")
    town.market.series[key] = whole
    town.session.trader.watch()
    town.pass_bars()
    assert town.positions() == []
    assert town.ledger.fills(ACCOUNT) == []


def test_a_sleeve_whose_entry_may_still_buy_keeps_its_seat_until_that_is_over(town: Town) -> None:
    silence(town)
    sleeve_id = town.start_sleeve()
    town.ask(K.SWITCH_TRADING, {"on": True})
    town.pass_bars()
    assert "not confirmed that its order is over" in retire(town, sleeve_id, "keep_stop")
    assert state(town, sleeve_id) is SleeveState.STOP_ONLY
    assert [s.sleeve_id for s in town.session.trader.seats] == [sleeve_id]
    for _ in range(3):  # proved absent by time
        town.forward(timedelta(seconds=7))
        town.session.trader.watch()
    assert town.session.trader.book.orders == {}
    assert state(town, sleeve_id) is SleeveState.RETIRED


@pytest.mark.parametrize("bought", ["rule:buy_hold", "rule:random_entry:probability=1"])
def test_sleeves_own_what_they_bought(town: Town, bought: str) -> None:
    sleeve_id = trading(town, bought)
    town.ask(K.SET_LIMITS, {"limits": {"max_position_ratio": "0.5"}})  # both hold the same instrument
    town.buy("0.01")
    quantities = {p.sleeve_id: p.sellable for p in town.positions()}
    assert quantities[f"{ACCOUNT}-manual-BTCUSDT"] == Decimal("0.009")
    town.ask(K.CLOSE_POSITION, {"sleeve_id": f"{ACCOUNT}-manual-BTCUSDT"})
    assert [p.sleeve_id for p in town.positions()] == [sleeve_id]
    assert town.positions()[0].sellable == quantities[sleeve_id]
