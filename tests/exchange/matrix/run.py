"""Run: many sessions, in as many processes as there are cores, and what they came to in all."""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.exchange.matrix.cells import CELLS, Cell, empty
from tests.exchange.matrix.session import Result, run_session

KEYS = (
    "scenarios", "orders", "fills", "partial_fills", "unknowns", "kills", "duplicates", "orphans", "mismatches",
    "uncovered",
)  # fmt: skip
FINDINGS = ("duplicates", "orphans", "mismatches", "uncovered")
ENOUGH = 6
"""So many scenarios a cell strike each of them: from then on an empty cell is a failure."""


@dataclass(slots=True)
class Summary:
    """`failed`: seed -> what was found there. `crashed`: seeds that the harness itself could not live through."""

    counts: Counter[str] = field(default_factory=Counter)
    struck: Counter[Cell] = field(default_factory=Counter)
    failed: dict[int, list[str]] = field(default_factory=dict)

    def add(self, result: Result) -> None:
        self.counts.update(result.counts)
        self.struck.update(result.struck)
        if not result.verdict.good:
            self.failed[result.seed] = result.verdict.lines()

    @property
    def empty(self) -> list[Cell]:
        return empty(self.struck)

    @property
    def judges_cells(self) -> bool:
        """A few scenarios cannot strike every cell, and need not."""
        return self.counts["scenarios"] >= ENOUGH * len(CELLS)

    @property
    def good(self) -> bool:
        return not self.failed and not (self.judges_cells and self.empty)

    def mapping(self) -> dict[str, object]:
        """What `--json` prints."""
        told: dict[str, object] = {key: self.counts[key] for key in KEYS}
        return told | {
            "cells_empty": len(self.empty), "cells": len(CELLS), "halted": self.counts["halted"],
            "failed_seeds": sorted(self.failed),
        }  # fmt: skip


def run(seeds: Iterable[int], processes: int = 0) -> Iterator[Result]:
    """Results as they come; each alone depends on nothing but its seed."""
    wanted = list(seeds)
    workers = min(processes or os.cpu_count() or 1, len(wanted))
    if workers <= 1:
        yield from map(quietly, wanted)
        return
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        yield from pool.imap_unordered(quietly, wanted, chunksize=4)


def quietly(seed: int) -> Result:
    """One session, its log switched off: alerts and story tell the same."""
    logging.disable(logging.CRITICAL)
    try:
        return run_session(seed)
    finally:
        logging.disable(logging.NOTSET)
