"""The session: a paced market waits for us, a seat keeps its place, a source that is away is told."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import pytest

from engine.adapters.clock import PacedClock
from engine.autotrader.session import Opinion, Session
from engine.domain.bar import BarSeries
from engine.domain.command import CommandKind
from engine.domain.errors import ConfigurationError, VenueUnavailable
from engine.domain.interval import Interval
from engine.ports import Venue
from tests.autotrader.town import ACCOUNT, START, Town, decided


class Ticks:
    """Real seconds, as a test counts them."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def paced(town: Town, speed: float | None) -> tuple[Session, PacedClock, Ticks]:
    """The town's session by a clock that runs `speed` times as fast as the wall's."""
    ticks = Ticks()
    clock = PacedClock(START, speed, monotonic=ticks)
    town.market._clock = clock
    trader = town.session.trader
    trader.cycle.clock = trader.cycle.desk._clock = trader.reconciler._clock = clock
    session = replace(town.session, clock=clock, paced=clock)
    town.house.session = session
    return session, clock, ticks


def test_a_paced_market_waits_for_the_trader(town: Town) -> None:
    session, clock, ticks = paced(town, 3600.0)
    assert not session.advance()
    ticks.seconds += 100.0  # a slow machine: a hundred hours should be over
    assert clock.now() == START + timedelta(hours=1)
    assert session.advance()
    assert not session.advance()  # the next one has to wait its turn
    ticks.seconds += 1.0
    assert session.advance()
    assert town.mark().at == START + timedelta(hours=2)


def test_a_ticket_on_a_fast_market_is_sent_in_time(town: Town) -> None:
    """At 7,200 times the wall's speed three seconds pass within half a millisecond."""
    session, _, ticks = paced(town, 7200.0)
    session.advance()
    ticks.seconds += 0.1

    commit = town.session.trader.cycle.desk.commit

    def slow(draft: object) -> None:
        ticks.seconds += 0.05
        commit(draft)  # type: ignore[arg-type]

    town.session.trader.cycle.desk.commit = slow  # type: ignore[method-assign]
    answered = town.buy("0.04")
    assert answered.message.startswith("Bought 0.04")
    assert all(p.covered for p in town.positions())


def test_a_held_clock_goes_on_with_the_next_turn(town: Town) -> None:
    session, clock, ticks = paced(town, 3600.0)
    session.advance()
    ticks.seconds += 0.5
    session.hold()
    held = clock.now()
    ticks.seconds += 5
    assert clock.now() == held == START + timedelta(minutes=30)
    session.advance()
    ticks.seconds += 0.25
    assert clock.now() == START + timedelta(minutes=45)


def test_a_source_that_is_away_says_so_until_it_is_back(town: Town) -> None:
    town.start_sleeve()
    town.ask(CommandKind.SWITCH_TRADING, {"on": True})
    town.pass_bars()
    bars, quote = town.market.bars, town.market.quote

    def away(*_: object) -> None:
        raise VenueUnavailable("the line is dead")

    town.market.bars = away  # type: ignore[method-assign, assignment]
    town.market.quote = away  # type: ignore[method-assign, assignment]
    town.clock.at = town.session.trader.next_close + timedelta(seconds=31)
    town.house.lease.keep()
    assert town.session.advance()
    assert town.session.problem() == "the line is dead"
    assert len(decided(town)) == 1  # nothing is decided on old bars
    assert town.session.price("BTCUSDT") is None
    town.market.bars, town.market.quote = bars, quote  # type: ignore[method-assign]
    town.pass_bars()
    assert town.session.problem() is None
    assert len(decided(town)) == 2


def test_without_a_seat_the_account_is_marked_every_hour(town: Town) -> None:
    assert town.session.trader.next_close == START + timedelta(hours=1)
    town.pass_bars()
    assert town.mark().equity == 10_000
    assert town.session.data_as_of() == town.session.trader.cursor


def test_the_next_close_is_the_earliest_of_all_seats(town: Town) -> None:
    town.ask(CommandKind.START_SLEEVE, {"strategy": "rule:buy_hold", "symbol": "BTCUSDT", "interval": "4h"})
    assert town.session.trader.next_close == START + timedelta(hours=4)
    town.ask(CommandKind.START_SLEEVE, {"strategy": "rule:buy_hold", "symbol": "ETHUSDT", "interval": "15m"})
    assert town.session.trader.next_close == START + timedelta(minutes=15)
    assert Interval.M15.floor(START) == START
    assert town.ledger.cursors(ACCOUNT) == {}


def test_a_bar_that_the_stream_brought_is_dealt_with_at_once_and_any_other_a_second_later(town: Town) -> None:
    town.start_sleeve()
    asked: list[datetime] = []
    window, here = town.session.feed.window, False

    def watched(symbol: str, interval: Interval, at: datetime) -> BarSeries:
        asked.append(town.clock.at)
        return window(symbol, interval, at)

    session = replace(town.session, brought=lambda *_: here)
    session.feed.window = watched  # type: ignore[method-assign]
    at = town.clock.at = session.trader.next_close
    town.house.lease.keep()
    assert not session.advance()
    assert not asked  # before it may be there nobody is asked
    here = True
    assert session.advance()
    here = False
    town.clock.at = session.trader.next_close + timedelta(milliseconds=900)
    town.house.lease.keep()
    assert not session.advance()
    town.clock.at += timedelta(milliseconds=100)
    assert session.advance()
    assert session.trader.cursor == at + Interval.H1.duration


def test_what_is_not_traded_holds_up_no_close(town: Town) -> None:
    """One sleeve's instrument was taken from trading: no bar of it comes any more."""
    town.start_sleeve()
    town.start_sleeve(symbol="ETHUSDT")
    session, window = town.session, town.session.feed.window

    def gone(symbol: str, interval: Interval, at: datetime) -> BarSeries:
        return window(symbol, interval, at if symbol == "BTCUSDT" else START)

    session.feed.window = gone  # type: ignore[method-assign]
    for trading, waited in ((True, 30), (False, 1)):
        traded = {s: replace(i, trading=trading or s == "BTCUSDT") for s, i in session.instruments.items()}
        session.trader.book.instruments = traded
        at = session.trader.next_close
        for seconds in (waited - 1, waited):
            town.clock.at = at + timedelta(seconds=seconds)
            town.house.lease.keep()
            assert session.advance() == (seconds == waited)


def test_what_can_wait_is_not_done_right_before_a_close(town: Town) -> None:
    saved: list[datetime] = []
    left = [True, True, False]
    session = replace(town.session, save=lambda: saved.append(town.clock.at) or left.pop(0))  # type: ignore[func-returns-value]
    town.clock.at = session.trader.next_close - timedelta(milliseconds=900)
    session.advance()
    assert not saved
    town.clock.at -= timedelta(milliseconds=200)
    session.advance()
    assert len(saved) == 1
    session.close()
    assert len(saved) == 3


def test_a_session_that_cannot_be_closed_in_good_order_has_ended_all_the_same(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="aaiti")
    let_go: list[str] = []

    class Line:
        def __init__(self, name: str) -> None:
            self.name = name

        def close(self) -> None:
            let_go.append(self.name)
            raise OSError(f"{self.name} is broken")

    def full() -> bool:
        let_go.append("bars")
        raise OSError(28, "No space left on device")

    venue, second = cast(Venue, Line("venue")), cast(Opinion, Line("second"))
    town.house.session = replace(town.session, save=full, venue=venue, second=second)
    town.house.leave("stopped")
    with pytest.raises(ConfigurationError, match="there is no trading session: stopped"):
        town.house.in_session()
    assert sorted(let_go) == ["bars", "second", "venue"]
