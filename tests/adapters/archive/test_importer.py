"""An import takes whole files, tells what it refused, and can be stopped or killed at any time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from engine.adapters.archive import ArchiveMarket, import_paths
from engine.adapters.bars import ParquetBars
from engine.domain.bar import BarSeries
from engine.domain.interval import Interval, to_ms
from engine.domain.money import to_atoms
from tests.builders import utc
from tests.fakes.market import FixedClock

NOW = utc("2026-01-01")
HOUR = Interval.H1.ms
SYMBOLS = {
    "BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "ADAUSDT", "DOGEUSDT", "LTCUSDT", "LINKUSDT", "DOTUSDT", "AVAXUSDT",
    "TRXUSDT", "BNBUSDT",
}  # fmt: skip


def write_csv(folder: Path, name: str, start: str, n_bars: int, *, price: float = 100.0, high: str = "") -> Path:
    first = to_ms(utc(start))
    rows = [f"{first + i * HOUR},{price},{high or price + 1},{price - 1},{price},2.5" for i in range(n_bars)]
    path = folder / name
    path.write_text("\n".join(["open_time,open,high,low,close,volume", *rows]))
    return path


@pytest.fixture
def bars(tmp_path: Path) -> ParquetBars:
    return ParquetBars(tmp_path / "cache")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files" / "deep").mkdir(parents=True)
    return tmp_path / "files"


def test_folders_are_walked_and_what_is_no_bar_file_is_passed_over(bars: ParquetBars, folder: Path) -> None:
    write_csv(folder, "BTCUSDT-1h.csv", "2025-01-01", 5)
    write_csv(folder / "deep", "ETHUSDT-1h.csv", "2025-01-01", 3)
    (folder / "README.md").write_text("about")
    (folder / "BTCUSDT-1h.zip.CHECKSUM").write_text("abc")
    report = import_paths([folder], bars, NOW)
    assert (report.instruments, report.bars, report.rejected) == (("BTCUSDT", "ETHUSDT"), 8, ())


def test_one_bad_file_is_told_in_one_line_and_the_others_go_in(bars: ParquetBars, folder: Path) -> None:
    write_csv(folder, "BTCUSDT-1h.csv", "2025-01-01", 5)
    write_csv(folder, "ETHUSDT-1h.csv", "2025-01-01", 5, high="50")
    write_csv(folder, "FOOBAR-1h.csv", "2025-01-01", 5)
    report = import_paths([folder, folder / "absent.csv", Path(__file__)], bars, NOW)
    assert report.instruments == ("BTCUSDT",)
    assert [line.split(":")[0].split("/")[-1] for line in report.rejected] == [
        "absent.csv", "test_importer.py", "ETHUSDT-1h.csv, row 2", "FOOBAR-1h.csv",
    ]  # fmt: skip
    assert not any("\n" in line for line in report.rejected)
    assert [one.symbol for one in bars.rules("ARCHIVE")] == ["BTCUSDT"]
    assert [one.symbol for one in bars.coverage("ARCHIVE")] == ["BTCUSDT"]


def test_a_column_named_twice_is_rejected_and_stops_no_other_file(bars: ParquetBars, folder: Path) -> None:
    path = folder / "AAVEUSDT-1h.csv"
    path.write_text("time,open,high,low,close,volume,volume\n1735689600,100.5,101,100,100.7,12.5,99\n")
    write_csv(folder, "BTCUSDT-1h.csv", "2025-01-01", 5)
    report = import_paths([folder], bars, NOW)
    assert report.instruments == ("BTCUSDT",)
    assert report.rejected == ("AAVEUSDT-1h.csv: has two columns 'volume'; remove or rename one",)


def test_monthly_files_make_one_series_and_its_gaps_are_counted_once(bars: ParquetBars, folder: Path) -> None:
    write_csv(folder, "BTCUSDT-1h-2025-01.csv", "2025-01-01", 24)
    write_csv(folder, "BTCUSDT-1h-2025-02.csv", "2025-01-02 03:00", 24, price=100.25)
    report = import_paths([folder], bars, NOW)
    assert (report.bars, report.new_bars, report.gaps, report.missing) == (48, 48, 1, 3)
    (rules,) = bars.rules("ARCHIVE")
    assert str(rules.tick_size) == "0.01"


def test_importing_again_changes_nothing(bars: ParquetBars, folder: Path) -> None:
    write_csv(folder, "BTCUSDT-1h.csv", "2025-01-01", 5)
    import_paths([folder], bars, NOW)
    before = bars.read("ARCHIVE", "BTCUSDT", Interval.H1)
    report = import_paths([folder], bars, NOW)
    assert (report.bars, report.new_bars) == (5, 0)
    assert bars.read("ARCHIVE", "BTCUSDT", Interval.H1) == before


def test_repairs_are_told(bars: ParquetBars, folder: Path) -> None:
    write_csv(folder, "BTCUSDT-1h.csv", "2025-12-31 20:00", 5)
    report = import_paths([folder], bars, NOW)
    assert report.notes == ("BTCUSDT-1h.csv, row 6: bar 2026-01-01T00:00:00Z has not closed yet; dropped",)
    assert report.bars == 4


def test_a_cancelled_import_keeps_whole_files(bars: ParquetBars, folder: Path) -> None:
    for name in ("ADAUSDT", "BTCUSDT", "ETHUSDT"):
        write_csv(folder, f"{name}-1h.csv", "2025-01-01", 5)
    heard: list[tuple[float, str]] = []

    def stop_at_the_second(share: float, name: str) -> bool:
        heard.append((share, name))
        return name == "BTCUSDT-1h.csv"

    report = import_paths([folder], bars, NOW, progress=stop_at_the_second)
    assert report.cancelled
    assert report.instruments == ("ADAUSDT",)
    assert heard == [(0.0, "ADAUSDT-1h.csv"), (1 / 3, "BTCUSDT-1h.csv")]
    assert [one.symbol for one in bars.coverage("ARCHIVE")] == ["ADAUSDT"]


_IMPORT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from engine.adapters.archive import import_paths
from engine.adapters.bars import ParquetBars
print("ready", flush=True)
import_paths([Path(sys.argv[1])], ParquetBars(Path(sys.argv[2])), datetime(2026, 1, 1, tzinfo=UTC))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a POSIX signal")
@pytest.mark.parametrize("milliseconds", [5, 30, 90])
def test_a_killed_import_leaves_whole_files_and_can_be_repeated(
    bars: ParquetBars, folder: Path, tmp_path: Path, milliseconds: int
) -> None:
    for i in range(30):
        write_csv(folder, f"A{i:02}USDT-1h.csv", "2024-12-01", 1500)
    command = [sys.executable, "-c", _IMPORT, str(folder), str(tmp_path / "cache")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(milliseconds / 1000)  # a kill has no clock to pass
        os.kill(process.pid, signal.SIGKILL)
    rules = {one.symbol for one in bars.rules("ARCHIVE")}
    for covered in bars.coverage("ARCHIVE"):
        assert covered.n_bars == 1500
        assert covered.symbol in rules
    report = import_paths([folder], bars, NOW)
    assert len(report.instruments) == 30
    assert report.rejected == ()


@pytest.mark.market_data
def test_all_the_recorded_market_data_goes_in(bars: ParquetBars, shared: Path) -> None:
    started = time.perf_counter()
    report = import_paths([shared / "data" / "bars"], bars, NOW)
    seconds = time.perf_counter() - started
    assert set(report.instruments) == SYMBOLS
    assert (report.bars, report.gaps, report.missing) == (1_767_594, 251, 916)
    assert (report.rejected, report.notes) == ((), ())
    assert seconds < 30, f"took {seconds:.1f} s; it takes about 3 s on an idle core"
    for one in bars.rules("ARCHIVE"):
        series = bars.read("ARCHIVE", one.symbol, Interval.H1)
        _assert_whole_ticks(series, float(one.tick_size))
        assert one.tick_lot_atoms >= 1
        assert to_atoms(one.min_notional) > 0


@pytest.mark.market_data
def test_what_is_imported_is_what_the_file_says(bars: ParquetBars, shared: Path) -> None:
    path = shared / "data" / "bars" / "SOLUSDT-1h.parquet"
    import_paths([path], bars, NOW)
    table, series = pq.read_table(path), bars.read("ARCHIVE", "SOLUSDT", Interval.H1)
    assert list(series.open_ms) == table["open_time"].to_pylist()
    assert list(series.close) == table["close"].to_pylist()


@pytest.mark.market_data
def test_a_replay_reads_the_imported_bars_by_its_clock(bars: ParquetBars, shared: Path) -> None:
    import_paths([shared / "data" / "bars" / "BTCUSDT-1h.parquet"], bars, NOW)
    market = ArchiveMarket(bars, FixedClock(utc("2025-04-01 12:00")))
    seen = market.bars("BTCUSDT", Interval.H1, utc("2025-03-01"), utc("2025-05-01"))
    assert seen.last_close_at == utc("2025-04-01 12:00")
    following = bars.read("ARCHIVE", "BTCUSDT", Interval.H1, utc("2025-04-01 12:00"), utc("2025-04-01 13:00"))
    assert float(market.quote("BTCUSDT").bid) == following.open[0]


def _assert_whole_ticks(series: BarSeries, tick: float) -> None:
    for column in (series.open, series.high, series.low, series.close):
        assert all(abs(round(price / tick) * tick - price) < 1e-9 * price for price in column)
