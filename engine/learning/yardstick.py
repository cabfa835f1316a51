"""Yardstick: what returns per period come to as a Sharpe ratio, and how far that can be believed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from engine.domain.errors import UnusableSample
from engine.domain.trial import Tried
from engine.learning.kernels.compiled import Column
from engine.statistics.bootstrap import SHARPE, interval
from engine.statistics.deflated import deflated_sharpe, deflated_sharpe_2025, variance_of_trials
from engine.statistics.probabilistic import (
    least_track_record,
    least_track_record_2025,
    power_2025,
    probabilistic_sharpe,
    probabilistic_sharpe_2025,
)
from engine.statistics.track import Track

_LEAST = 64
_VALUES = 2_000_000
"""Resampled values at most: a long record has an interval from fewer resamples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of `n` independent returns: annual Sharpe ratio with its 95 % interval; the chance that the true one is above
    zero, and that it is above `best_by_luck`, the annual ratio that the best of as many recipes without skill shows
    (`dsr`); the years it takes to tell it from zero (None: never) and those there are. The forms of 2012. Then what a
    trial ledger keeps, per period."""

    n: int
    sharpe: float
    sharpe_low: float
    sharpe_high: float
    psr: float
    dsr: float
    best_by_luck: float
    least_years: float | None
    years: float
    sharpe_per_period: float
    skew: float
    kurtosis: float

    @property
    def per_year(self) -> float:
        """Returns a year."""
        return self.n / self.years

    @property
    def track(self) -> Track:
        """What every judgement of the ratio needs."""
        return Track(n=self.n, sharpe=self.sharpe_per_period, skew=self.skew, kurtosis=self.kurtosis)

    def deflated_by(self, tried: Tried) -> Figures:
        """The same after more was tried."""
        variance = spread(self.track, tried, self.per_year)
        found = deflated_sharpe(self.track, trials=tried.count, variance=variance)
        return replace(self, dsr=found.chance, best_by_luck=found.benchmark * math.sqrt(self.per_year))


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """The same questions by the forms of 2025, which take the variance at the null: as in `Figures`, and `power`, the
    chance that a record as long shows a true annual ratio of one."""

    psr: float
    dsr: float
    least_years: float | None
    power: float

    @classmethod
    def of(cls, told: Figures, tried: Tried) -> Revised:
        """Judge what `Figures` keeps, with everything that was tried by now."""
        track, per_year = told.track, told.per_year
        found = deflated_sharpe_2025(track, trials=tried.count, variance=spread(track, tried, per_year))
        years = least_track_record_2025(track) / per_year
        return cls(
            psr=probabilistic_sharpe_2025(track), dsr=found.chance, least_years=years if math.isfinite(years) else None,
            power=power_2025(track, 1 / math.sqrt(per_year)),
        )  # fmt: skip


def figures(returns: Column, per_year: float, tried: Tried, seed: int) -> Figures | None:
    """Judge returns per period; None where there are too few or none vary."""
    try:
        if len(returns) < _LEAST:
            return None
        track = Track.of(returns)
        resamples = min(1_000, max(100, _VALUES // len(returns)))
        found = interval(returns, SHARPE, n_resamples=resamples, seed=seed)
        years, year = least_track_record(track) / per_year, math.sqrt(per_year)
        chance = probabilistic_sharpe(track)
        return Figures(
            n=track.n, sharpe=track.sharpe * year, sharpe_low=float(found.low) * year,
            sharpe_high=float(found.high) * year, psr=chance, dsr=chance, best_by_luck=0.0,
            least_years=years if math.isfinite(years) else None, years=track.n / per_year,
            sharpe_per_period=track.sharpe, skew=track.skew, kurtosis=track.kurtosis,
        ).deflated_by(tried)  # fmt: skip
    except UnusableSample:
        return None


def spread(track: Track, tried: Tried, per_year: float) -> float:
    """Variance of trials' ratios per period: that of the ledger's, but never less than what ratios without skill vary
    by on a record of this length. Models that are nearly the same must not make each other look good."""
    luck = track.spread(0.0) / track.n
    return max(luck, variance_of_trials(tried.ratios) / per_year) if len(tried.ratios) > 1 else luck


def words(symbol: str, told: Figures | None, tried: Tried) -> str:
    """What the figures are worth, as sentences for the operator."""
    how_many = "1 recipe was" if tried.count == 1 else f"{tried.count:,} recipes were"
    begun = f"{how_many} tried on {symbol} so far"
    if told is None:
        return f"{begun}; there are too few independent calls to judge what trading them would have earned."
    needs = (
        "No length of record would tell it from zero"
        if told.least_years is None
        else f"It takes {told.least_years:.1f} years to tell it from zero"
    )
    return (
        f"{begun}{_chance(told, tried)} {needs}; there are {told.years:.1f}. Trying more makes each look worse. "
        f"{_revised(Revised.of(told, tried), tried)}"
    )


def _chance(told: Figures, tried: Tried) -> str:
    if tried.count == 1:
        return f": the chance that its true Sharpe after costs is above zero is {told.psr:.0%}."
    return (
        f": the best of as many without skill would show a Sharpe of {told.best_by_luck:.2f} by luck. The chance that "
        f"this one's true Sharpe after costs is above that is {told.dsr:.0%} (above zero, had it been the only one: "
        f"{told.psr:.0%})."
    )


def _revised(told: Revised, tried: Tried) -> str:
    above = "" if tried.count == 1 else f"{told.dsr:.0%} above luck, "
    years = "never to be told from zero" if told.least_years is None else f"{told.least_years:.1f} years"
    return (
        f"By the definitions of 2025, beside these of 2012: {above}{told.psr:.0%} above zero, {years}; "
        f"a record as long shows a true Sharpe of 1 with a chance of {told.power:.0%}."
    )
