"""Probability of backtest overfitting: how often the best in sample falls below the median out of sample.

Combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado and Zhu, "The probability of backtest
overfitting"): cut the periods into S blocks, call every half of them in sample and the other half out of sample. Where
nothing has skill the answer is one half, not zero; where all trials earned the same, it is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from engine.domain.errors import UnusableSample
from engine.statistics.sample import Floats, table

MOST_BLOCKS = 20
"""184,756 splits."""
_AT_ONCE = 400_000
"""Splits times trials that are looked at together: memory does not grow with their number."""


class Metric(StrEnum):
    """What trials are ranked by."""

    MEAN = "mean"
    SHARPE = "sharpe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overfitting:
    """`probability` of overfitting and `loss`, the chance that the best in sample loses out of sample.

    Per split, shape (n_splits,): `logits` ln(w / (1 - w)) of the winner's relative rank w out of sample, and what the
    winner showed in sample and out of it. `slope` of the latter on the former: below zero, winning predicts losing.
    """

    probability: float
    loss: float
    slope: float
    logits: Floats
    in_sample: Floats
    out_of_sample: Floats


def overfitting(
    returns: ArrayLike, blocks: int = 16, *, metric: Metric = Metric.SHARPE, risk_free: float = 0.0
) -> Overfitting:
    """Judge a table of net returns, shape (periods, trials): every trial that was made, not the good ones.

    `blocks` is even; the oldest `periods mod blocks` are left out, so that blocks are equally long. `risk_free` is per
    period. Ties share their mean rank; of several winners the first counts.

    >>> hand = [[-2, 2, 1], [-1, -3, 1], [-1, 3, -1], [1, -2, 0], [-3, 2, -3], [2, 2, 0], [2, 1, 3], [2, 3, -3]]
    >>> found = overfitting(hand, blocks=4, metric=Metric.MEAN)
    >>> round(found.probability, 6), round(found.loss, 6), len(found.logits)
    (0.333333, 0.166667, 6)
    """
    if blocks < 2 or blocks % 2 or blocks > MOST_BLOCKS:
        raise UnusableSample(f"blocks are {blocks}; an even number from 2 to {MOST_BLOCKS} is needed")
    least = 2 * blocks if metric is Metric.MEAN else 4 * blocks
    found = table(returns, "trials' returns", least_rows=least, least_columns=2) - risk_free
    found = found[len(found) % blocks :]
    return _judged(*_scores(found, blocks, metric))


def overfitting_of_sums(sums: ArrayLike, squares: ArrayLike, length: int) -> Overfitting:
    """The same by Sharpe ratio from what each trial's returns and their squares add up to in each of S blocks of
    `length` periods, both of shape (S, trials): all that a large sweep has to keep of a trial.

    A trial that stands still in a half of the blocks has a ratio of 0 there: nothing risked, nothing earned.

    >>> rng = np.random.default_rng(3)
    >>> returns = rng.normal(0.001, 0.01, (160, 9))
    >>> parts = returns.reshape(16, 10, 9)
    >>> found = overfitting_of_sums(parts.sum(axis=1), (parts**2).sum(axis=1), 10)
    >>> found.probability == overfitting(returns, 16).probability
    True
    """
    total, square = table(sums, "trials' block sums", least_columns=2), table(squares, "trials' block squares")
    blocks = len(total)
    if total.shape != square.shape or blocks % 2 or blocks > MOST_BLOCKS or length < 2:
        raise UnusableSample(f"sums {total.shape} and squares {square.shape} of {length} periods: an even number of "
                             f"blocks up to {MOST_BLOCKS} and two tables of one shape are needed")  # fmt: skip
    half = blocks // 2 * length
    step = max(1, _AT_ONCE // total.shape[1])
    chosen = _halves(blocks)
    parts = []
    for start in range(0, len(chosen), step):
        picked = chosen[start : start + step]
        inside, outside = (_ratios(pick @ total / half, pick @ square, half) for pick in (picked, 1.0 - picked))
        parts.append(_winners(inside, outside))
    return _summed(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _ratios(mean: Floats, square: Floats, half: int) -> Floats:
    """Sharpe ratios of one side of some splits; 0 where a trial stood still."""
    variance = np.maximum(0.0, (square - half * mean**2) / (half - 1))
    still = variance <= 1e-18 * np.maximum(mean**2, 1e-300)
    return np.asarray(np.where(still, 0.0, mean / np.sqrt(np.where(still, 1.0, variance))))


def _judged(inside: Floats, outside: Floats) -> Overfitting:
    """What the winners of all splits came to."""
    return _summed(*_winners(inside, outside))


def _winners(inside: Floats, outside: Floats) -> tuple[Floats, Floats, Floats]:
    """Per split: the logit of the winner's rank out of sample, and its metric in sample and out of it."""
    rows = np.arange(len(inside))
    winner = inside.argmax(axis=1)
    won = outside[rows, winner]
    below = (outside < won[:, None]).sum(axis=1)
    same = (outside == won[:, None]).sum(axis=1)
    rank = (below + (same + 1) / 2) / (inside.shape[1] + 1)
    return np.log(rank / (1 - rank)), inside[rows, winner], won


def _summed(logits: Floats, best: Floats, won: Floats) -> Overfitting:
    return Overfitting(
        probability=float(np.mean(logits <= 0)),
        loss=float(np.mean(won < 0)),
        slope=_slope(best, won),
        logits=logits,
        in_sample=best,
        out_of_sample=won,
    )


def _halves(blocks: int) -> Floats:
    """Every half of the blocks, as rows of ones and zeros."""
    chosen = np.zeros((_count(blocks), blocks))
    for row, picked in enumerate(combinations(range(blocks), blocks // 2)):
        chosen[row, picked] = 1.0
    return chosen


def _scores(returns: Floats, blocks: int, metric: Metric) -> tuple[Floats, Floats]:
    """Every trial's metric in sample and out of it, both (n_splits, trials), from the blocks' sums alone."""
    chosen = _halves(blocks)
    centred = returns - returns.mean(axis=0)  # squares of what is far from zero would lose digits
    parts = centred.reshape(blocks, -1, returns.shape[1])
    sums, squares = parts.sum(axis=1), (parts**2).sum(axis=1)
    half = len(returns) // 2
    sides = []
    for pick in (chosen, 1.0 - chosen):
        shift = pick @ sums / half
        mean = shift + returns.mean(axis=0)
        variance = (pick @ squares - half * shift**2) / (half - 1)
        sides.append(mean if metric is Metric.MEAN else _sharpe(mean, variance))
    return sides[0], sides[1]


def _sharpe(mean: Floats, variance: Floats) -> Floats:
    if (variance <= 1e-18 * np.maximum(mean**2, 1e-300)).any():
        raise UnusableSample("a trial's returns stand still in half of the blocks; rank by the mean, or leave it out")
    return np.asarray(mean / np.sqrt(variance))


def _slope(x: Floats, y: Floats) -> float:
    away = x - x.mean()
    total = float(away @ away)
    return float(away @ (y - y.mean())) / total if total > 0 else float("nan")


def _count(blocks: int) -> int:
    return int(np.prod([(blocks - k) / (k + 1) for k in range(blocks // 2)]).round())
