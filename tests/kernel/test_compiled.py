"""The cache of machine code must notice a change in any file of kernels."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from engine.kernel.compiled import _stamp, compiled

DECORATES = re.compile(r"engine\.kernel\.compiled import [^\n]*\b(compiled|borrowing|unlocked)\b")


def twice(x: int) -> int:
    return 2 * x


def test_a_compiled_function_computes_the_same() -> None:
    assert compiled(twice)(21) == twice(21) == 42


def test_the_stamp_covers_the_files_of_all_kernels() -> None:
    names = {name for name, _, _ in _stamp()}
    engine = Path(__file__).resolve().parents[2] / "engine"
    kernels = {p.name for p in engine.rglob("*.py") if DECORATES.search(p.read_text("utf-8"))}
    assert {"gates.py", "fold.py", "verdict.py", "matching.py", "loop.py"} <= kernels <= names


def test_the_cache_is_stamped_with_all_of_them() -> None:
    dispatcher: Any = compiled(twice)
    if hasattr(dispatcher, "_cache"):  # with the compiler off the function itself comes back
        assert dispatcher._cache._cache_file._source_stamp == _stamp()
