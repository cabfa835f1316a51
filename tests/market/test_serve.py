"""The feed gives the newest closed bars from memory and asks for at most what is due."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.domain.interval import Interval
from engine.market.serve import WINDOW, BarFeed
from tests.builders import bars_at, utc
from tests.fakes.market import FakeBars, FakeMarket, FixedClock

START = utc("2024-01-01")
LONG = bars_at("2024-01-01", range(1, WINDOW + 201))
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START + HOUR * (WINDOW + 100))


@pytest.fixture
def source(clock: FixedClock) -> FakeMarket:
    return FakeMarket(clock, LONG)


def test_the_window_is_the_last_places_of_the_grid_that_have_closed(clock: FixedClock, source: FakeMarket) -> None:
    window = BarFeed(source, "BINANCE").window("BTCUSDT", Interval.H1, clock.now())
    assert len(window) == WINDOW
    assert window == LONG.rows(100, WINDOW + 100)


def test_a_new_bar_costs_one_small_request_and_none_costs_none(clock: FixedClock, source: FakeMarket) -> None:
    feed = BarFeed(source, "BINANCE")
    feed.window("BTCUSDT", Interval.H1, clock.now())
    clock.forward(HOUR)
    for _ in range(3):
        window = feed.window("BTCUSDT", Interval.H1, clock.now())
    assert source.asked[1:] == [(clock.now() - HOUR, clock.now())]
    assert window == LONG.rows(101, WINDOW + 101)


def test_a_bar_that_is_late_is_asked_for_again(clock: FixedClock, source: FakeMarket) -> None:
    feed = BarFeed(source, "BINANCE")
    source.series["BTCUSDT", Interval.H1] = LONG.rows(0, WINDOW + 99)
    assert feed.window("BTCUSDT", Interval.H1, clock.now()).last_close_at == clock.now() - HOUR
    source.series["BTCUSDT", Interval.H1] = LONG
    assert feed.window("BTCUSDT", Interval.H1, clock.now()).last_close_at == clock.now()


def test_what_was_fetched_is_in_the_cache_and_comes_from_it_after_a_restart(
    clock: FixedClock, source: FakeMarket
) -> None:
    bars = FakeBars()
    before = BarFeed(source, "BINANCE", bars).window("BTCUSDT", Interval.H1, clock.now())
    source.asked.clear()
    after = BarFeed(source, "BINANCE", bars).window("BTCUSDT", Interval.H1, clock.now())
    assert after == before
    assert source.asked == []


def test_a_clock_set_back_and_a_long_sleep_give_what_a_new_feed_gives(clock: FixedClock, source: FakeMarket) -> None:
    feed = BarFeed(source, "BINANCE")
    for hours in (WINDOW + 100, 50, 10, WINDOW + 150, WINDOW + 20):
        clock.at = START + HOUR * hours
        fresh = BarFeed(source, "BINANCE").window("BTCUSDT", Interval.H1, clock.now())
        assert feed.window("BTCUSDT", Interval.H1, clock.now()) == fresh


def test_an_instrument_younger_than_the_window_is_given_whole(clock: FixedClock) -> None:
    young = bars_at("2024-06-01", range(1, 101))
    clock.at = utc("2024-06-03")
    feed = BarFeed(FakeMarket(clock, young), "BINANCE")
    assert feed.window("BTCUSDT", Interval.H1, clock.now()) == young.rows(0, 48)
    clock.forward(HOUR)
    assert feed.window("BTCUSDT", Interval.H1, clock.now()) == young.rows(0, 49)


def test_what_is_fetched_for_a_decision_is_written_when_there_is_time(clock: FixedClock, source: FakeMarket) -> None:
    bars = FakeBars()
    feed = BarFeed(source, "BINANCE", bars)
    feed.window("BTCUSDT", Interval.H1, clock.now())
    stored = bars.read("BINANCE", "BTCUSDT", Interval.H1)
    for _ in range(2):
        clock.forward(HOUR)
        window = feed.window("BTCUSDT", Interval.H1, clock.now())
    assert bars.read("BINANCE", "BTCUSDT", Interval.H1) == stored
    assert not feed.save()  # both bars in one go
    assert bars.read("BINANCE", "BTCUSDT", Interval.H1).rows(2, WINDOW + 2) == window
    assert not feed.save()
