"""What the parquet cache promises beyond the port: whole writes, several processes, names that stay inside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.adapters.bars import ParquetBars, files, parts
from engine.domain.errors import ConfigurationError, MarketDataError
from engine.domain.interval import Interval
from tests.builders import bars_at, instrument, utc

H1 = Interval.H1


@pytest.fixture
def bars(tmp_path: Path) -> ParquetBars:
    return ParquetBars(tmp_path / "bars")


def test_hours_lie_in_years_and_minutes_in_months(bars: ParquetBars, tmp_path: Path) -> None:
    bars.write("ARCHIVE", bars_at("2024-12-31 22:00", range(1, 6)))
    bars.write("ARCHIVE", bars_at("2024-11-30 23:59", range(1, 6), interval=Interval.M1))
    folder = tmp_path / "bars" / "ARCHIVE" / "BTCUSDT"
    assert sorted(json.loads((folder / "1h" / "manifest.json").read_text())) == ["2024", "2025"]
    assert sorted(json.loads((folder / "1m" / "manifest.json").read_text())) == ["2024-11", "2024-12"]


def test_a_range_opens_only_the_parts_it_needs(bars: ParquetBars, tmp_path: Path) -> None:
    bars.write("ARCHIVE", bars_at("2023-12-31 22:00", range(1, 6)))
    folder = tmp_path / "bars" / "ARCHIVE" / "BTCUSDT" / "1h"
    (folder / parts.read_manifest(folder)["2023"].file).write_bytes(b"damaged")
    assert list(bars.read("ARCHIVE", "BTCUSDT", H1, utc("2024-01-01"))) != []
    with pytest.raises(MarketDataError, match=r"damaged .* delete .* and sync or import again"):
        bars.read("ARCHIVE", "BTCUSDT", H1)


def test_a_shelf_keeps_the_prices_of_two_venues_apart(tmp_path: Path) -> None:
    here, there = ParquetBars(tmp_path), ParquetBars(tmp_path, {"BINANCE": "BINANCE-elsewhere"})
    here.write("BINANCE", bars_at("2024-12-31", range(1, 6)))
    there.write_rules("BINANCE", [instrument("BTCUSD")])
    assert there.coverage("BINANCE") == []
    assert len(there.read("BINANCE", "BTCUSDT", H1)) == 0
    assert here.rules("BINANCE") == []
    assert [c.source for c in here.coverage("BINANCE")] == ["BINANCE"]


def test_an_append_touches_one_part(bars: ParquetBars, tmp_path: Path) -> None:
    bars.write("ARCHIVE", bars_at("2023-12-31 22:00", range(1, 6)))
    folder = tmp_path / "bars" / "ARCHIVE" / "BTCUSDT" / "1h"
    before = parts.read_manifest(folder)
    bars.write("ARCHIVE", bars_at("2024-01-01 03:00", [7]))
    after = parts.read_manifest(folder)
    assert before["2023"] == after["2023"]
    assert before["2024"] != after["2024"]


def test_writing_what_is_there_writes_nothing(bars: ParquetBars, tmp_path: Path) -> None:
    series = bars_at("2024-01-01", range(1, 6))
    bars.write("ARCHIVE", series)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "bars").rglob("*.parquet")}
    assert bars.write("ARCHIVE", series) == 0
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "bars").rglob("*.parquet")} == before


def test_a_reader_whose_parts_were_replaced_reads_again(
    bars: ParquetBars, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars.write("ARCHIVE", bars_at("2024-01-01", [1, 2]))
    folder = tmp_path / "bars" / "ARCHIVE" / "BTCUSDT" / "1h"
    stale = parts.read_manifest(folder)
    bars.write("ARCHIVE", bars_at("2024-01-01", [3, 4]))
    (folder / stale["2024"].file).unlink()
    answers = iter([stale, parts.read_manifest(folder)])
    monkeypatch.setattr(parts, "read_manifest", lambda _: next(answers))
    assert list(bars.read("ARCHIVE", "BTCUSDT", H1).close) == [3, 4]


def test_parts_that_are_gone_for_good_are_told(bars: ParquetBars, tmp_path: Path) -> None:
    bars.write("ARCHIVE", bars_at("2024-01-01", [1, 2]))
    for path in (tmp_path / "bars").rglob("*.parquet"):
        path.unlink()
    with pytest.raises(MarketDataError, match="parts are missing; delete the folder"):
        bars.read("ARCHIVE", "BTCUSDT", H1)


@pytest.mark.parametrize("broken", ["write_part", "write_manifest"])
def test_a_write_that_fails_half_way_changes_nothing(
    bars: ParquetBars, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    old = bars_at("2023-12-31 22:00", range(1, 6))
    bars.write("ARCHIVE", old)
    real, calls = getattr(parts, broken), []

    def fail(*args: object) -> object:
        calls.append(args)
        if broken == "write_manifest" or len(calls) == 2:
            raise OSError("disk full")
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(parts, broken, fail)
        with pytest.raises(OSError, match="disk full"):
            bars.write("ARCHIVE", bars_at("2023-12-31 22:00", range(101, 121)))
    assert bars.read("ARCHIVE", "BTCUSDT", H1) == old


def test_a_draft_is_removed_when_its_write_fails(tmp_path: Path) -> None:
    def fail(draft: Path) -> None:
        draft.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        files.write_whole(tmp_path / "rules.json", fail)
    assert list(tmp_path.iterdir()) == []


_WRITER = """
import sys
from pathlib import Path
from engine.adapters.bars import ParquetBars
from tests.builders import bars_at
bars = ParquetBars(Path(sys.argv[1]))
first = int(sys.argv[2])
print("ready", flush=True)
for k in range(first, first + int(sys.argv[3])):
    bars.write("ARCHIVE", bars_at("2023-12-30 00:00", [k + 1.0] * 96))
    bars.write("ARCHIVE", bars_at("2024-02-01", [1.0] * 200, without=[i for i in range(200) if i != k % 200]))
"""


def _writer(root: Path, first: int, rounds: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(root), str(first), str(rounds)], stdout=subprocess.PIPE, text=True
    )


def test_two_processes_that_write_one_series_lose_nothing(bars: ParquetBars, tmp_path: Path) -> None:
    writers = [_writer(tmp_path / "bars", first, 12) for first in (0, 12)]
    deadline = time.monotonic() + 60
    while any(writer.poll() is None for writer in writers) and time.monotonic() < deadline:
        closes = set(bars.read("ARCHIVE", "BTCUSDT", H1, None, utc("2024-01-05")).close)
        assert len(closes) <= 1, "a reader saw half of a write that spans two parts"
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    assert len(bars.read("ARCHIVE", "BTCUSDT", H1, utc("2024-02-01"))) == 24


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a POSIX signal")
@pytest.mark.parametrize("milliseconds", [3, 17, 31, 64])
def test_a_kill_in_mid_write_leaves_the_old_bars_or_the_new_ones(
    bars: ParquetBars, tmp_path: Path, milliseconds: int
) -> None:
    writer = _writer(tmp_path / "bars", 0, 100_000)
    assert writer.stdout is not None
    writer.stdout.readline()
    deadline = time.monotonic() + 30
    while not len(bars.read("ARCHIVE", "BTCUSDT", H1)) and time.monotonic() < deadline:
        pass
    time.sleep(milliseconds / 1000)  # a kill has no clock to pass
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate(timeout=30)
    stored = bars.read("ARCHIVE", "BTCUSDT", H1, None, utc("2024-01-05"))
    assert len(stored) == 96
    assert len(set(stored.close)) == 1
    assert bars.write("ARCHIVE", bars_at("2023-12-30 00:00", [9.0] * 96)) == 0, "the dead writer's lock is free"


def test_files_of_killed_writers_are_swept(bars: ParquetBars, tmp_path: Path) -> None:
    bars.write("ARCHIVE", bars_at("2024-01-01", [1, 2]))
    folder = tmp_path / "bars" / "ARCHIVE" / "BTCUSDT" / "1h"
    old, young = folder / "2024.dead.parquet", folder / ".2024.parquet.fresh.tmp"
    for path in (old, young):
        path.write_bytes(b"left behind")
    os.utime(old, (0, 0))
    bars.write("ARCHIVE", bars_at("2024-01-01", [1, 2, 3]))
    assert (old.exists(), young.exists()) == (False, True)


@pytest.mark.parametrize("symbol", ["../x", "a/b", "..", "", ".", "A\\B", "C:", "x" * 41, "BTC USDT", "nul\x00"])
def test_a_symbol_that_could_name_another_place_is_refused(bars: ParquetBars, tmp_path: Path, symbol: str) -> None:
    for attempt in (
        lambda: bars.write("ARCHIVE", bars_at("2024-01-01", [1], symbol=symbol)),
        lambda: bars.read("ARCHIVE", symbol, H1),
        lambda: bars.read(symbol, "BTCUSDT", H1),
        lambda: bars.coverage(symbol),
        lambda: bars.write_rules("ARCHIVE", [instrument(symbol)]),
    ):
        with pytest.raises(ConfigurationError, match="is not a name of letters, digits"):
            attempt()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "[]", "{", '{"2024": {"file": "x"}}', '{"2024": 7}'])
def test_a_damaged_manifest_says_what_to_do(bars: ParquetBars, tmp_path: Path, text: str) -> None:
    bars.write("ARCHIVE", bars_at("2024-01-01", [1, 2]))
    (tmp_path / "bars/ARCHIVE/BTCUSDT/1h/manifest.json").write_text(text)
    with pytest.raises(MarketDataError, match=r"damaged .* sync or import again"):
        bars.read("ARCHIVE", "BTCUSDT", H1)


@pytest.mark.parametrize("text", ["", "{", "[{}]", '[{"symbol": "X", "base": "X"}]', "7"])
def test_damaged_rules_say_what_to_do(bars: ParquetBars, tmp_path: Path, text: str) -> None:
    bars.write_rules("ARCHIVE", [instrument()])
    (tmp_path / "bars/ARCHIVE/rules.json").write_text(text)
    with pytest.raises(MarketDataError, match=r"damaged .* sync or import again"):
        bars.rules("ARCHIVE")
