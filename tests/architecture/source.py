"""The project's own source, parsed: what the rules read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("app.py", "engine", "pages", "tests")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One Python file. `path` is relative to the root, with forward slashes."""

    path: str
    text: str
    tree: ast.Module

    def under(self, *places: str) -> bool:
        """True where the file is one of `places`, or lies in one that ends with a slash."""
        return any(self.path == place or (place.endswith("/") and self.path.startswith(place)) for place in places)


def parse(path: str, text: str) -> Source:
    """Make a source of a text."""
    return Source(path=path, text=text, tree=ast.parse(text))


@cache
def project() -> tuple[Source, ...]:
    """Every Python file of the project, by path."""
    return tuple(parse(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in _files())


def _files() -> Iterator[Path]:
    for part in PARTS:
        place = ROOT / part
        yield from [place] if place.is_file() else sorted(place.rglob("*.py"))


def imported(node: ast.AST) -> list[str]:
    """Dotted names that an import statement brings in; nothing for any other node."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import in the file, wherever it stands."""
    for node in ast.walk(source.tree):
        for name in imported(node):
            yield getattr(node, "lineno", 0), name


def called(node: ast.AST) -> str:
    """The dotted name that a call calls; empty for anything else."""
    if not isinstance(node, ast.Call):
        return ""
    parts: list[str] = []
    target: ast.expr = node.func
    while isinstance(target, ast.Attribute):
        parts.append(target.attr)
        target = target.value
    if isinstance(target, ast.Name):
        parts.append(target.id)
    return ".".join(reversed(parts))
