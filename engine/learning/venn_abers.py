"""Venn-Abers: an interval for a probability that holds without any assumption about the scores' meaning.

Inductive Venn-Abers predictor (Vovk, Petej and Fedorova 2015): fit isotonic regression to the calibration rows and the
new score, once as if it came to nothing and once as if it came true. The two fits at the score are p0 and p1; one of
them is perfectly calibrated, and nobody knows which. Merged to one number: p1 / (1 - p0 + p1).

It is for intervals. As a calibrator isotonic regression needs some 10,000 independent rows; below that shrunk Platt
(`calibration`) scores better.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.domain.errors import UnusableSample
from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.kernels.isotonic import bounds_rows
from engine.learning.members.member import Arrays
from engine.statistics.sample import at_least, pair


@dataclass(frozen=True, slots=True, kw_only=True)
class VennAbers:
    """Distinct calibration scores, ascending, with the outcomes and rows at each; `overlap` rows share an outcome."""

    knots: Column
    hits: Column
    counts: Column
    overlap: int

    @classmethod
    def fit(cls, score: Column, up: Column, overlap: int = 1) -> VennAbers:
        """From scores (any order-preserving measure of the chance) and matured outcomes 0 or 1, both shape (n,).

        With a horizon of h bars neighbouring outcomes overlap: the new row then counts as h of them, so that the
        interval is as wide as n / h rows would have it.
        """
        at_least(overlap, "overlap", 1)
        known, outcome = pair(score, up, "scores and outcomes", least=2)
        if not np.isin(outcome, (0.0, 1.0)).all():
            raise UnusableSample("an outcome is neither 0 nor 1; calibrate on what came true or did not")
        knots, at = np.unique(known, return_inverse=True)
        return cls(
            knots=knots,
            hits=np.bincount(at, weights=outcome).astype(np.float64),
            counts=np.bincount(at).astype(np.float64),
            overlap=overlap,
        )

    def bounds(self, score: Column) -> Matrix:
        """Columns p0 <= p1 per score, shape (n, 2); some 10 microseconds per 1,000 distinct calibration scores.

        >>> found = VennAbers.fit(np.array([.1, .4, .35, .8]), np.array([0., 1, 0, 1])).bounds(np.array([.2, .5, .9]))
        >>> found.round(4).tolist()
        [[0.0, 0.5], [0.5, 1.0], [0.6667, 1.0]]
        """
        asked = np.ascontiguousarray(score, dtype=np.float64)
        return bounds_rows(asked, self.knots, self.hits, self.counts, float(self.overlap))

    def apply(self, score: Column) -> Matrix:
        """Columns probability, low, high, shape (n, 3), as `Calibrator.apply` has them."""
        found = self.bounds(score)
        return np.column_stack([merged(found), found])

    def arrays(self) -> Arrays:
        """All that was learned."""
        return {
            "knots": self.knots, "hits": self.hits, "counts": self.counts, "overlap": np.array([self.overlap]),
        }  # fmt: skip

    @classmethod
    def restore(cls, arrays: Arrays) -> VennAbers:
        """What those arrays came from."""
        return cls(
            knots=arrays["knots"], hits=arrays["hits"], counts=arrays["counts"], overlap=int(arrays["overlap"][0])
        )


def merged(bounds: Matrix) -> Column:
    """One probability per pair: p1 / (1 - p0 + p1), which loses least logarithmically whichever end is true.

    >>> merged(np.array([[0.0, 0.5], [0.5, 1.0], [2 / 3, 1.0]])).round(4).tolist()
    [0.3333, 0.6667, 0.75]
    """
    return np.asarray(bounds[:, 1] / (1 - bounds[:, 0] + bounds[:, 1]))
