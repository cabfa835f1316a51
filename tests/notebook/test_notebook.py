"""Python in three lines: the document's own lines run, and what they give is the command line's backtest."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.domain.errors import ConfigurationError, InvalidBar, MissingBars
from engine.notebook import LoadedBars, Run, backtest, load_bars
from tests.backtest.report.sample import walk_of
from tests.cli.shell import Shell

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "python.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a CSV of 900 bars."""
    path = tmp_path_factory.mktemp("notebook")
    series = walk_of("BTCUSDT", 900, 7)
    columns = {name: np.asarray(getattr(series, name)) for name in ("open", "high", "low", "close", "volume")}
    frame = pd.DataFrame({"open_time": np.asarray(series.open_ms), **columns})
    frame.to_csv(path / "BTCUSDT-1h.csv", index=False)
    return path


@pytest.fixture(scope="module")
def bars(folder: Path) -> LoadedBars:
    return load_bars(folder / "BTCUSDT-1h.csv")


@pytest.fixture(scope="module")
def run(bars: LoadedBars) -> Run:
    return backtest(bars, "sma_cross:fast=4,slow=11", fee_bps=10, stop_loss="0.02", take_profit="0.04")


def test_the_lines_of_the_document_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL):
        exec(block, names)
    assert names["by_exit"]["count"].sum() == len(names["run"].trades) > 5
    assert (folder / "run.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert names["again"] == names["bars"]


def test_it_is_the_command_lines_backtest(
    folder: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AAITI_HOME", str(tmp_path))
    told = Shell(capsys).json(
        "backtest", "--bars", str(folder / "BTCUSDT-1h.csv"), "--rule", "sma_cross:fast=4,slow=11", "--interval", "1h",
        "--fee-bps", "10", "--stop-loss", "0.02", "--take-profit", "0.04",
    )  # fmt: skip
    assert told["trades_sha256"] == run.result.trades_sha256
    assert told["final_equity"] == str(run.result.final_equity)
    stored = backtest(load_bars("BTCUSDT", "1h"), "sma_cross:fast=4,slow=11", fee_bps=10, stop_loss="0.02",
                      take_profit=Decimal("0.04"))  # fmt: skip
    assert stored.result.trades_sha256 == run.result.trades_sha256
    with pytest.raises(MissingBars, match="ARCHIVE has no 4h bars of BTCUSDT"):
        load_bars("BTCUSDT", "4h")


def test_a_latency_is_said(bars: LoadedBars, run: Run) -> None:
    late = backtest(bars, "sma_cross:fast=4,slow=11", fee_bps=10, stop_loss="0.02", take_profit="0.04", latency_bars=3)
    began = [frame.trades["opened_at"].iloc[0] for frame in (run, late)]
    assert began[1] - began[0] == pd.Timedelta(hours=2)
    assert any(note.startswith("a decision fills at the open of bar 3 after its close") for note in late.report.notes)


def test_finer_bars_are_asked(bars: LoadedBars) -> None:
    """Each hour's quarters: the first one rises to its high, the last one falls to its low."""
    hours = bars.frame.loc[bars.frame.index.repeat(4)].copy()
    place = np.tile(np.arange(4), len(bars.frame))
    hours.index = hours.index + pd.to_timedelta(15 * place, unit="min")
    hours["low"] = np.where(place == 3, hours["low"], hours[["open", "close"]].min(axis=1))
    hours["high"] = np.where(place == 0, hours["high"], hours[["open", "close"]].max(axis=1))
    finer = load_bars(hours, "15m", symbol="BTCUSDT")
    alone = backtest(bars, "buy_hold", stop_loss="0.002", take_profit="0.002")
    told = backtest(bars, "buy_hold", stop_loss="0.002", take_profit="0.002", finer=[finer])
    assert alone.result.decided["stop_first"] > 0
    assert told.result.decided["by_finer_bars"] > 0
    assert told.result.final_equity > alone.result.final_equity


def test_the_frames_add_up(run: Run) -> None:
    assert run.trades["profit"].sum() == pytest.approx(float(sum(t.profit for t in run.result.trades)))
    assert str(run.trades["opened_at"].dtype).startswith("datetime64")
    assert run.equity["equity"].iloc[-1] == float(run.result.final_equity)
    assert run.equity["drawdown"].max() == run.result.max_drawdown
    grown = np.prod(1 + run.equity["returns"].to_numpy())
    assert grown == pytest.approx(1 + run.result.total_return)
    assert run.figures.loc["this run", "trades"] == len(run.trades)
    assert "buy_hold" in run.figures.index
    assert (1 + run.months["total_return"]).prod() == pytest.approx(grown)


def test_several_instruments_share_the_money(bars: LoadedBars) -> None:
    other = load_bars(bars.frame * 1, "1h", symbol="ETHUSDT")
    both = backtest([bars, other], "buy_hold", cash=5_000, start="2025-01-25", end="2025-02-10",
                    limits={"max_correlation": "1"})  # fmt: skip
    assert set(both.trades["symbol"]) | {"BTCUSDT"} == {"BTCUSDT", "ETHUSDT"}
    assert both.equity.index[0] == pd.Timestamp("2025-01-25 01:00", tz="UTC")


def test_what_cannot_be_is_said(bars: LoadedBars, tmp_path: Path) -> None:
    broken = bars.frame.copy()
    broken.iloc[5, 3] = np.nan
    with pytest.raises(InvalidBar, match="BTCUSDT, row 5"):
        load_bars(broken, "1h", symbol="BTCUSDT")
    with pytest.raises(ConfigurationError, match="say symbol="):
        load_bars(bars.frame, "1h")
    with pytest.raises(ConfigurationError, match="missing are volume"):
        load_bars(bars.frame.drop(columns="volume"), "1h", symbol="BTCUSDT")
    with pytest.raises(ConfigurationError, match="interval '7h'"):
        load_bars(bars.frame, "7h", symbol="BTCUSDT")
    with pytest.raises(TypeError, match="cannot be money"):
        backtest(bars, "buy_hold", stop_loss=0.02)  # type: ignore[arg-type]
    with pytest.raises(InvalidBar, match="cannot be read"):
        load_bars(tmp_path / "nothing.csv")
