"""A rule's backtest starts light: no database, no learning, no pandas; and the first one says that it compiles."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.backtest import loop
from engine.backtest.report.html import from_html
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
    rule = ("--rule", "sma_cross:fast=3,slow=7", "--latency", "3")
    light = shell.json("backtest", "--bars", str(file), *rule, "--interval", "1h")
    backtest_module, backtest.hand_over = backtest.hand_over, lambda _: "backtest_whole"  # type: ignore[assignment]
    try:
        whole = shell.json(
            "backtest", "--from", "2025-01-01", "--to", "2025-01-13T12:00", "--source", "ARCHIVE", "--instrument",
            "BTCUSDT", *rule, "--interval", "1h",
        )  # fmt: skip
    finally:
        backtest.hand_over = backtest_module
    assert {**light, "seconds": 0} == {**whole, "seconds": 0}
    at_once = shell.json("backtest", "--bars", str(file), *rule[:2], "--interval", "1h")
    assert (light["latency_bars"], at_once["latency_bars"]) == (3, 1)
    assert light["trades_sha256"] != at_once["trades_sha256"]


def test_a_report_and_its_trades_are_files_and_the_json_keeps_its_keys(
    shell: Shell, file: Path, tmp_path: Path
) -> None:
    arguments = ("backtest", "--bars", str(file), "--rule", "sma_cross:fast=3,slow=7", "--interval", "1h")
    plain = shell.json(*arguments)
    page, rows = tmp_path / "run.html", tmp_path / "run.csv"
    told = shell.json(*arguments, "--report", str(page), "--trades", str(rows))
    assert list(told)[: len(plain)] == list(plain)
    assert {k: v for k, v in told.items() if k in plain and k != "seconds"} == {
        k: v for k, v in plain.items() if k != "seconds"
    }
    assert (told["report"], told["trades_csv"]) == (str(page), str(rows))
    assert len(rows.read_text(encoding="utf-8").splitlines()) == 1 + told["trades"]
    report = from_html(page.read_text(encoding="utf-8"))
    assert (report.trades_sha256, report.honesty.trials) == (told["trades_sha256"], told["trials"])
    assert report.honesty.sharpe is not None
    assert told["sharpe"] == pytest.approx(report.honesty.sharpe, rel=1e-9) == report.own.figures.sharpe
    assert told["sharpe_of"] == report.honesty.basis
    light = shell.json(*arguments, "--trades", str(tmp_path / "light.csv"))
    assert (tmp_path / "light.csv").read_bytes() == rows.read_bytes()
    assert light["trades_sha256"] == told["trades_sha256"]


def test_every_reported_recipe_counts_once_and_the_next_report_says_so(
    shell: Shell, file: Path, tmp_path: Path
) -> None:
    def trials(rule: str) -> int:
        said = shell.json("backtest", "--bars", str(file), "--rule", rule, "--interval", "1h", "--report",
                          str(tmp_path / "run.html"))  # fmt: skip
        return int(said["trials"])

    first = trials("sma_cross:fast=3,slow=9")
    assert trials("sma_cross:fast=3,slow=9") == first
    assert trials("sma_cross:fast=4,slow=9") == first + 1


def test_a_backtest_that_only_prints_its_sharpe_is_a_trial_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                               shell: Shell, file: Path) -> None:  # fmt: skip
    monkeypatch.setenv("AAITI_HOME", str(tmp_path / "own"))
    arguments = ("backtest", "--bars", str(file), "--interval", "1h", "--rule")
    for fast in (3, 4, 3):
        shell.json(*arguments, f"sma_cross:fast={fast},slow=9")
    assert not (tmp_path / "own" / "aaiti.db").exists()
    ledger = shell.json("trials", "--instrument", "BTCUSDT")
    assert (ledger["recipes"], ledger["kinds"]) == (2, {"BACKTEST": {"recipes": 2, "runs": 2}})
    assert shell.json("trials", "--instrument", "BTCUSDT") == ledger
    page = str(tmp_path / "run.html")
    told = shell.json(*arguments, "sma_cross:fast=4,slow=9", "--report", page)
    assert told["trials"] == 2, "the same recipe with a report is no other one"
    assert shell.json(*arguments, "sma_cross:fast=5,slow=9", "--report", page)["trials"] == 3


def test_a_backtest_beside_everything_else_is_a_trial_without_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: Shell
) -> None:
    monkeypatch.setenv("AAITI_HOME", str(tmp_path))
    shell.json("backtest", "--source", "SIMULATED", "--instrument", "ALFAUSDT", "--interval", "1h", "--rule",
               "buy_hold", "--from", "2020-01-01", "--to", "2020-01-20")  # fmt: skip
    assert shell.json("trials", "--instrument", "ALFAUSDT")["recipes"] == 1


def test_two_reports_stand_side_by_side(shell: Shell, file: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one.html", tmp_path / "two.html"
    arguments = ("backtest", "--bars", str(file), "--interval", "1h", "--rule")
    shell.json(*arguments, "buy_hold", "--report", str(one))
    shell.json(*arguments, "sma_cross:fast=3,slow=7", "--report", str(two), "--beside", str(one))
    assert "rule:buy_hold on BTCUSDT 1h" in two.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("more", "words"),
    [(("--beside", "x.html"), "needs --report"), (("--report", "{}/no/x.html"), "No such file"),
     (("--report", "{}/x.html", "--beside", "{}/BTCUSDT-1h.csv"), "carries no report")],
)  # fmt: skip
def test_files_that_cannot_be_are_named(
    shell: Shell, file: Path, tmp_path: Path, more: tuple[str, ...], words: str
) -> None:
    arguments = ("backtest", "--bars", str(file), "--rule", "buy_hold", "--interval", "1h")
    said = shell.run(*arguments, *(text.format(tmp_path) for text in more))
    assert said.code == 2
    assert words in said.err
    assert "Traceback" not in said.err


def test_checks_are_asked_for_and_told_after_the_keys_that_were_there(shell: Shell, file: Path) -> None:
    arguments = ("backtest", "--bars", str(file), "--rule", "sma_cross:fast=3,slow=7", "--interval", "1h")
    told = shell.json(*arguments, "--check")
    assert [(check["name"], check["passed"]) for check in told["checks"]] == [("look-ahead", True), ("warm-up", True)]
    assert told["ok"] is True
    assert list(told)[-2:] == ["checks", "ok"]
