"""Trial: one thing that was tried on an instrument and scored. Whoever tries often enough finds something by luck."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.domain.account import Source
from engine.domain.errors import ConfigurationError
from engine.domain.interval import Interval

REAL = frozenset({Source.BINANCE, Source.ARCHIVE, Source.COINGECKO})
"""Sources that tell of the same market: what was tried on one was tried on all."""


class TrialKind(StrEnum):
    """How it was tried."""

    TRAINING = "TRAINING"
    BACKTEST = "BACKTEST"
    SWEEP = "SWEEP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """`content_sha256` names what was tried, bars and all: the same again is the same trial. `recipe_sha256` names what
    the operator chose: a refit of the same recipe on newer bars is no new trial, another setting or seed is.

    `sharpe`, `skew` and `kurtosis` are those of the `n_periods` net returns in [scored_from, scored_to), per period and
    never annualised, `periods_per_year` of them a year; None where they never varied. A run over several instruments is
    one trial on each.
    """

    symbol: str
    interval: Interval
    source: Source
    kind: TrialKind
    name: str
    recipe_sha256: str
    content_sha256: str
    scored_from: datetime
    scored_to: datetime
    n_periods: int
    periods_per_year: float
    sharpe: float | None
    skew: float | None
    kurtosis: float | None
    tried_at: datetime

    def __post_init__(self) -> None:
        if self.n_periods < 0 or self.periods_per_year <= 0:
            raise ConfigurationError(
                f"trial {self.name!r} has {self.n_periods} periods, {self.periods_per_year:g} a year; "
                "it needs none below zero and more than none a year"
            )

    @property
    def annual_sharpe(self) -> float | None:
        """The ratio as a year's, so that trials with other periods compare."""
        return None if self.sharpe is None else self.sharpe * self.periods_per_year**0.5


def same_market(source: Source) -> frozenset[Source]:
    """The sources whose trials count together with those on `source`; a simulated market stands alone."""
    return REAL if source in REAL else frozenset({source})


def hash_of(chosen: Mapping[str, object]) -> str:
    """SHA-256 of what was chosen, as canonical JSON; the order of its names does not count.

    >>> hash_of({"fast": 10, "slow": 50}) == hash_of({"slow": 50, "fast": 10})
    True
    """
    return hashlib.sha256(json.dumps(chosen, sort_keys=True, separators=(",", ":"), default=str).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What was ever tried on an instrument: how many recipes, and the annual Sharpe ratios that they had (those that
    have one). The more there are, the less the best of them is worth."""

    count: int = 1
    ratios: tuple[float, ...] = ()


ALONE = Tried()
"""Nothing else was tried."""
