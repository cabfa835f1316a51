"""Outcome: what came of a prediction once its horizon had passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import expm1, nan

from engine.domain.interval import Interval
from engine.domain.signal import Signal
from engine.domain.target import Barrier


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A stored prediction that nobody has looked back on yet; `price` is the close that it was made at.

    `barrier`: what a buy at it had to do to pay, `volatility` deviations of the horizon's log return away; None where
    it is judged by the direction.
    """

    version_id: str
    symbol: str
    interval: Interval
    as_of: datetime
    horizon: int
    price: float
    volatility: float = nan
    barrier: Barrier | None = None

    @property
    def due_at(self) -> datetime:
        """The close at which its outcome is known."""
        return self.as_of + self.horizon * self.interval.duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`realised`: log return from the prediction's price to the close `horizon` bars later on the grid; where the
    target is a trade, that of a buy at the next open until its target, its stop or that close. None where that bar
    never came: nobody will ever know."""

    version_id: str
    symbol: str
    as_of: datetime
    realised: float | None
    matured_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MaturedCall:
    """A prediction with its outcome; predictions whose outcome nobody knows are not among them."""

    symbol: str
    as_of: datetime
    signal: Signal
    probability: float
    confidence: float
    realised: float
    barrier: Barrier | None = None

    @property
    def up(self) -> bool:
        """The price rose, or the buy paid. Standing still counts as neither, as in the labels that models learn
        from."""
        return self.realised > 0 if self.barrier is None else self.barrier.paid(expm1(self.realised))

    @property
    def hit(self) -> bool:
        """What was called came true. A HOLD called neither side; it counts as the side of no rise."""
        return self.up == (self.signal is Signal.BUY)

    @property
    def probability_up(self) -> float:
        """The stated chance of a rise, or of a buy that pays."""
        return self.probability if self.signal is Signal.BUY else 1.0 - self.probability
