"""The README keeps its word: its examples run, its tables match the code, its links lead somewhere."""

from __future__ import annotations

import json
import math
import os
import random
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.__main__ import COMMANDS
from engine.settings import load

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
HOUR_MS = 3_600_000


def examples() -> list[str]:
    return [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]


def monthly_archive(path: Path) -> None:
    """Eight months of hourly bars in the columns of Binance's public archives."""
    dice, price, rows = random.Random(7), 60_000.0, []
    opened = int(datetime(2024, 11, 1, tzinfo=UTC).timestamp()) * 1000
    for i in range(243 * 24):
        close = price * math.exp(dice.gauss(0, 0.006) + 0.001 * math.sin(i / 40))
        high, low = max(price, close) * 1.002, min(price, close) * 0.998
        cells = [f"{value:.2f}" for value in (price, high, low, close)]
        price, start = float(cells[3]), opened + i * HOUR_MS
        rest = ["12.5", str(start + HOUR_MS - 1), "750000.0", "900", "6.0", "1.0", "0"]
        rows.append(",".join([str(start), *cells, *rest]))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, subprocess.CompletedProcess[str]]:
    """What each example printed, run in the README's order in a home of its own."""
    folder = tmp_path_factory.mktemp("readme")
    monthly_archive(folder / "BTCUSDT-1h.csv")
    environment = {
        **os.environ, "AAITI_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1",
        "AAITI_BINANCE_URL": "http://127.0.0.1:9", "AAITI_COINGECKO_URL": "http://127.0.0.1:9",
    }  # fmt: skip
    answers = {}
    for line in examples():
        words = shlex.split(line)
        assert words[0] == "python", line
        answers[line] = subprocess.run(
            [sys.executable, *words[1:]], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
    return answers


@pytest.mark.parametrize("line", examples())
def test_an_example_runs(outputs: dict[str, subprocess.CompletedProcess[str]], line: str) -> None:
    answer = outputs[line]

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.strip()
    assert "Traceback" not in answer.stderr


def test_backtest_and_replay_of_the_readme_are_the_same_trades(
    outputs: dict[str, subprocess.CompletedProcess[str]],
) -> None:
    (backtest,) = (answer for line, answer in outputs.items() if " backtest " in line)
    (replay,) = (answer for line, answer in outputs.items() if " --replay " in line)
    told = json.loads(replay.stdout)

    assert told["trades"] > 0
    assert told["trades_sha256"] in backtest.stdout


def test_the_table_of_commands_is_the_command_line() -> None:
    told = set(re.findall(r"^\| `([a-z]+)[ `]", README, re.MULTILINE))

    assert told == COMMANDS.keys() - {"job"}


class Listening(dict[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return default


def test_the_table_of_settings_is_what_settings_reads() -> None:
    environment = Listening()
    load(environment)

    assert set(re.findall(r"`(AAITI_[A-Z_]+)`", README)) == environment.asked


def links() -> Iterator[tuple[Path, str]]:
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#\s]+)\)", document.read_text(encoding="utf-8")):
            if "://" not in target:
                yield document, target


@pytest.mark.parametrize(("document", "target"), list(links()), ids=lambda part: getattr(part, "name", part))
def test_a_link_leads_somewhere(document: Path, target: str) -> None:
    assert (document.parent / target).exists()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_path_that_a_document_names_exists(document: Path) -> None:
    named = re.findall(r"`((?:engine|tests|pages|docs)/[\w./-]*)`", document.read_text(encoding="utf-8"))

    assert [path for path in named if not (ROOT / path).exists()] == []
