"""docs/failure.md names tests: each must exist, and each law must have some."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "failure.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", TEXT)


def functions(path: Path) -> set[str]:
    """Names of the test functions in a file; empty where there is no file."""
    if not path.exists():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_each_named_test_exists(file: str, name: str) -> None:
    assert name in functions(ROOT / file), f"{file} has no {name}; correct docs/failure.md"


def test_each_law_names_the_tests_that_hold_it() -> None:
    sections = re.split(r"^### (?=\d+\. )", TEXT, flags=re.MULTILINE)[1:]
    assert [int(section.split(".")[0]) for section in sections] == list(range(1, 11))
    assert [s.split("\n")[0] for s in sections if not re.search(r"^- `tests/.*::test_", s, re.MULTILINE)] == []


def test_every_line_that_looks_like_a_test_was_read() -> None:
    assert len(NAMED) == TEXT.count("::test_")
