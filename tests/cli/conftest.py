"""One home for the command line's tests: the simulated market needs no file, and one small model serves them all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import settings
from engine.bootstrap import Stores, open_stores
from tests.cli.replays import a_run, replayed
from tests.cli.shell import Shell, subprocess_json
from tests.sqlite_file import migrated_file

TRAIN = (
    "train", "--source", "SIMULATED", "--instrument", "ALFAUSDT", "--interval", "1h", "--horizon", "6",
    "--from", "2020-01-01", "--to", "2020-04-10", "--name", "small",
)  # fmt: skip


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where it all lives."""
    folder = tmp_path_factory.mktemp("command-line")
    migrated_file(folder)
    return folder


@pytest.fixture(scope="session")
def stores(home: Path) -> Iterator[Stores]:
    """What is kept there, opened."""
    opened = open_stores(settings.load({"AAITI_HOME": str(home)}))
    yield opened
    opened.database.close()


@pytest.fixture
def shell(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Run commands in this process, in that home."""
    monkeypatch.setenv("AAITI_HOME", str(home))
    return Shell(capsys)


@pytest.fixture(scope="session")
def trained(home: Path) -> dict[str, object]:
    """What `train --json` said about the one model, made by its own process."""
    return subprocess_json(home, *TRAIN)


@pytest.fixture(scope="session")
def short(stores: Stores) -> dict[str, object]:
    """A day's replay without a break."""
    return replayed(stores, a_run())
