"""Scenes for the pages, and the router that shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts import wiring
from tests.pages.full import full_scene
from tests.pages.scene import Scene, empty_scene

ROOT = Path(__file__).resolve().parents[2]
Open = Callable[[str], AppTest]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Scene]:
    """Nothing stored, no engine."""
    yield from _shown(empty_scene(tmp_path))


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Scene]:
    """A model, trades, a position, an engine that is alive."""
    yield from _shown(full_scene(tmp_path / "full"))


def _shown(scene: Scene) -> Iterator[Scene]:
    wiring.use(scene)
    yield scene
    wiring.use(None)
    scene.close()


@pytest.fixture
def show() -> Open:
    """Open a page by its name through the router."""

    def opened(name: str) -> AppTest:
        at = AppTest.from_file(str(ROOT / "pages" / "router.py"), default_timeout=60).run()
        return at if name == "overview" else at.switch_page(str(ROOT / "pages" / f"{name}.py")).run()

    return opened
