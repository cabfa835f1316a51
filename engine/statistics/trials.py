"""Effective number of trials: how many independent ones as many correlated ones amount to.

The count of all trials is the safe number for deflation and stands first on every screen; these say how much of it may
be repetition. None of them is known to be right, so both are shown.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from engine.domain.errors import UnusableSample
from engine.statistics.sample import Floats, table


def correlations(returns: ArrayLike) -> Floats:
    """Correlation of trials' returns, shape (periods, trials) in, (trials, trials) out; every trial must vary."""
    found = table(returns, "trials' returns", least_rows=3)
    still = np.flatnonzero(np.ptp(found, axis=0) <= 1e-14 * np.abs(found).max(axis=0, initial=0.0))
    if len(still):
        raise UnusableSample(f"trial {still[0]} earned the same in every period; leave it out")
    matrix = np.atleast_2d(np.corrcoef(found, rowvar=False))
    return np.asarray(np.clip(matrix, -1.0, 1.0))


def trials_by_correlation(correlation: ArrayLike) -> float:
    """Mean r of pairs gives r + (1 - r) N; r is not taken below zero (Bailey and López de Prado 2014, appendix).

    >>> trials_by_correlation([[1, 0.5], [0.5, 1]])
    1.5
    """
    matrix = _square(correlation)
    n = len(matrix)
    if n == 1:
        return 1.0
    mean = (float(matrix.sum()) - n) / (n * (n - 1))
    mean = min(1.0, max(0.0, mean))
    return mean + (1 - mean) * n


def trials_by_entropy(correlation: ArrayLike) -> float:
    """exp(entropy) of the normalised eigenvalues: the effective rank of Roy and Vetterli (2007), which López de Prado,
    Lipton and Zoonekynd (2025) use.

    >>> round(trials_by_entropy([[1, 0.1, 0.7], [0.1, 1, 0.8], [0.7, 0.8, 1]]), 2)
    1.84
    """
    eigenvalues = np.linalg.eigvalsh(_square(correlation))
    share = eigenvalues[eigenvalues > 1e-12]
    share = share / share.sum()
    return math.exp(-float((share * np.log(share)).sum()))


def _square(correlation: ArrayLike) -> Floats:
    matrix = table(correlation, "correlations", least_rows=1)
    if matrix.shape[0] != matrix.shape[1]:
        raise UnusableSample(f"correlations have shape {matrix.shape}; a square table is needed")
    if not np.allclose(matrix, matrix.T, atol=1e-9) or not np.allclose(np.diag(matrix), 1.0, atol=1e-9):
        raise UnusableSample("correlations must be symmetric with ones on the diagonal")
    if float(np.abs(matrix).max()) > 1 + 1e-9:
        raise UnusableSample("a correlation lies outside -1 and 1")
    return matrix
