"""Outcomes: how stored predictions came true once their horizon had passed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.domain.bar import BarSeries
from engine.domain.interval import to_ms
from engine.domain.signal import Prediction, Signal
from engine.learning.calls import Band


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One prediction and its end: `log_return` over its horizon and whether it was right; None while not yet known."""

    prediction: Prediction
    due_at: datetime
    log_return: float | None
    right: bool | None


def outcomes(predictions: Sequence[Prediction], series: BarSeries) -> tuple[Outcome, ...]:
    """Compare each with the close at the end of its horizon; a missing bar leaves it unknown. HOLD is never right or
    wrong."""
    return tuple(_outcome(prediction, series) for prediction in predictions)


def _outcome(prediction: Prediction, series: BarSeries) -> Outcome:
    due_at = prediction.as_of + prediction.horizon * series.interval.duration
    open_ms = to_ms(due_at) - series.interval.ms
    at = series.position(open_ms)
    if at >= len(series) or series.open_ms[at] != open_ms:
        return Outcome(prediction=prediction, due_at=due_at, log_return=None, right=None)
    move = math.log(series.close[at] / prediction.price)
    # A close where it was counts as no rise, as in the labels.
    right = None if prediction.signal is Signal.HOLD else (move > 0) == (prediction.signal is Signal.BUY)
    return Outcome(prediction=prediction, due_at=due_at, log_return=move, right=right)


def came_true(found: Sequence[Outcome], bands: int = 5) -> tuple[Band, ...]:
    """Settled calls by confidence, in `bands` bands of equal width: the record after training, beside the promise."""
    settled = [o for o in found if o.right is not None]
    horizon = settled[0].prediction.horizon if settled else 1
    groups: list[list[bool]] = [[] for _ in range(bands)]
    for o in settled:
        groups[min(bands - 1, int(o.prediction.confidence * bands))].append(bool(o.right))
    return tuple(
        Band.of(k / bands, (k + 1) / bands, len(hits), sum(hits), horizon=horizon) for k, hits in enumerate(groups)
    )
