"""Sync asks a source for what the cache lacks and nothing else."""

from __future__ import annotations

import pytest

from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError, VenueUnavailable
from engine.domain.interval import Interval
from engine.market import sync as room
from engine.market.sync import Asked, SyncReport, sync
from tests.builders import bars_at, utc
from tests.fakes.market import FakeBars, FakeMarket, FixedClock

NOON = "2025-01-01 12:00"


def run(
    market: FakeMarket, bars: FakeBars, start: str = "2025-01-01", end: str = NOON, asked: Asked | None = None
) -> SyncReport:
    return sync(market, bars, "BINANCE", "BTCUSDT", interval=Interval.H1, start=utc(start), end=utc(end), asked=asked)


def market(series: BarSeries) -> FakeMarket:
    return FakeMarket(FixedClock(utc(NOON)), series)


def test_an_empty_cache_takes_the_whole_range() -> None:
    bars, source = FakeBars(), market(bars_at("2025-01-01", range(1, 25)))
    report = run(source, bars)
    assert (report.new, report.requests, report.missing) == (12, 1, 0)
    assert report.series == bars.read("BINANCE", "BTCUSDT", Interval.H1)
    assert len(report.series) == 12


def test_only_what_follows_the_last_stored_bar_is_fetched() -> None:
    bars, source = FakeBars(), market(bars_at("2025-01-01", range(1, 25)))
    bars.write("BINANCE", bars_at("2025-01-01", range(1, 11)))
    report = run(source, bars)
    assert source.asked == [(utc("2025-01-01 10:00"), utc(NOON))]
    assert (report.new, len(report.series)) == (2, 12)


def test_a_cache_that_is_whole_asks_for_nothing() -> None:
    bars, source = FakeBars(), market(bars_at("2025-01-01", range(1, 25)))
    run(source, bars)
    assert run(source, bars).requests == 0


def test_what_lies_before_the_first_stored_bar_is_fetched_too() -> None:
    bars, source = FakeBars(), market(bars_at("2025-01-01", range(1, 25)))
    bars.write("BINANCE", bars_at("2025-01-01 03:00", range(4, 13)))
    assert run(source, bars).new == 3


def test_a_gap_in_the_cache_is_fetched_and_closed() -> None:
    bars, source = FakeBars(), market(bars_at("2025-01-01", range(1, 25)))
    bars.write("BINANCE", bars_at("2025-01-01", range(1, 13), without=[4, 5]))
    report = run(source, bars)
    assert source.asked == [(utc("2025-01-01 04:00"), utc("2025-01-01 06:00"))]
    assert (report.new, report.missing) == (2, 0)


def test_an_outage_of_the_venue_stays_a_gap_and_is_asked_about_once() -> None:
    bars, source = FakeBars(), market(bars_at("2025-01-01", range(1, 25), without=[4, 5]))
    asked: Asked = set()
    assert run(source, bars, asked=asked).missing == 2
    second, third = run(source, bars, asked=asked), run(source, bars, asked=asked)
    assert (second.requests, third.requests) == (1, 0)
    assert [gap.missing for gap in third.gaps] == [2]


def test_the_end_of_the_range_is_asked_for_each_time() -> None:
    bars, source = FakeBars(), market(bars_at("2025-01-01", range(1, 11)))
    asked: Asked = set()
    for _ in range(2):
        run(source, bars, asked=asked)
    source.series["BTCUSDT", Interval.H1] = bars_at("2025-01-01", range(1, 13))
    assert run(source, bars, asked=asked).new == 2


def test_what_came_before_the_source_failed_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(FakeMarket):
        def bars(self, symbol: str, interval: Interval, start: object, end: object) -> BarSeries:
            if len(self.asked) == 2:
                raise VenueUnavailable("the line is down; try again")
            return super().bars(symbol, interval, start, end)  # type: ignore[arg-type]

    monkeypatch.setattr(room, "CHUNK", 4)
    bars = FakeBars()
    with pytest.raises(VenueUnavailable):
        run(Failing(FixedClock(utc(NOON)), bars_at("2025-01-01", range(1, 25))), bars)
    assert len(bars.read("BINANCE", "BTCUSDT", Interval.H1)) == 8
    assert run(market(bars_at("2025-01-01", range(1, 25))), bars).new == 4


def test_progress_grows_to_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "CHUNK", 4)
    heard: list[float] = []
    sync(
        market(bars_at("2025-01-01", range(1, 25))), FakeBars(), "BINANCE", "BTCUSDT", interval=Interval.H1,
        start=utc("2025-01-01"), end=utc(NOON), progress=heard.append,
    )  # fmt: skip
    assert heard == pytest.approx([1 / 3, 2 / 3, 1])


def test_a_range_the_wrong_way_round_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="is not before end"):
        run(market(bars_at("2025-01-01", [1])), FakeBars(), start=NOON, end="2025-01-01")
