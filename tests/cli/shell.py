"""Run the command line: in this process, or in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.__main__ import main

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Said:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on stdout: anything else beside it fails."""
        [line] = self.out.splitlines()
        value = json.loads(line, parse_constant=_refuse)
        assert isinstance(value, dict)
        return value


class Shell:
    """`run` calls main as `python -m engine` does."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def run(self, *arguments: str) -> Said:
        """Run a command; argparse's own exit counts as its code."""
        self._capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as left:
            code = int(left.code or 0)
        captured = self._capsys.readouterr()
        return Said(code, captured.out, captured.err)

    def json(self, *arguments: str) -> dict[str, Any]:
        """Run it with --json; it has to succeed."""
        said = self.run(*arguments, "--json")
        assert said.code == 0, said.err
        return said.json


def process(home: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start `python -m engine ...` in that home."""
    environment = {**os.environ, "AAITI_HOME": str(home), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "engine", *arguments], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def subprocess_json(home: Path, *arguments: str) -> dict[str, Any]:
    """Run it to its end; its JSON."""
    with process(home, *arguments, "--json") as running:
        out, err = running.communicate(timeout=120)
    assert running.returncode == 0, err
    return Said(0, out, err).json


def _refuse(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")
