"""Purged walk-forward: each fold learns from what was known before it began, and is judged on what came then."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.learning.labels import known_before
from engine.training.material import Material

N_FOLDS = 5
_FIRST_SHARE = 1 / 3
"""Rows that only teach: the first fold begins after them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Rows that teach and rows that judge; every label of the former was known at the first call of the latter."""

    teach: NDArray[np.int64]
    judge: NDArray[np.int64]


def walk_forward(material: Material, n_folds: int = N_FOLDS) -> tuple[Fold, ...]:
    """Expanding folds over the rows in order of time. The purge drops rows whose horizon reaches into the fold."""
    n = len(material)
    edges = np.linspace(n * _FIRST_SHARE, n, n_folds + 1).astype(np.int64)
    folds = []
    for start, end in pairwise(edges.tolist()):
        teach = known_before(material.known_ms, np.arange(start), int(material.close_ms[start]))
        folds.append(Fold(teach=teach, judge=np.arange(start, end)))
    return tuple(folds)


def everything(material: Material) -> NDArray[np.int64]:
    """Rows of the final fit: all that have a label."""
    return np.arange(len(material))
