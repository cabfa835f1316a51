"""Rows of a sweep on disk, a line each: what a sweep that was broken off goes on from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from engine.backtest.sweep import Row, SweepPlan


class SweepFile:
    """One file a sweep, named by the digest of everything that its rows depend on. A kill may tear the last line, whose
    row then counts as absent."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{name}.jsonl"

    def read(self) -> dict[int, Row]:
        """Rows by number."""
        found: dict[int, Row] = {}
        if not self._path.exists():
            return found
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                values = json.loads(line)
                row = Row(**{**values, "sums": tuple(values["sums"]), "squares": tuple(values["squares"])})
            except (ValueError, TypeError, KeyError):
                continue
            found[row.number] = row
        return found

    def add(self, rows: Sequence[Row]) -> None:
        """Append rows; each line begins with a line end, so that a torn one before spoils nothing."""
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines("\n" + json.dumps(asdict(row)) for row in rows)


_ENGINE = Path(__file__).parent.parent
_ROOMS = ("kernel", "statistics", "features", "learning", "risk", "portfolio", "strategy", "execution", "backtest")
"""Whose code says what a row comes to."""


def digest(plan: SweepPlan) -> str:
    """Hash of bars, instruments, strategies, limits, costs, cash, stake and span, and of the code."""
    base = plan.base
    told = [
        [repr(s.instrument) for s in base.sleeves], [one.name for one in plan.strategies], base.limits.to_mapping(),
        {name: list(values) for name, values in plan.limits.items()}, repr(base.costs), str(base.cash), str(base.stake),
        str(base.start), str(base.end), base.interval.value, _code(),
    ]  # fmt: skip
    found = hashlib.sha256(json.dumps(told).encode())
    for series in [one for s in base.sleeves for one in (s.series, s.finer) if one is not None]:
        for column in ("open_ms", "open", "high", "low", "close", "volume"):
            found.update(np.asarray(getattr(series, column)).tobytes())
    return found.hexdigest()[:32]


def _code() -> str:
    """Hash of the source: another version's rows are not gone on from."""
    found = hashlib.sha256()
    for path in sorted(path for room in _ROOMS for path in (_ENGINE / room).rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()
