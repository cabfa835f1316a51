"""A backtest's result as its page shows it, beside the baseline that it has to beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from engine.domain.interval import parse_time
from engine.domain.job import Job, JobState
from engine.domain.money import exact
from engine.queries.console import Console
from engine.queries.models import table
from engine.queries.trading import strategy_name, strategy_names
from engine.queries.words import count

_AMOUNTS = {"quantity", "entry_price", "exit_price", "fees", "profit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one finished job found. `in_sample` results are labelled so wherever they are shown. `report` is the JSON of
    `backtest.report.Report`, None where an older version ran it."""

    job: Job
    numbers: Mapping[str, object]
    trades: Sequence[Mapping[str, object]]
    in_sample: bool
    report: Mapping[str, object] | None


def read_result(job: Job) -> Result | None:
    """The job's result; None while there is none."""
    if job.state is not JobState.DONE or job.result is None:
        return None
    numbers = job.result
    options = job.request.get("options")
    asked = options.get("in_sample") if isinstance(options, Mapping) else None
    report = numbers.get("report")
    return Result(
        job=job, numbers=numbers, trades=[typed(row) for row in table(numbers, "trade_list")],
        in_sample=numbers.get("in_sample", asked) is True, report=report if isinstance(report, Mapping) else None,
    )  # fmt: skip


def subject(console: Console, job: Job) -> str:
    """What a job is about, as words that follow its noun; empty where its request does not say."""
    r = job.request
    names, paths = r.get("symbols") or r.get("symbol"), r.get("paths")
    if isinstance(paths, list | tuple):
        return " of " + ", ".join(PurePath(str(path)).name for path in paths)
    listed = ", ".join(map(str, names)) if isinstance(names, list | tuple) else names
    strategy = strategy_name(str(r["strategy"]), strategy_names(console)) if r.get("strategy") else None
    parts = (r.get("name") or strategy, listed, r.get("interval"), r.get("source"))
    found = " ".join(str(part) for part in parts if part)
    return f" of {found}" if found else ""


def stored_words(result: Mapping[str, object]) -> str:
    """What an import or a sync brought.

    >>> stored_words({"instruments": ["BTCUSDT"], "bars": 3, "new_bars": 2, "gaps": 1, "missing": 4})
    '3 bars of BTCUSDT, 2 of them new; 1 gap, 4 bars missing'
    """
    names = result.get("instruments")
    of = f" of {', '.join(map(str, names))}" if isinstance(names, list) and names else ""
    bars, new, gaps, missing = (_whole(result.get(name)) for name in ("bars", "new_bars", "gaps", "missing"))
    return f"{count(bars, 'bar')}{of}, {new:,} of them new; {count(gaps, 'gap')}, {count(missing, 'bar')} missing"


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def typed(row: Mapping[str, object]) -> Mapping[str, object]:
    """A row of JSON with its moments and amounts as such, so that it can be sorted and shown in the operator's zone.

    >>> typed({"closed_at": "2025-04-02T00:00:00Z", "profit": "12.50", "exit_reason": "stop"})["profit"]
    Decimal('12.50')
    """
    return {name.replace("_", " "): _typed(name, value) for name, value in row.items()}


def _typed(name: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    if name.endswith("_at"):
        return parse_time(value)
    return exact(value) if name in _AMOUNTS else value
