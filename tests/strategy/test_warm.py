"""After the warm-up a decision compiles nothing more."""

from __future__ import annotations

from typing import Any

from engine.strategy import verdict
from engine.strategy.warm import is_warm, warm_up
from tests.strategy.test_decide import SLEEVE, decided


def test_a_decision_after_it_compiles_nothing() -> None:
    warm_up()
    assert is_warm()
    compiled: Any = verdict.verdict
    before = len(getattr(compiled, "signatures", ()))
    decided(SLEEVE)
    assert len(getattr(compiled, "signatures", ())) == before
