"""Maturity: what came of a prediction, read off the bars, so that everyone who looks finds the same."""

from __future__ import annotations

import math

import numpy as np

from engine.domain.bar import BarSeries
from engine.domain.interval import to_ms
from engine.domain.outcome import Outcome, Pending
from engine.learning.barriers import trade_labels


def outcome(pending: Pending, bars: BarSeries) -> Outcome | None:
    """What came of it; None while its horizon has not passed, as far as `bars` of its instrument and interval know.

    A gap counts as time, as in `labels`: where the bar that should say is missing though later ones are there, nobody
    will ever know. Bars that begin only after it say nothing.
    """
    due_open_ms = to_ms(pending.due_at) - bars.interval.ms
    first_ms = due_open_ms if pending.barrier is None else to_ms(pending.as_of) - bars.interval.ms
    if not len(bars) or bars.open_ms[-1] < due_open_ms or bars.open_ms[0] > first_ms:
        return None
    at, first = bars.position(due_open_ms), bars.position(first_ms)
    realised = None
    if bars.open_ms[at] == due_open_ms and bars.open_ms[first] == first_ms:
        realised = _realised(pending, bars.rows(first, at + 1))
    return Outcome(
        version_id=pending.version_id, symbol=pending.symbol, as_of=pending.as_of, matured_at=pending.due_at,
        realised=realised,
    )  # fmt: skip


def _realised(pending: Pending, bars: BarSeries) -> float | None:
    """By the last bar's close; of a trade, by all bars from the one of the call on: None where that of its entry is
    missing."""
    if pending.barrier is None:
        return math.log(bars.close[-1]) - math.log(pending.price)
    deviation = np.full(len(bars), pending.volatility)
    found = float(trade_labels(bars, deviation, pending.horizon, pending.barrier).log_return[0])
    return None if math.isnan(found) else found
