"""One cycle: committed before sent, missed bars recorded and never traded late, halts that come at the worst moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.database.ledger import SqlLedger
from engine.autotrader.cycle import Duty
from engine.domain.command import CommandKind
from engine.domain.errors import LeaseLost, MissingBars
from engine.domain.halt import HaltKind
from engine.domain.interval import Interval
from engine.domain.order import Order, Purpose
from engine.domain.quote import Quote
from engine.ports import Lease, OrderReport, Step
from tests.autotrader.town import ACCOUNT, START, Town, decided, walk
from tests.builders import bars_at
from tests.contracts.wall import a_halt

K = CommandKind


def trading(town: Town, strategy: str = "rule:buy_hold") -> Town:
    town.start_sleeve(strategy)
    town.ask(K.SWITCH_TRADING, {"on": True})
    return town


def test_an_entry_fills_at_the_next_open_and_is_guarded_for_the_entry_bar_itself(town: Town) -> None:
    trading(town).pass_bars()
    [fill] = town.ledger.fills(ACCOUNT)
    series = town.market.series["BTCUSDT", Interval.H1]
    opened = series.open[series.position(int(fill.filled_at.timestamp() * 1000))]
    assert fill.filled_at == START + timedelta(hours=1)
    assert abs(float(fill.price) - opened) < 0.02
    assert all(p.covered for p in town.positions())


def test_every_intent_is_committed_before_it_is_sent(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    venue = trading(town, "rule:random_entry:probability=0.5,hold=2").session.trader.cycle.paper
    assert venue is not None
    real, placed = venue.place, 0

    def place(orders: Sequence[Order]) -> Sequence[OrderReport]:
        nonlocal placed
        placed += len(orders)
        assert {o.client_id for o in orders} <= {o.client_id for o in town.ledger.orders(ACCOUNT)}
        return real(orders)

    monkeypatch.setattr(venue, "place", place)
    town.pass_bars(20)
    assert placed > 10


@pytest.mark.parametrize("impact", ["0", "1"])
def test_where_size_costs_something_a_price_comes_with_the_bars_before_it(
    town: Town, monkeypatch: pytest.MonkeyPatch, impact: str
) -> None:
    """After a restart too, when no bar has been shown yet; where it costs nothing they are not asked for."""
    cycle = trading(town).session.trader.cycle
    venue, account, shown = cycle.paper, cycle.book.account, []
    assert venue is not None
    cycle.book.account = replace(account, costs=replace(account.costs, impact=Decimal(impact)))
    monkeypatch.setattr(venue, "quote", lambda _quote, window: shown.append(window))
    cycle.show_next_price(town.session.trader.seats, START)
    assert [None if window is None else window.last_close_at for window in shown] == [START if impact == "1" else None]


def test_a_bar_that_was_slept_through_is_recorded_missed_and_never_traded_late(town: Town) -> None:
    trading(town)
    town.clock.at = town.session.trader.next_close + timedelta(hours=3, minutes=30)
    town.house.lease.keep()
    while town.session.advance():
        pass
    assert decided(town) == [("HOLD", "MISSED")] * 4  # three hours are over, and half an hour is too late for the last
    assert town.orders() == []
    assert "not traded late" in town.ledger.decisions(ACCOUNT)[0].gates[0].detail
    town.pass_bars()
    assert decided(town)[-1] == ("BUY", None)


def test_a_close_within_a_twentieth_of_its_bar_is_still_traded(town: Town) -> None:
    trading(town)
    town.clock.at = town.session.trader.next_close + timedelta(minutes=3)
    town.house.lease.keep()
    assert town.session.advance()
    assert decided(town) == [("BUY", None)]


def test_positions_are_settled_and_guarded_while_bars_are_missed(town: Town) -> None:
    town.ask(K.SET_LIMITS, {"limits": {"stop_loss": "0.005", "take_profit": "0.005"}})
    trading(town).pass_bars()
    assert town.positions()
    town.clock.at = town.session.trader.next_close + timedelta(hours=12, minutes=30)
    town.house.lease.keep()
    while town.session.advance():
        pass
    assert town.positions() == []
    assert len(town.ledger.trades(ACCOUNT)) == 1


def test_trading_off_watches_settles_and_decides_nothing(town: Town) -> None:
    town.ask(K.SET_LIMITS, {"limits": {"stop_loss": "0.005", "take_profit": "0.005"}})
    trading(town).pass_bars()
    town.ask(K.SWITCH_TRADING, {"on": False})
    town.pass_bars(12)
    assert len(decided(town)) == 1
    assert len(town.ledger.trades(ACCOUNT)) == 1
    assert town.mark().at == START + timedelta(hours=13)


def test_a_bar_that_never_came_is_not_decided(tmp_path: Path) -> None:
    closes = [50_000.0 + i for i in range(400)]
    town = Town(tmp_path, bars_at("2025-01-01", closes, without=[217])).open()
    trading(town).pass_bars()
    town.clock.at = town.session.trader.next_close + timedelta(seconds=31)  # patience is over
    town.house.lease.keep()
    assert town.session.advance()
    town.pass_bars(2)
    at = [d.bar_close_at for d in town.ledger.decisions(ACCOUNT)]
    assert START + timedelta(hours=2) not in at
    assert len(at) == 3
    town.close()


def test_a_sleeve_whose_order_waits_for_a_price_does_not_decide_a_second_one(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_price(symbol: str) -> None:
        raise MissingBars(f"{symbol}: no price now")

    trading(town)
    monkeypatch.setattr(town.market, "quote", no_price)
    town.pass_bars(2)
    assert decided(town) == [("BUY", None), ("HOLD", "holding")]
    assert len(town.orders(Purpose.ENTRY)) == 1
    monkeypatch.undo()
    town.pass_bars()
    assert len(town.ledger.fills(ACCOUNT)) == 1


def test_a_close_waits_for_its_bar(town: Town) -> None:
    trading(town)
    at = town.session.trader.next_close
    whole = town.market.series["BTCUSDT", Interval.H1]
    town.market.series["BTCUSDT", Interval.H1] = whole.closed_by(at - timedelta(hours=1))
    town.clock.at = at + timedelta(seconds=20)
    town.house.lease.keep()
    assert not town.session.advance()
    town.market.series["BTCUSDT", Interval.H1] = whole
    assert town.session.advance()
    assert decided(town) == [("BUY", None)]


def test_a_halt_raised_between_deciding_and_committing_takes_the_entries_back(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    trading(town)
    real = SqlLedger.commit
    asked: list[Step] = []

    def commit(self: SqlLedger, step: Step, lease: Lease) -> None:
        if not asked:  # the button, from another process, at the worst moment
            town.ledger.raise_halt(a_halt(account_id=ACCOUNT))
        asked.append(step)
        real(self, step, lease)

    monkeypatch.setattr(SqlLedger, "commit", commit)
    town.pass_bars()
    assert [o.purpose for o in asked[0].intents] == [Purpose.ENTRY]
    assert decided(town) == [("HOLD", "halted")]
    assert town.orders() == []
    assert town.session.trader.book.orders == {}
    town.ledger.clear_halts(ACCOUNT, HaltKind.HALT, None, town.clock.now(), "tester")
    town.pass_bars()
    assert decided(town)[-1] == ("BUY", None)


def test_a_lost_lease_writes_nothing_of_the_step(town: Town) -> None:
    trading(town).pass_bars()
    before = (town.ledger.decisions(ACCOUNT), town.ledger.orders(ACCOUNT), town.mark())
    town.clock.at = town.session.trader.next_close + timedelta(seconds=60)
    other = town.ledger.take_lease("engine", "somebody-else", town.clock.now(), 600)
    assert other is not None
    with pytest.raises(LeaseLost):
        town.session.advance()
    assert (town.ledger.decisions(ACCOUNT), town.ledger.orders(ACCOUNT), town.mark()) == before


def test_a_close_that_is_dealt_with_again_after_a_lost_step_is_decided_once(town: Town) -> None:
    trading(town)
    town.clock.at = town.session.trader.next_close + timedelta(seconds=60)
    with pytest.raises(LeaseLost):  # away for longer than the lease lasts
        town.session.advance()
    town.enter()
    assert town.session.advance()
    assert decided(town) == [("BUY", None)]
    assert len(town.orders(Purpose.ENTRY)) == 1


def test_one_decision_per_bar_even_if_a_close_is_run_again(town: Town) -> None:
    trading(town).pass_bars()
    cycle = town.session.trader.cycle
    cycle.run(START + timedelta(hours=1), town.session.trader.seats, Duty.TRADE)
    assert len(decided(town)) == 1


def test_a_drawdown_halts_entries_and_lets_exits_go_on(town: Town) -> None:
    town.ask(K.SET_LIMITS, {"limits": {"max_drawdown": "0.000001", "stop_loss": "0.5", "take_profit": "0.5"}})
    trading(town, "rule:random_entry:probability=1,hold=1")
    town.pass_bars(8)
    assert town.causes() == ["drawdown"]
    assert town.positions()
    sleeve = town.positions()[0].sleeve_id
    town.ask(K.RETIRE_SLEEVE, {"sleeve_id": sleeve, "position": "close"})
    assert town.positions() == []


def test_a_restart_marks_an_account_of_mixed_intervals_as_if_it_had_not_happened(tmp_path: Path) -> None:
    daily = bars_at("2024-12-01", [2_500.0 + 40 * i for i in range(70)], symbol="ETHUSDT", interval=Interval.D1)
    marks = []
    for restarts in (False, True):
        town = Town(tmp_path / str(restarts), walk("BTCUSDT"), daily).open()
        town.ask(K.SET_LIMITS, {"limits": {"max_correlation": "1"}})  # its daily bars are too young to know one
        town.start_sleeve()
        town.ask(K.START_SLEEVE, {"strategy": "rule:buy_hold", "symbol": "ETHUSDT", "interval": "1d"})
        town.ask(K.SWITCH_TRADING, {"on": True})
        town.pass_bars(30)
        assert {p.symbol for p in town.positions()} >= {"ETHUSDT"}
        if restarts:
            town.enter()
        town.pass_bars()
        marks.append(town.mark().equity)
        town.close()
    assert marks[0] == marks[1]
    assert marks[0] != Decimal(10_000)


def test_a_restart_in_the_middle_decides_what_an_unbroken_run_decides(tmp_path: Path) -> None:
    seen = []
    for every in (1_000, 3, 1):
        town = Town(tmp_path / str(every)).open()
        town.ask(K.SET_LIMITS, {"limits": {"stop_loss": "0.01", "take_profit": "0.01"}})
        town.start_sleeve("rule:random_entry:probability=0.5,hold=4")
        town.start_sleeve("rule:rsi_reversion:low=45,high=55", "ETHUSDT")
        town.ask(K.SWITCH_TRADING, {"on": True})
        for n in range(24):
            town.pass_bars()
            if n % every == every - 1:
                town.enter()
        fills = [(f.symbol, f.side, f.quantity, f.price, f.filled_at) for f in town.ledger.fills(ACCOUNT)]
        seen.append((decided(town), fills, town.mark().equity))
        assert len(fills) > 10
        town.close()
    assert seen[0] == seen[1] == seen[2]


def test_orders_are_decided_once_every_price_is_known(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow line: what the exchange takes for three seconds must not have aged while prices were asked for."""
    for symbol in ("BTCUSDT", "ETHUSDT"):
        town.start_sleeve(symbol=symbol)
    town.ask(K.SWITCH_TRADING, {"on": True})
    cycle = town.session.trader.cycle
    answered: list[datetime] = []
    quote = cycle.feed.quote

    def slow(symbol: str, interval: Interval, at: datetime) -> Quote | None:
        town.forward(timedelta(seconds=1))
        answered.append(town.clock.now())
        return quote(symbol, interval, at)

    monkeypatch.setattr(cycle, "_brackets", lambda: True)
    monkeypatch.setattr(cycle.feed, "quote", slow)
    town.pass_bars()
    assert {o.intent_at for o in town.orders(Purpose.ENTRY)} == {answered[1]}
