"""What a model is asked, in words: whether price rises, or whether a buy pays."""

from __future__ import annotations

from engine.domain.model import ModelVersion
from engine.domain.signal import Prediction, Signal
from engine.domain.target import Barrier, Target, barrier_of, target
from engine.queries.models import as_float, scores
from engine.queries.words import ratio

EVENT = {Target.DIRECTION: "a rise", Target.BARRIER: "a buy that pays"}
"""What a model's chance is the chance of."""


def asked_of(version: ModelVersion) -> Target:
    """What a version predicts."""
    return target(barrier_of(version.parameters))


def predicts(version: ModelVersion) -> str | None:
    """What a model of trades predicts, and how often that came true for buys at every bar; None for a direction, which
    needs no telling."""
    barrier = barrier_of(version.parameters)
    if barrier is None:
        return None
    found = scores(version.metrics)
    every, buys = ratio(as_float(found.get("base_rate")), 1), ratio(as_float(found.get("buys_paid")), 1)
    return (
        f"Predicts whether a buy pays, net of costs of {ratio(barrier.cost_ratio)}: by a target before a stop, both "
        f"{barrier.width:g} deviations of the horizon's move away, or by the horizon's end. Its members call the "
        "direction, a second model says which of their buys to believe. These barriers are the label's: a sleeve's own "
        f"stop and target stay those of the limits. Out of sample {every} of buys at all bars paid, {buys} of those "
        "that the members called."
    )


def call_words(prediction: Prediction, barrier: Barrier | None = None) -> str:
    """The call as a sentence, long or flat.

    >>> from datetime import UTC, datetime
    >>> p = Prediction(symbol="BTCUSDT", horizon=24, as_of=datetime(2025, 4, 1, tzinfo=UTC), price=1.0,
    ...     signal=Signal.BUY, probability=0.56, probability_low=0.53, probability_high=0.59, confidence=0.87,
    ...     expected_move=0.01, volatility=0.02)
    >>> call_words(p)
    'BTCUSDT rises over the next 24 bars with a chance of 56.0 % (53.0 % to 59.0 %)'
    >>> call_words(p, Barrier(cost_ratio=0.0026))[:66]
    'A buy of BTCUSDT pays with a chance of 56.0 % (53.0 % to 59.0 %). '
    """
    span = f"{ratio(prediction.probability_low, 1)} to {ratio(prediction.probability_high, 1)}"
    chance = f"with a chance of {ratio(prediction.probability, 1)} ({span})"
    if barrier is None:
        verb = {Signal.BUY: "rises", Signal.SELL: "falls", Signal.HOLD: "moves as called"}[prediction.signal]
        return f"{prediction.symbol} {verb} over the next {prediction.horizon} bars {chance}"
    verb = "does not pay" if prediction.signal is Signal.SELL else "pays"
    away = ratio(barrier.width * prediction.volatility, 1)
    return (
        f"A buy of {prediction.symbol} {verb} {chance}. It pays where it reaches a target {away} above its entry "
        f"before a stop {away} below, or ends the {prediction.horizon} bars ahead, net of costs of "
        f"{ratio(barrier.cost_ratio)}"
    )
