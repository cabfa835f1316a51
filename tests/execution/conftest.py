"""Stages, closed at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.execution.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """An account at a scripted venue."""
    one = Stage(tmp_path)
    yield one
    one.close()


@pytest.fixture
def paper_stage(tmp_path: Path) -> Iterator[Stage]:
    """An account at the paper venue."""
    one = Stage(tmp_path, paper=True)
    yield one
    one.close()
