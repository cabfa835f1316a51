"""Calls: confidence as a rank among the model's own out-of-sample calls, and how often calls that strong came true."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.learning.kernels.compiled import Column
from engine.learning.members.member import Arrays

_BANDS = 20
_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Out-of-sample calls with confidence in [low, high]: how many, how many of them independent (overlapping horizons
    count once), the share that came true, and the half-width of its 95 % interval."""

    low: float
    high: float
    n: int
    n_independent: int
    right: float
    plus_minus: float

    @classmethod
    def of(cls, low: float, high: float, n: int, hits: int, *, horizon: int) -> Band:
        """Count a band; its interval is binomial on the independent calls."""
        independent = max(1, n // horizon)
        right = hits / n if n else math.nan
        # Agresti-Coull: honest also at a share of 0 or 1 and for few calls.
        trials = independent + _Z95**2
        centre = (right * independent + _Z95**2 / 2) / trials if n else math.nan
        width = _Z95 * math.sqrt(centre * (1 - centre) / trials) if n else math.nan
        return cls(low=low, high=high, n=n, n_independent=independent if n else 0, right=right, plus_minus=width)

    def as_json(self) -> dict[str, float | int]:
        """For reports."""
        return {
            "confidence_low": self.low, "confidence_high": self.high, "n": self.n,
            "n_independent": self.n_independent, "right": self.right, "plus_minus": self.plus_minus,
        }  # fmt: skip

    @classmethod
    def from_json(cls, row: Mapping[str, float]) -> Band:
        """A band of a report."""
        return cls(
            low=row["confidence_low"], high=row["confidence_high"], n=int(row["n"]),
            n_independent=int(row["n_independent"]), right=row["right"], plus_minus=row["plus_minus"],
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """The model's out-of-sample calls, weakest first: strength and whether each was right, both (n,)."""

    strengths: Column
    right: NDArray[np.bool_]
    horizon: int

    @classmethod
    def of(cls, probability_up: Column, right: NDArray[np.bool_], horizon: int) -> Calls:
        """Calls in any order; their strength is |p - 0.5|."""
        return cls.by(np.abs(probability_up - 0.5), right, horizon)

    @classmethod
    def by(cls, strength: Column, right: NDArray[np.bool_], horizon: int) -> Calls:
        """The same by another strength."""
        order = np.argsort(strength, kind="stable")
        return cls(strengths=strength[order], right=right[order], horizon=horizon)

    def confidence(self, probability_up: Column) -> Column:
        """Share of these calls that were weaker, per row; NaN stays NaN."""
        strength = np.abs(probability_up - 0.5)
        rank = np.searchsorted(self.strengths, strength, side="left") / max(1, len(self.strengths))
        return np.where(np.isnan(strength), np.nan, rank)

    def band(self, low: float, high: float) -> Band:
        """Calls with confidence from `low` to `high`."""
        n = len(self.strengths)
        first, last = math.floor(low * n), math.ceil(high * n)
        hits = int(np.count_nonzero(self.right[first:last]))
        return Band.of(low, high, last - first, hits, horizon=self.horizon)

    def bands(self, count: int = _BANDS) -> tuple[Band, ...]:
        """All calls in `count` bands of equal mass, weakest first."""
        return tuple(self.band(k / count, (k + 1) / count) for k in range(count))

    def arrays(self) -> Arrays:
        """All that is kept."""
        return {"strengths": self.strengths, "right": self.right.astype(np.uint8)}

    @classmethod
    def restore(cls, arrays: Arrays, horizon: int) -> Calls:
        """The calls those arrays came from."""
        return cls(strengths=arrays["strengths"], right=arrays["right"].astype(np.bool_), horizon=horizon)


def like(bands: tuple[Band, ...], confidence: float) -> Band:
    """The band of a stored report that a confidence falls into."""
    return bands[min(len(bands) - 1, max(0, int(confidence * len(bands))))]


def sentence(confidence: float, band: Band, calls: str = "calls") -> str:
    """The confidence in words, with how often such calls came true; `calls` are all, or those of one side.

    >>> print(sentence(0.87, Band(low=0.82, high=0.92, n=412, n_independent=412, right=0.59, plus_minus=0.047))[39:])
    this model's calls; calls this strong were right 59 % ± 5 % (n = 412 independent).
    """
    return (
        f"Confidence {confidence:.2f}: stronger than {100 * confidence:.0f} % of this model's {calls}; "
        f"{calls} this strong were right {100 * band.right:.0f} % ± {100 * band.plus_minus:.0f} % "
        f"(n = {band.n_independent:,} independent)."
    )
