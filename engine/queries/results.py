"""A backtest's result as its page shows it, beside the baseline that it has to beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from engine.domain.interval import parse_time
from engine.domain.job import Job, JobKind, JobState
from engine.domain.money import exact
from engine.queries.console import Console
from engine.queries.models import as_float, table
from engine.queries.trading import strategy_name, strategy_names
from engine.queries.words import count

BASELINE = "rule:buy_hold"
_AMOUNTS = {"quantity", "entry_price", "exit_price", "fees", "profit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one finished job found. `in_sample` results are labelled so wherever they are shown."""

    job: Job
    numbers: Mapping[str, object]
    equity: Sequence[tuple[str, float]]
    trades: Sequence[Mapping[str, object]]
    exits: Sequence[Mapping[str, object]]
    in_sample: bool


def read_result(job: Job) -> Result | None:
    """The job's result; None while there is none."""
    if job.state is not JobState.DONE or job.result is None:
        return None
    numbers = job.result
    options = job.request.get("options")
    asked = options.get("in_sample") if isinstance(options, Mapping) else None
    return Result(
        job=job, numbers=numbers, equity=curve(numbers.get("equity") or numbers.get("equity_curve")),
        trades=[typed(row) for row in table(numbers, "trade_list")],
        exits=[typed(row) for row in table(numbers, "exits")],
        in_sample=numbers.get("in_sample", asked) is True,
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


def curve(points: object) -> Sequence[tuple[str, float]]:
    """(time, equity) pairs from [[time, equity], ...] or [{at, equity}, ...]; other things are left out.

    >>> curve([["2025-04-01T00:00:00Z", "100.5"], {"at": "2025-04-02T00:00:00Z", "equity": 101}])
    [('2025-04-01T00:00:00Z', 100.5), ('2025-04-02T00:00:00Z', 101.0)]
    """
    if not isinstance(points, Sequence) or isinstance(points, str):
        return []
    pairs = []
    for point in points:
        at, value = (point.get("at"), point.get("equity")) if isinstance(point, Mapping) else (point[0], point[1])
        if isinstance(at, str) and isinstance(value, str | int | float):
            pairs.append((at, float(value)))
    return pairs


def baseline_of(console: Console, job: Job) -> Job | None:
    """The newest buy-and-hold run over the same bars, to hold this one against."""
    same = ("source", "symbols", "interval", "start", "end")
    return next(
        (
            other
            for other in console.board.jobs(JobKind.BACKTEST)
            if other.request.get("strategy") == BASELINE
            and all(other.request.get(k) == job.request.get(k) for k in same)
        ),
        None,
    )


def sharpe_words(numbers: Mapping[str, object]) -> str:
    """The Sharpe ratio with what makes it honest; says so where that is missing."""
    value = as_float(numbers.get("sharpe"))
    if value is None:
        return "No Sharpe ratio: too few bars or no trade."
    low, high = as_float(numbers.get("sharpe_low")), as_float(numbers.get("sharpe_high"))
    trials, deflated = as_float(numbers.get("trials")), as_float(numbers.get("deflated_sharpe"))
    parts = [f"Sharpe {value:.2f}"]
    parts.append(f"95 % interval {low:.2f} to {high:.2f}" if low is not None and high is not None else "no interval")
    if trials is not None:
        parts.append(f"{trials:.0f} trials")
    parts.append(f"deflated {deflated:.2f}" if deflated is not None else "not deflated for the number of tries")
    return ", ".join(parts) + "."
