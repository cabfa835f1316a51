"""A rule's backtest starts light: no database, no learning, no pandas; and the first one says that it compiles."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.backtest import loop
from engine.cli import backtest, planned
from engine.kernel.compiled import is_cached
from tests.cli.shell import ROOT, Shell

HEAVY = ("alembic", "apscheduler", "binance", "pandas", "requests", "sklearn", "sqlalchemy", "talib")
ASK = f"""
import sys
from engine.__main__ import main
code = main(sys.argv[1:])
print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)
sys.exit(code)
"""
CSV = "open_time,open,high,low,close,volume\n" + "\n".join(
    f"{1_735_689_600_000 + i * 3_600_000},{100 + i % 9}.00,{111 + i % 9}.00,{99 + i % 9}.00,{101 + i % 9}.00,1"
    for i in range(300)
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "BTCUSDT-1h.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


def test_nothing_heavy_is_imported(tmp_path: Path, file: Path) -> None:
    arguments = ("backtest", "--bars", str(file), "--rule", "sma_cross:fast=3,slow=7", "--interval", "1h", "--json")
    answer = subprocess.run(
        [sys.executable, "-c", ASK, *arguments], cwd=ROOT, env={**os.environ, "AAITI_HOME": str(tmp_path / "home")},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["trades"] > 10
    assert answer.stderr.splitlines()[-1] == "[]"
    assert not (tmp_path / "home" / "aaiti.db").exists()


def test_the_first_run_after_an_install_says_that_it_compiles(
    shell: Shell, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("backtest", "--bars", str(file), "--rule", "buy_hold", "--interval", "1h")
    assert planned.COMPILES not in shell.run(*arguments).err
    monkeypatch.setattr(planned, "is_ready", lambda: False)
    assert planned.COMPILES in shell.run(*arguments).err


def test_ready_means_that_the_machine_code_is_on_disk() -> None:
    assert is_cached(loop.replay) == loop.is_ready()


def test_a_rule_on_stored_bars_and_the_same_beside_everything_else_are_one(shell: Shell, file: Path) -> None:
    light = shell.json("backtest", "--bars", str(file), "--rule", "sma_cross:fast=3,slow=7", "--interval", "1h")
    backtest_module, backtest.hand_over = backtest.hand_over, lambda _: "backtest_whole"  # type: ignore[assignment]
    try:
        whole = shell.json(
            "backtest", "--from", "2025-01-01", "--to", "2025-01-13T12:00", "--source", "ARCHIVE", "--instrument",
            "BTCUSDT", "--rule", "sma_cross:fast=3,slow=7", "--interval", "1h",
        )  # fmt: skip
    finally:
        backtest.hand_over = backtest_module
    assert {**light, "seconds": 0} == {**whole, "seconds": 0}
