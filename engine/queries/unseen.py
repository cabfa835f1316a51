"""What an account would have made of a training's unseen calls, beside the baselines, as a screen shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.domain.interval import parse_time
from engine.queries.models import as_float
from engine.queries.words import count, ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One account: equity at each of the moments, its whole return, deepest drawdown and share of time in the market
    as ratios, its annual Sharpe ratio (None where it never varied), closed trades and the fees they paid."""

    name: str
    equity: Sequence[float]
    total_return: float
    max_drawdown: float
    sharpe: float | None
    trades: int
    fees: float
    in_market: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """The model first, its bare directions second, then the baselines; all from the same cash, at the same costs."""

    at: Sequence[datetime]
    curves: Sequence[Curve]
    words: str


def read_unseen(metrics: Mapping[str, object]) -> Unseen | None:
    """None where the report has none: versions of before, few calls, prices that nothing is traded on."""
    found = metrics.get("unseen")
    if not isinstance(found, Mapping):
        return None
    return Unseen(
        at=[parse_time(text) for text in found["at"]], curves=[Curve(**line) for line in found["lines"]],
        words=_words(found),
    )  # fmt: skip


def _words(found: Mapping[str, object]) -> str:
    """Period, costs, and what held the model back most."""
    held = found["held_by"]
    by_gate = {str(gate): int(n) for gate, n in held.items()} if isinstance(held, Mapping) else {}
    most = max((gate for gate in by_gate if gate not in ("signal", "holding")), key=lambda g: by_gate[g], default=None)
    calls, costs = int(str(found["calls"])), as_float(found["cost_bps"]) or 0.0
    held_back = f" What held the model's entries most often: {most} ({count(by_gate[most], 'bar')})." if most else ""
    span = f"{str(found['from'])[:10]} to {str(found['to'])[:10]}"
    return (
        f"{span}, on bars it had never seen: {count(calls, 'call')} of members trained on earlier bars alone. "
        f"Every account starts with {found['cash']:,.0f} and pays {ratio(costs / 10_000)} a side for fee, half the "
        f"spread and slippage; the usual limits, stop and target apply to all.{held_back}"
    )
