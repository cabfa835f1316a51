"""A sweep's result as its page shows it: what its best is worth, its table, its heat map."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.domain.job import Job
from engine.queries.models import as_float, table
from engine.queries.words import number, ratio

METRICS = {
    "sharpe": "Sharpe of bar returns, annual", "deflated_sharpe": "chance of skill (deflated Sharpe)",
    "total_return": "return", "max_drawdown": "deepest drawdown", "trades": "trades",
}  # fmt: skip
RATIOS = frozenset({"deflated_sharpe", "total_return", "max_drawdown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepResult:
    """What one sweep found; `cells` best first; `varied` names the dimensions that have more than one value."""

    job: Job
    numbers: Mapping[str, object]
    cells: Sequence[Mapping[str, object]]
    varied: Sequence[str]
    in_sample: bool
    finished: bool


def read_sweep(job: Job) -> SweepResult | None:
    """The job's result; None while there is none. One that was stopped has the cells it came to."""
    if job.result is None or not job.result.get("cells"):
        return None
    cells = [{**row, "strategy": str(row["strategy"]).removeprefix("rule:")} for row in table(job.result, "cells")]
    names = [name for name in cells[0] if name not in {*METRICS, "final_equity", "halted"}]
    return SweepResult(
        job=job, numbers=job.result, cells=cells,
        varied=[name for name in names if len({str(cell.get(name)) for cell in cells}) > 1],
        in_sample=job.result.get("in_sample") is True, finished=job.result.get("finished") is not False,
    )  # fmt: skip


def dimensions(found: SweepResult) -> Sequence[str]:
    """What a heat map can have on its sides: parameters and limits, and the strategy where they do not tell it."""
    named = [name for name in found.varied if name != "strategy"]
    strategies = len({str(cell["strategy"]) for cell in found.cells})
    told = {tuple(str(cell.get(name)) for name in named) for cell in found.cells}
    return named if named and len(told) == len(found.cells) else (*named, "strategy") if strategies > 1 else named


def heat(found: SweepResult, x: str, y: str, metric: str) -> list[dict[str, object]]:
    """Mean of the metric over everything else, by two dimensions; a lone good cell does not colour its neighbourhood.

    `n` says how many cells a mean is of.
    """
    sums: dict[tuple[object, object], list[float]] = defaultdict(list)
    for cell in found.cells:
        value = as_float(cell.get(metric))
        if value is not None:
            sums[cell.get(x), cell.get(y)].append(value)
    return [{x: a, y: b, metric: sum(vs) / len(vs), "n": len(vs)} for (a, b), vs in sums.items()]


def worth(found: SweepResult) -> str:
    """What the best cell's ratio is worth, in words."""
    n, best = found.numbers, found.cells[0]
    tried, done = int(as_float(n.get("trials")) or 0), len(found.cells)
    sharpe, luck = as_float(best.get("sharpe")), as_float(n.get("luck_sharpe"))
    chance, pbo = as_float(best.get("deflated_sharpe")), as_float(n.get("pbo"))
    done = int(as_float(n.get("done")) or done)
    before = f", and {tried - done:,} recipes before on the same instrument" if tried > done else ""
    if sharpe is None or luck is None or chance is None:
        return f"Of {done:,} combinations tried{before} too few traded to be judged: {n.get('why_not_judged') or ''}."
    said = (
        f"Of {done:,} combinations tried{before}, the best one shows a Sharpe of {number(sharpe, 2)}. The best of as "
        f"many without any skill shows {number(luck, 2)}. The chance that the true Sharpe of the best lies above that "
        f"is {ratio(chance)}."
    )
    if pbo is None:
        return f"{said} Overfitting could not be judged: {n.get('why_not_judged') or 'too few bars'}."
    return (
        f"{said} Probability of overfitting {ratio(pbo)}: so often was the best of one half of the time below the "
        "middle in the other half; where nothing has skill it is about 50 %."
    )
