"""The nearest call: of all that were held, the one that failed the fewest gates, and what it lacked."""

from __future__ import annotations

from collections.abc import Iterable

from engine.domain.decision import Decision
from engine.domain.interval import iso
from engine.domain.signal import Signal


def nearest_call(decisions: Iterable[Decision]) -> dict[str, object] | None:
    """The held BUY call that failed the fewest gates (of equals the strongest, then the earliest); None without one."""
    held = [d for d in decisions if d.action is Signal.HOLD and _wanted_to_buy(d)]
    if not held:
        return None
    best = min(held, key=lambda d: (len(_failed(d)), -_confidence(d), d.bar_close_at))
    return {
        "symbol": best.symbol,
        "bar_close_at": iso(best.bar_close_at),
        "lacked": [f"{gate}: {detail}" for gate, detail in _failed(best)],
    }


def _wanted_to_buy(decision: Decision) -> bool:
    """Its call was a BUY, the first gate let it through, and nothing was held yet."""
    return bool(decision.gates) and decision.gates[0].passed and decision.held_by != "holding"


def _failed(decision: Decision) -> list[tuple[str, str]]:
    return [(g.name, g.detail) for g in decision.gates if not g.passed]


def _confidence(decision: Decision) -> float:
    return 0.0 if decision.prediction is None else decision.prediction.confidence
