"""What a doctor would look at: each check with its answer and, where it fails, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.domain.halt import HaltKind
from engine.queries.console import Console
from engine.queries.market import read_coverage
from engine.queries.status import read_status
from engine.queries.words import ago, count


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
    seen = f"last sign of life: {ago(status.beat_age)}"
    newest = f"newest bar closed {ago(status.data_age)}" if status.data_age is not None else "no bar seen yet"
    revision = storage.revision or "unknown"
    return [
        check(status.alive, "Engine", seen, "Start it: make run, or python -m engine trade."),
        check(status.account is not None, "Account", status.mode, "Choose a market on the Overview page."),
        check(
            status.problem is None and status.data_age is not None, "Market data", status.problem or newest,
            "Use the simulated market, import bars on the Market page, or check the network.",
        ),
        check(
            bool(stored), "Stored bars", f"{len(stored)} series, {count(missing, 'bar')} missing",
            "Sync or import bars on the Market page.",
        ),
        check(
            not halts, "Halts", ", ".join(halt.cause for halt in halts) or "none",
            "Read the cause below, then type RESET.",
        ),
        check(bool(storage.revision), "Database", f"revision {revision}", "Run python -m engine migrate."),
    ]  # fmt: skip


def check(ok: bool, name: str, found: str, advice: str) -> Check:
    """One answer; the advice is for where it fails."""
    return Check(name=name, ok=ok, found=found, advice="" if ok else advice)
