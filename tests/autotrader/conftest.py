"""Towns with an account in session, and stages for a desk alone; closed at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.autotrader.town import Town
from tests.execution.conftest import paper_stage, stage

__all__ = ["paper_stage", "stage", "town"]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """One account with 10,000 USDT in session; trading is off."""
    one = Town(tmp_path).open()
    yield one
    one.close()
