"""Probabilistic Sharpe ratio, minimum track record length and power: how sure a track record makes one.

Two definitions disagree and are named apart. The **2012** form (Bailey and López de Prado, "The Sharpe ratio efficient
frontier") takes the estimate's variance at the ratio that was observed, with n - 1. The **2025** form (López de Prado,
Lipton and Zoonekynd, "How to use the Sharpe ratio") takes it at the null, with n. With negative skew, as here, the
2012 form is the stricter one (.913 against .987 in the papers' example); it is the default everywhere.

All ratios are per period. Nothing here knows how many trials were made: see `deflated`.
"""

from __future__ import annotations

import math

from engine.domain.errors import UnusableSample
from engine.statistics.sample import within
from engine.statistics.tails import NORMAL, normal_quantile
from engine.statistics.track import Track


def probabilistic_sharpe(track: Track, benchmark: float = 0.0) -> float:
    """2012: the chance that the true ratio exceeds `benchmark`,
    Phi[(SR - SR*) sqrt(n - 1) / sqrt(1 - g3 SR + (g4 - 1)/4 SR^2)].

    >>> round(probabilistic_sharpe(Track(n=24, sharpe=0.458)), 5)
    0.98167
    """
    return NORMAL.cdf(_ratio((track.sharpe - benchmark) * math.sqrt(track.n - 1), track.spread(track.sharpe)))


def probabilistic_sharpe_2025(track: Track, benchmark: float = 0.0) -> float:
    """2025: Phi[(SR - SR*) sqrt(n) / sqrt(1 - g3 SR* + (g4 - 1)/4 SR*^2)], one minus the p-value of SR <= SR*.

    >>> round(probabilistic_sharpe_2025(Track(n=24, sharpe=0.036 / 0.079, skew=-2.448, kurtosis=10.164)), 4)
    0.9872
    """
    return NORMAL.cdf(_ratio((track.sharpe - benchmark) * math.sqrt(track.n), track.spread(benchmark)))


def least_track_record(track: Track, benchmark: float = 0.0, level: float = 0.95) -> float:
    """2012: periods that such returns must go on for until `probabilistic_sharpe` reaches `level`,
    1 + (1 - g3 SR + (g4 - 1)/4 SR^2) (z / (SR - SR*))^2. Infinite where SR does not exceed SR*.

    >>> round(least_track_record(Track(n=250, sharpe=1.14), 1.0), 4)
    228.735
    """
    return 1 + _length(track, benchmark, level, at=track.sharpe)


def least_track_record_2025(track: Track, benchmark: float = 0.0, level: float = 0.95) -> float:
    """2025: the same with the variance at the null, (1 - g3 SR* + (g4 - 1)/4 SR*^2) (z / (SR - SR*))^2.

    >>> round(least_track_record_2025(Track(n=24, sharpe=0.036 / 0.079, skew=-2.448, kurtosis=10.164)), 3)
    13.029
    """
    return _length(track, benchmark, level, at=benchmark)


def power_2025(track: Track, alternative: float, benchmark: float = 0.0, level: float = 0.95) -> float:
    """2025: the chance that n such returns show it, at confidence `level`, where the true ratio is `alternative`.

    1 - Phi[(SRc - SR1) / s(SR1)] with SRc = SR* + z s(SR*), s(x)^2 = (1 - g3 x + (g4 - 1)/4 x^2) / n. The paper's
    beta, the share of good strategies that are missed, is one minus this. Only n, skew and kurtosis of `track` count.

    >>> round(1 - power_2025(Track(n=24, sharpe=0.456, skew=-2.448, kurtosis=10.164), 0.5), 4)
    0.3152
    """
    critical = benchmark + normal_quantile(level) * math.sqrt(track.spread(benchmark) / track.n)
    return NORMAL.cdf(_ratio(alternative - critical, track.spread(alternative) / track.n))


def _length(track: Track, benchmark: float, level: float, *, at: float) -> float:
    within(level, "level", 0.5, 1)
    if track.sharpe <= benchmark:
        return math.inf
    return track.spread(at) * (normal_quantile(level) / (track.sharpe - benchmark)) ** 2


def _ratio(distance: float, variance: float) -> float:
    if variance <= 0:
        raise UnusableSample(
            "the returns take two values only, in a way that leaves no room for doubt; no chance can be stated"
        )
    return distance / math.sqrt(variance)
