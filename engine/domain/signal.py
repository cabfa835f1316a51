"""Signal and prediction: what a model or a rule says, not yet what is done about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from math import fsum


class Signal(StrEnum):
    """Direction of a call. Spot is long or flat: SELL is an exit where a position is held, else HOLD."""

    BUY = "BUY"
    SELL = "SELL"
    HOLD = "HOLD"


class SkillGate(StrEnum):
    """What a model may do by the skill of its matured calls: trade live money, paper only, or nothing."""

    ACTIVE = "active"
    PAPER_ONLY = "paper_only"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One member's raw chance that the price rises, and its weight in the ensemble."""

    member: str
    probability_up: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributions:
    """What a chance of a rise is made of: that of usual inputs, and what every family of inputs added, hardest first.

    >>> Contributions(usual=0.5, pushes={"trend": 0.04, "volume": -0.01}).chance
    0.53
    """

    usual: float
    pushes: Mapping[str, float]

    @property
    def chance(self) -> float:
        """Their sum: the calibrated chance of a rise that was said."""
        return fsum((self.usual, *self.pushes.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """A model's call at the close of one bar, with everything it was made from known by `as_of`.

    `probability`: calibrated chance that `signal`'s direction is right over `horizon` bars, within
    [`probability_low`, `probability_high`]. `confidence`: share of the model's out-of-sample calls weaker than
    this one. `expected_move`: E|log return| over the horizon; `volatility`: its standard deviation. Both ratios.
    `skill`: what the model's matured calls let it do at that time; `strangeness`: share of the training bars that were
    more like their own past than this bar is like theirs, above 0.99 out of domain. `contributions` add up to the
    chance of a rise. All three are None in records of before they were kept.
    """

    symbol: str
    horizon: int
    as_of: datetime
    price: float
    signal: Signal
    probability: float
    probability_low: float
    probability_high: float
    confidence: float
    expected_move: float
    volatility: float
    votes: tuple[Vote, ...] = ()
    reasons: tuple[str, ...] = ()
    skill: SkillGate | None = None
    strangeness: float | None = None
    contributions: Contributions | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The loudest of what made a prediction, in words, and all of it in numbers."""

    reasons: tuple[str, ...]
    contributions: Contributions | None = None

    def told(self, prediction: Prediction) -> Prediction:
        """The prediction with it."""
        return replace(prediction, reasons=self.reasons, contributions=self.contributions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A prediction without its reasons, and `why`, which works them out: what an order does not have to wait for."""

    prediction: Prediction
    why: Callable[[], Why]
