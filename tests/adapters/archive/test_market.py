"""The archive as a market: what the clock has reached, and nothing of what comes after."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.adapters.archive import ArchiveMarket
from engine.domain.errors import MissingBars
from engine.domain.interval import Interval
from tests.builders import bars_at, instrument, utc
from tests.fakes.market import FakeBars, FixedClock


@pytest.fixture
def bars() -> FakeBars:
    stored = FakeBars()
    stored.write("ARCHIVE", bars_at("2025-01-01", [10.1, 11.2, 12.3, 13.4, 14.5], without=[3]))
    stored.write_rules("ARCHIVE", [instrument("BTCUSDT"), instrument("ETHUSDT")])
    return stored


def test_only_bars_that_have_closed_are_shown(bars: FakeBars) -> None:
    clock = FixedClock(utc("2025-01-01 01:59"))
    market = ArchiveMarket(bars, clock)
    assert list(market.bars("BTCUSDT", Interval.H1, utc("2025-01-01"), utc("2026-01-01")).close) == [10.1]
    clock.forward(timedelta(minutes=1))
    assert list(market.bars("BTCUSDT", Interval.H1, utc("2025-01-01"), utc("2026-01-01")).close) == [10.1, 11.2]


def test_the_quote_is_the_open_of_the_bar_that_forms(bars: FakeBars) -> None:
    quote = ArchiveMarket(bars, FixedClock(utc("2025-01-01 02:30"))).quote("BTCUSDT")
    assert (quote.bid, quote.ask) == (Decimal("11.20"), Decimal("11.20"))
    assert (quote.as_of, quote.spread_included) == (utc("2025-01-01 02:00"), False)


@pytest.mark.parametrize("at", ["2025-01-01 03:00", "2025-01-01 05:00", "2024-12-31 23:00"])
def test_in_a_gap_before_the_start_and_after_the_end_there_is_no_quote(bars: FakeBars, at: str) -> None:
    with pytest.raises(MissingBars, match="no 1h bar at"):
        ArchiveMarket(bars, FixedClock(utc(at))).quote("BTCUSDT")


def test_instruments_are_those_with_bars(bars: FakeBars) -> None:
    market = ArchiveMarket(bars, FixedClock(utc("2025-01-01")))
    assert [one.symbol for one in market.instruments()] == ["BTCUSDT"]
    with pytest.raises(MissingBars, match="import or sync"):
        market.quote("ETHUSDT")


def test_the_finest_interval_gives_the_quote_unless_one_is_chosen(bars: FakeBars) -> None:
    bars.write("ARCHIVE", bars_at("2025-01-01 01:29", [50.5, 60.5, 70.5], interval=Interval.M1))
    clock = FixedClock(utc("2025-01-01 01:31"))
    assert ArchiveMarket(bars, clock).quote("BTCUSDT").bid == Decimal("60.50")
    assert ArchiveMarket(bars, clock, interval=Interval.H1).quote("BTCUSDT").bid == Decimal("10.10")


def test_bars_imported_since_are_seen_after_forget(bars: FakeBars) -> None:
    market = ArchiveMarket(bars, FixedClock(utc("2025-01-02")))
    market.bars("BTCUSDT", Interval.H1, utc("2025-01-01"), utc("2025-01-02"))
    bars.write("ARCHIVE", bars_at("2025-01-01 05:00", [99.0]))
    market.forget()
    assert len(market.bars("BTCUSDT", Interval.H1, utc("2025-01-01"), utc("2025-01-02"))) == 5


def test_any_source_of_the_cache_can_be_replayed(bars: FakeBars) -> None:
    bars.write("BINANCE", bars_at("2025-01-01", [1.5]))
    bars.write_rules("BINANCE", [instrument("BTCUSDT")])
    market = ArchiveMarket(bars, FixedClock(utc("2025-01-01")), "BINANCE")
    assert market.quote("BTCUSDT").bid == Decimal("1.50")
