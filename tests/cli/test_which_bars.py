"""A run trades the bars that were asked for, of the source that has most of them, and says which they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.adapters.archive import import_paths
from engine.adapters.clock import WallClock
from engine.cli.stored import open_bars
from engine.domain.interval import parse_time
from engine.settings import load
from tests.cli.shell import Shell
from tests.cli.test_light_backtest import CSV


def test_a_file_says_which_bars_are_traded(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AAITI_HOME", str(tmp_path / "own"))
    lines = CSV.splitlines()
    paths = [tmp_path / name for name in ("BTCUSDT-1h-2025-01.csv", "BTCUSDT-1h-2025-02.csv", "ETHUSDT-1d.csv")]
    for path, rows in zip(paths, (lines[1:201], lines[201:], lines[1::24]), strict=True):
        path.write_text("\n".join([lines[0], *rows]) + "\n", encoding="utf-8")
    arguments = ("backtest", "--rule", "buy_hold", "--bars")
    assert [shell.json(*arguments, str(path))["bars"] for path in paths] == [200, 100, 13]
    assert shell.json(*arguments, str(paths[1]), "--from", "2025-01-02")["bars"] == 276, "what else is stored, if asked"
    assert shell.json(*arguments, str(tmp_path), "--interval", "1h")["bars"] == 300, "a folder's files are one span"
    for more in ((), ("--interval", "5m"), ("--instrument", "ADAUSDT")):
        said = shell.run(*arguments, str(tmp_path), *more)
        assert said.code == 2
        assert "holds BTCUSDT 1h, ETHUSDT 1d; choose with --instrument and --interval" in said.err


@pytest.fixture
def two_sources(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Of 300 hours the archive has the first 200, Binance all."""
    monkeypatch.setenv("AAITI_HOME", str(tmp_path / "own"))
    bars, now = open_bars(load()), WallClock().now()
    file = tmp_path / "BTCUSDT-1h.csv"
    for source, n in (("BINANCE", 300), ("ARCHIVE", 200)):
        file.write_text("\n".join(CSV.splitlines()[: 1 + n]), encoding="utf-8")
        import_paths([file], bars, now, source=source)
    return shell


@pytest.mark.parametrize(
    ("span", "told"),
    [(("2025-01-01", "2025-01-13"), ("BINANCE", 288, "2025-01-01", "2025-01-13")),
     (("2025-01-01", "2025-01-05"), ("ARCHIVE", 96, "2025-01-01", "2025-01-05")),
     (("2024-12-01", "2026-01-01"), ("BINANCE", 300, "2025-01-01", "2025-01-13T12:00")),
     (("2025-01-10", "2025-01-11"), ("BINANCE", 24, "2025-01-10", "2025-01-11"))],
)  # fmt: skip
def test_the_source_that_has_most_of_the_range_is_taken_and_told(
    two_sources: Shell, tmp_path: Path, span: tuple[str, str], told: tuple[object, ...]
) -> None:
    run = ("--rule", "buy_hold", "--instrument", "BTCUSDT", "--interval", "1h")
    light = two_sources.json("backtest", *run, "--from", span[0], "--to", span[1])
    whole = two_sources.json(
        "backtest", *run, "--from", span[0], "--to", span[1], "--report", str(tmp_path / "run.html")
    )
    lived = two_sources.json("trade", *run, "--replay", "..".join(span))
    for said in (light, whole, lived):
        found = (said["source"], said["bars"], parse_time(said["from"]), parse_time(said["to"]))
        assert found == (*told[:2], *(parse_time(str(at)) for at in told[2:]))


def test_the_source_that_is_named_is_taken_and_what_it_lacked_is_told(two_sources: Shell) -> None:
    said = two_sources.json("backtest", "--source", "ARCHIVE", "--rule", "buy_hold", "--instrument", "BTCUSDT",
                            "--interval", "1h", "--from", "2025-01-01", "--to", "2025-01-13")  # fmt: skip
    assert (said["source"], said["bars"], said["to"]) == ("ARCHIVE", 200, "2025-01-09T08:00:00Z")
