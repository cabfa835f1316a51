"""Dissimilarity: is this bar like any that the model learned from? Outside its experience a model's word is a guess.

Distance of a row's standardised features to the nearest of some 2,000 training rows, told as a share: how many of the
newest training rows lay nearer to the older ones. Beyond 99 % a call is out of domain. (FreqAI's index divides the
smallest distance by the mean one; neighbours in time make that look nearer than new bars can be.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.kernels.nearest import nearest_rows
from engine.learning.members.member import Arrays, Scaler
from engine.statistics.sample import table

LIMIT = 0.99
_KNOWN = 2_000
_PROBED = 1_000
_NEWEST = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """Standardised training rows (k, n_features), and the ascending distances of newer training rows to older ones."""

    mean: Column
    scale: Column
    rows: Matrix
    distances: Column

    @classmethod
    def of(cls, x: Matrix, overlap: int = 1) -> Domain:
        """From training rows in order of time, at least 100. The newest fifth is measured against the rest, less the
        `overlap` rows between them; afterwards all of it counts as experience."""
        found = table(x, "training rows", least_rows=100)
        scaler = Scaler.of(np.ascontiguousarray(found), np.ones(len(found)))
        z = (found - scaler.mean) / scaler.scale
        cut = int(len(z) * (1 - _NEWEST))
        older, newer = z[: max(1, cut - overlap)], z[cut:]
        distances = np.sort(nearest_rows(_thin(newer, _PROBED), _thin(older, _KNOWN)))
        return cls(mean=scaler.mean, scale=scaler.scale, rows=_thin(z, _KNOWN), distances=distances)

    def strangeness(self, x: Matrix) -> Column:
        """Share of those distances that are smaller than this row's, shape (n,); NaN where a feature is. Some 60
        microseconds a row."""
        z = np.ascontiguousarray((x - self.mean) / self.scale)
        distance = nearest_rows(z, self.rows)
        share = np.searchsorted(self.distances, distance, "left") / len(self.distances)
        return np.where(np.isnan(distance), np.nan, share)

    def arrays(self) -> Arrays:
        """All that was learned."""
        return {"mean": self.mean, "scale": self.scale, "rows": self.rows, "distances": self.distances}

    @classmethod
    def restore(cls, arrays: Arrays) -> Domain:
        """What those arrays came from."""
        return cls(
            mean=arrays["mean"], scale=arrays["scale"], rows=np.ascontiguousarray(arrays["rows"]),
            distances=arrays["distances"],
        )  # fmt: skip


def _thin(rows: Matrix, most: int) -> Matrix:
    """At most `most` rows, evenly spaced, the last one among them."""
    keep = np.unique(np.round(np.linspace(0, len(rows) - 1, min(most, len(rows)))).astype(np.int64))
    return np.ascontiguousarray(rows[keep])
