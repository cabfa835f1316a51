"""Maturity: what came of a prediction, read off the bars, so that everyone who looks finds the same."""

from __future__ import annotations

import math

from engine.domain.bar import BarSeries
from engine.domain.interval import to_ms
from engine.domain.outcome import Outcome, Pending


def outcome(pending: Pending, bars: BarSeries) -> Outcome | None:
    """What came of it; None while its horizon has not passed, as far as `bars` of its instrument and interval know.

    A gap counts as time, as in `labels`: where the bar that should say is missing though later ones are there, nobody
    will ever know. Bars that begin only after it say nothing.
    """
    due_open_ms = to_ms(pending.due_at) - bars.interval.ms
    if not len(bars) or bars.open_ms[-1] < due_open_ms or bars.open_ms[0] > due_open_ms:
        return None
    at = bars.position(due_open_ms)
    found = bars.open_ms[at] == due_open_ms
    return Outcome(
        version_id=pending.version_id, symbol=pending.symbol, as_of=pending.as_of, matured_at=pending.due_at,
        realised=math.log(bars.close[at]) - math.log(pending.price) if found else None,
    )  # fmt: skip
