"""What every cache of bars does: the parquet one and the one in memory that tests use."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.adapters.bars import ParquetBars
from engine.domain.bar import BarSeries
from engine.domain.interval import Interval
from engine.ports import Bars
from tests.builders import bars_at, instrument, utc
from tests.fakes.market import FakeBars


@pytest.fixture(params=["memory", "parquet"])
def bars(request: pytest.FixtureRequest, tmp_path: Path) -> Bars:
    return FakeBars() if request.param == "memory" else ParquetBars(tmp_path / "bars")


def test_what_was_written_is_read_back_to_the_bit(bars: Bars) -> None:
    series = bars_at("2024-12-31 20:00", [100.1, 0.1 + 0.2, 1e-7, 99999.99, 5, 6], without=[2])
    assert bars.write("ARCHIVE", series) == 5
    assert bars.read("ARCHIVE", "BTCUSDT", Interval.H1) == series


def test_nothing_stored_is_an_empty_series(bars: Bars) -> None:
    assert bars.read("ARCHIVE", "BTCUSDT", Interval.H1) == BarSeries.empty("BTCUSDT", Interval.H1)
    assert bars.write("ARCHIVE", BarSeries.empty("BTCUSDT", Interval.H1)) == 0
    assert list(bars.coverage("ARCHIVE")) == []
    assert list(bars.rules("ARCHIVE")) == []


@pytest.mark.parametrize(
    ("start", "end", "closes"),
    [
        (None, None, [1, 2, 3, 4]),
        ("2024-12-31 23:00", None, [2, 3, 4]),
        (None, "2024-12-31 23:00", [1]),
        ("2024-12-31 22:30", "2025-01-01 00:01", [2, 3]),
        ("2025-02-01", None, []),
        (None, "2024-01-01", []),
    ],
)
def test_a_range_takes_its_start_and_leaves_its_end(
    bars: Bars, start: str | None, end: str | None, closes: list[float]
) -> None:
    bars.write("ARCHIVE", bars_at("2024-12-31 22:00", [1, 2, 3, 4]))
    found = bars.read("ARCHIVE", "BTCUSDT", Interval.H1, utc(start) if start else None, utc(end) if end else None)
    assert list(found.close) == closes


def test_a_bar_written_again_replaces_the_old_one_and_is_not_new(bars: Bars) -> None:
    bars.write("ARCHIVE", bars_at("2025-01-01", [1, 2, 3]))
    assert bars.write("ARCHIVE", bars_at("2025-01-01 02:00", [30, 4])) == 1
    assert list(bars.read("ARCHIVE", "BTCUSDT", Interval.H1).close) == [1, 2, 30, 4]


def test_older_bars_and_gaps_can_be_filled_in_later(bars: Bars) -> None:
    bars.write("ARCHIVE", bars_at("2025-01-01 05:00", [6, 7, 8], without=[1]))
    assert bars.write("ARCHIVE", bars_at("2025-01-01 04:00", [5, 6, 7])) == 2
    assert list(bars.read("ARCHIVE", "BTCUSDT", Interval.H1).close) == [5, 6, 7, 8]


def test_sources_symbols_and_intervals_do_not_mix(bars: Bars) -> None:
    bars.write("ARCHIVE", bars_at("2025-01-01", [1]))
    bars.write("BINANCE", bars_at("2025-01-01", [2]))
    bars.write("ARCHIVE", bars_at("2025-01-01", [3], symbol="ETHUSDT"))
    bars.write("ARCHIVE", bars_at("2025-01-01", [4], interval=Interval.M1))
    assert list(bars.read("ARCHIVE", "BTCUSDT", Interval.H1).close) == [1]
    assert [(one.symbol, one.interval) for one in bars.coverage("ARCHIVE")] == [
        ("BTCUSDT", Interval.H1), ("BTCUSDT", Interval.M1), ("ETHUSDT", Interval.H1),
    ]  # fmt: skip


def test_coverage_counts_bars_and_what_is_missing_between(bars: Bars) -> None:
    bars.write("ARCHIVE", bars_at("2024-12-31 22:00", [1, 2, 3, 4, 5], without=[1, 3]))
    (covered,) = bars.coverage("ARCHIVE")
    assert (covered.n_bars, covered.missing) == (3, 2)
    assert (covered.first_open_at, covered.last_open_at) == (utc("2024-12-31 22:00"), utc("2025-01-01 02:00"))


def test_rules_are_kept_exactly_and_replaced_by_symbol(bars: Bars) -> None:
    bars.write_rules("ARCHIVE", [instrument("ETHUSDT"), instrument("BTCUSDT", tick="0.01")])
    bars.write_rules("ARCHIVE", [instrument("BTCUSDT", tick="0.0000001", lot="0.1")])
    assert list(bars.rules("ARCHIVE")) == [instrument("BTCUSDT", tick="0.0000001", lot="0.1"), instrument("ETHUSDT")]
