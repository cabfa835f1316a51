"""What a doctor would look at: each check with its answer and, where it fails, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.domain.halt import HaltKind
from engine.queries.console import Console
from engine.queries.market import read_coverage
from engine.queries.status import read_status
from engine.queries.words import age, count


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One answer; `advice` is empty where all is well."""

    name: str
    ok: bool
    found: str
    advice: str = ""


def run_checks(console: Console) -> Sequence[Check]:
    """Look at the engine, its data, the database and the halts."""
    status = read_status(console)
    storage = console.reads.storage()
    stored = read_coverage(console)
    missing = sum(row.missing for row in stored)
    halts = [halt for halt in status.halts if halt.kind is HaltKind.HALT]
    return [
        _check("Engine", status.alive, f"last sign of life {age(status.beat_age)} ago" if status.beat_age else "never seen",
               "Start it: make run, or python -m engine trade. A process that hangs has to be stopped first."),
        _check("Account", status.account is not None, status.mode, "Choose a market on the Overview page."),
        _check("Market data", status.problem is None, status.problem or f"newest bar closed {age(status.data_age)} ago"
               if status.data_age is not None or status.problem else "no bar seen yet",
               "Use the simulated market, import bars on the Market page, or check the network."),
        _check("Stored bars", bool(stored), f"{count(len(stored), 'series')[:-1] if len(stored) != 1 else '1 series'}"
               f", {count(missing, 'bar')} missing", "Sync or import bars on the Market page."),
        _check("Halts", not halts, "none" if not halts else ", ".join(halt.cause for halt in halts),
               "Read the cause below, then type RESET."),
        _check("Database", bool(storage.revision), f"revision {storage.revision or 'unknown'}", "Run python -m engine migrate."),
    ]  # fmt: skip


def _check(name: str, ok: bool, found: str, advice: str) -> Check:  # noqa: FBT001 - the answer itself, never a switch
    return Check(name=name, ok=ok, found=found, advice="" if ok else advice)
