"""Evidence that grows: is a challenger better than the champion, looked at after every bar, with a bounded error rate?

An e-process bets against "the challenger is never expected to be better". Its wealth starts at 1; where that is true
it reaches 20 in at most 1 of 20 challenges, however often one looks (Ville). Wealth = mean over a few stakes s of
prod_i (1 + s d_i), d_i = champion's loss - challenger's, each stake cut so that no step loses more than half
(Choe and Ramdas, "Comparing sequential forecasters"; betting as in Waudby-Smith and Ramdas). The mean of fixed stakes
needs no tuning and is within log(5) of the best of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.domain.errors import UnusableSample
from engine.statistics.sample import Floats, at_least, pair, sample, within

STAKES = (0.125, 0.25, 0.5, 1.0, 2.0)
"""A challenger that is calibrated and knows more than the champion is best backed by about 1."""

_MARGIN = 1.25

_MOST = 600.0
"""Log wealth that is told apart; more would not fit a float."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`wealth` after each matured row, shape (n,). `decided` is the row at which the challenger has won, `lapsed` the
    row at which its one confirmation failed; both None while the challenge goes on. `growth`: log wealth per row of the
    stake that has done best."""

    wealth: Floats
    threshold: float
    decided: int | None
    lapsed: int | None
    growth: float

    @property
    def rows_left(self) -> float | None:
        """Rows until a win if things go on as they did; 0 once it is won, None where nothing points to one."""
        if self.decided is not None:
            return 0.0
        if self.growth <= 0 or self.lapsed is not None:
            return None
        now = float(self.wealth[-1]) if len(self.wealth) else 1.0
        return max(0.0, math.log(self.threshold / max(now, 1e-300)) / self.growth)


def brier_difference(champion: ArrayLike, challenger: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Per row d = (p - y)^2 - (q - y)^2, and |p - q| max(p + q, 2 - p - q), which |d| cannot exceed whatever y will be.

    >>> d, bound = brier_difference([0.5], [0.6], [1.0])
    >>> round(float(d[0]), 6), round(float(bound[0]), 6)
    (0.09, 0.11)
    """
    p, q = pair(champion, challenger, "probabilities", least=0)
    p, outcome = pair(p, y, "probabilities and outcomes", least=0)
    if len(p) and (min(p.min(), q.min()) < 0 or max(p.max(), q.max()) > 1 or not np.isin(outcome, (0.0, 1.0)).all()):
        raise UnusableSample("probabilities must lie within 0 and 1, and outcomes be 0 or 1")
    return (p - outcome) ** 2 - (q - outcome) ** 2, np.abs(p - q) * np.maximum(p + q, 2 - p - q)


def evidence(difference: ArrayLike, bound: ArrayLike = 1.0, *, horizon: int = 1, error_rate: float = 0.05) -> Evidence:
    """Weigh differences of losses (above zero: the challenger lost less), in order of time, matured ones only.

    `bound`: what |d_i| cannot exceed, known before the outcome; one number or one per row. With a horizon of h rows,
    h interleaved processes are averaged, each of outcomes that do not overlap. Their mean must stand the test of the
    h - 1 outcomes that were already under way when it crossed (Henzi and Ziegel 2022): it has to pass 1.25 times the
    threshold, and to be at the threshold still h - 1 rows later. It gets that chance once.
    """
    at_least(horizon, "horizon", 1)
    threshold = 1 / within(error_rate, "error rate", 0, 1)
    d = sample(difference, "differences of losses", least=0)
    limit = np.broadcast_to(np.asarray(bound, dtype=np.float64), d.shape)
    if not (limit >= 0).all() or (np.abs(d) > limit + 1e-12).any():
        raise UnusableSample("a difference of losses exceeds its bound; the error rate would not hold")
    cap = 0.5 / np.maximum(limit, 1e-9)
    steps = np.log1p(np.minimum(np.array(STAKES)[:, None], cap) * d)
    wealth = _interleaved(steps, horizon)
    decided, lapsed = _verdict(wealth, threshold, horizon)
    growth = float(steps.mean(axis=1).max()) / horizon if len(d) else 0.0
    return Evidence(wealth=wealth, threshold=threshold, decided=decided, lapsed=lapsed, growth=growth)


def _interleaved(steps: Floats, horizon: int) -> Floats:
    """Mean wealth over stakes and over the `horizon` processes, of which row i moves process i mod horizon."""
    total = np.zeros(steps.shape[1])
    for first in range(horizon):
        own = np.zeros_like(steps)
        own[:, first::horizon] = steps[:, first::horizon]
        total += np.exp(np.minimum(np.cumsum(own, axis=1), _MOST)).mean(axis=0)
    return total / horizon


def _verdict(wealth: Floats, threshold: float, horizon: int) -> tuple[int | None, int | None]:
    crossed = np.flatnonzero(wealth >= threshold * (1.0 if horizon == 1 else _MARGIN))
    if not len(crossed):
        return None, None
    at = int(crossed[0]) + horizon - 1
    if at >= len(wealth):
        return None, None
    return (at, None) if wealth[at] >= threshold else (None, at)
