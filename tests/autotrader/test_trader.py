"""Between closes: halts are told, sleeves that are done retire, rules that changed are taken up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from engine.domain.command import CommandKind, CommandState
from engine.domain.instrument import Instrument
from engine.domain.sleeve import SleeveState
from engine.execution.rules import renew
from tests.autotrader.abroad import open_account
from tests.autotrader.town import ACCOUNT, Town
from tests.builders import instrument

K, S = CommandKind, CommandState


def test_a_halt_that_a_mark_raises_is_a_message_for_the_operator_once(town: Town) -> None:
    town.ask(K.SET_LIMITS, {"limits": {"max_daily_loss": "0.000001", "stop_loss": "0.5", "take_profit": "0.5"}})
    town.start_sleeve()
    town.ask(K.SWITCH_TRADING, {"on": True})
    town.pass_bars(6)
    assert "daily_loss" in town.causes()
    told = [a.text for a in town.stores.reads.alerts() if "daily_loss" in a.text]
    assert len(told) == 1
    assert told[0].startswith("halted (daily_loss): ")


def test_a_sleeve_that_only_kept_its_stop_retires_when_that_has_sold(town: Town) -> None:
    town.ask(K.SET_LIMITS, {"limits": {"stop_loss": "0.004", "take_profit": "0.004"}})
    sleeve_id = town.start_sleeve()
    town.ask(K.SWITCH_TRADING, {"on": True})
    town.pass_bars()
    town.ask(K.RETIRE_SLEEVE, {"sleeve_id": sleeve_id, "position": "keep_stop"})
    [sleeve] = town.ledger.sleeves(ACCOUNT)
    assert sleeve.state is SleeveState.STOP_ONLY
    for _ in range(24):
        if not town.positions():
            break
        town.pass_bars()
    [sleeve] = town.ledger.sleeves(ACCOUNT)
    assert (sleeve.state, town.positions()) == (SleeveState.RETIRED, [])
    assert town.session.trader.seats == []


def renewed(old: Mapping[str, Instrument], *offered: Instrument) -> list[str]:
    return [change.words for change in renew(dict(old), offered)]


def test_rules_that_changed_are_named_and_an_instrument_that_is_gone_is_not_traded() -> None:
    old = {"BTCUSDT": instrument(lot="0.001"), "ETHUSDT": instrument("ETHUSDT")}
    coarser = replace(old["BTCUSDT"], lot_step=Decimal("0.01"), tick_size=Decimal("0.1"))
    assert renewed(old, coarser) == [
        "the venue changed its rules for BTCUSDT: tick_size 0.01 -> 0.1, lot_step 0.001 -> 0.01",
        "ETHUSDT is not traded at the venue now",
    ]
    assert renewed(old, *old.values()) == []
    assert renewed(old) == []  # no answer is no news
    closed = {"BTCUSDT": replace(old["BTCUSDT"], trading=False)}
    assert renewed(closed, old["BTCUSDT"], old["ETHUSDT"]) == ["BTCUSDT is traded again"]


def test_rules_are_asked_for_often_only_while_what_is_held_or_decided_for_is_not_traded(tmp_path: Path) -> None:
    town = Town(tmp_path)
    assert town.house.lease.keep()
    open_account(town, "TESTNET", "10000")
    trader = town.session.trader
    asked: list[datetime] = []
    rules = trader.cycle.feed.rules
    trader.cycle.feed.rules = lambda: asked.append(town.clock.at) or rules()  # type: ignore[method-assign, func-returns-value]

    def often() -> bool:
        """Over a minute, while nothing is traded."""
        town.market._instruments = [replace(i, trading=False) for i in town.market._instruments]
        trader._renew_rules()
        asked.clear()
        for _ in range(60):
            town.forward(timedelta(seconds=1))
            trader._look_at_rules()
        town.market._instruments = [replace(i, trading=True) for i in town.market._instruments]
        trader._renew_rules()
        return len(asked) > 2

    assert town.buy("0.012").state is S.DONE
    assert often()
    [held] = trader.book.portfolio.holdings.values()
    assert town.ask(K.FLATTEN, {"typed": "FLATTEN"}).state is S.DONE
    [dust] = trader.book.portfolio.holdings.values()
    assert 0 < dust.atoms < held.atoms
    assert not often()  # what the fee left, and the operator's own seat
    town.start_sleeve(symbol="ETHUSDT")
    assert often()
    town.close()


def test_a_ledger_loads_and_marks_the_same_by_coarser_rules(tmp_path: Path) -> None:
    town = Town(tmp_path).open()
    town.buy("0.043")
    town.enter()  # marked at the newest close from now on
    before = town.session.trader.cycle.value(town.clock.now()).equity
    coarse = replace(instrument("BTCUSDT", lot="0.01"), tick_size=Decimal("0.1"))
    town.market._instruments = [coarse, instrument("ETHUSDT", lot="0.01")]
    town.enter()
    page = town.session.trader.book.sleeve(f"{ACCOUNT}-manual-BTCUSDT")
    assert page.quantity == Decimal("0.04")
    assert abs(town.session.trader.cycle.value(town.clock.now()).equity - before) < 1
    town.close()
