"""The pages' scenes serve the read models too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages.full import full_scene
from tests.pages.scene import Scene, empty_scene


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Scene]:
    """Nothing stored, no engine."""
    scene = empty_scene(tmp_path)
    yield scene
    scene.close()


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Scene]:
    """A model, trades, a position, an engine that is alive."""
    scene = full_scene(tmp_path / "full")
    yield scene
    scene.close()
