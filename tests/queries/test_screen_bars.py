"""The simulated market's bars on screen, without a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.adapters.simulated import SimulatedMarket
from engine.domain.interval import Interval
from engine.queries.screen_bars import ScreenBars, SimulationClock
from tests.pages.full import ACCOUNT
from tests.pages.scene import Scene

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)


def screen_bars(scene: Scene) -> ScreenBars:
    clock = SimulationClock(scene.board, scene.ledger, BEGIN)
    return ScreenBars(scene.bars, SimulatedMarket(clock), clock)


def test_before_any_account_the_market_stands_at_its_beginning(empty: Scene) -> None:
    bars = screen_bars(empty)
    hourly = next(c for c in bars.coverage("SIMULATED") if c.interval is Interval.H1)
    assert hourly.last_open_at == BEGIN - timedelta(hours=1)
    assert hourly.missing == 0


def test_it_shows_no_bar_beyond_the_engines_clock(empty: Scene) -> None:
    empty.beat(clock="2024-02-03T10:30:00Z", source="SIMULATED")
    bars = screen_bars(empty)
    symbol = bars.rules("SIMULATED")[0].symbol
    series = bars.read("SIMULATED", symbol, Interval.H1, start=datetime(2024, 2, 3, tzinfo=UTC))
    assert series.last_close_at == datetime(2024, 2, 3, 10, tzinfo=UTC)
    covered = next(c for c in bars.coverage("SIMULATED") if (c.symbol, c.interval) == (symbol, Interval.H1))
    assert covered.n_bars == len(bars.read("SIMULATED", symbol, Interval.H1))


def test_without_a_heartbeat_it_stands_where_the_account_does(full: Scene) -> None:
    full.beat(source="BINANCE")
    mark = full.ledger.last_mark(ACCOUNT)
    assert mark is not None
    assert SimulationClock(full.board, full.ledger, BEGIN).now() == mark.at


def test_other_sources_come_from_the_store(full: Scene) -> None:
    assert screen_bars(full).coverage("BINANCE") == full.bars.coverage("BINANCE")
