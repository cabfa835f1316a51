"""Challenge: is the challenger better than the champion, on bars that neither had seen, beyond what luck explains?

Both have said the chance of a rise at the same live bars. Each matured bar is a bet on the difference of their Brier
scores (`statistics.evidence`): the wealth K starts at 1 and reaches 20 in at most 1 of 20 challenges where the
challenger is no better, however often one looks. It must also have earned more net of costs: a sharper probability that
changes no trade, or costs more than it brings, is no reason to change what trades.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from engine.domain.outcome import MaturedCall
from engine.domain.signal import Signal
from engine.learning.kernels.compiled import Column
from engine.statistics.evidence import Evidence, brier_difference, evidence

MEASURED = ((0.0013, 5_360), (0.0056, 1_895))
"""Brier gain per call and the bars it took to show, at the median, on hourly bars: what to expect before one knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """Rows are bars at which both have a matured call, in order of time: `at` (n,), the evidence's wealth (n,). `brier`
    is the challenger's gain per call and `net` its gain in log return per call after costs; None without rows."""

    at: tuple[datetime, ...]
    evidence: Evidence
    brier: float | None
    net: float | None

    @property
    def n(self) -> int:
        """Bars that count."""
        return len(self.at)

    @property
    def wealth(self) -> float:
        """K now: 1 before the first bar."""
        return float(self.evidence.wealth[-1]) if self.n else 1.0

    @property
    def proved(self) -> bool:
        """The probabilities are better: K reached its threshold and, with a horizon, stood its confirmation."""
        return self.evidence.decided is not None

    @property
    def lost(self) -> bool:
        """It crossed and did not stand its one confirmation: this challenge is over."""
        return self.evidence.lapsed is not None

    @property
    def won(self) -> bool:
        """It may take over: proved, and with a gain net of costs."""
        return self.proved and self.net is not None and self.net > 0

    @property
    def words(self) -> str:
        """Where the challenge stands.

        >>> print(challenge([], [], horizon=24, cost=0.0).words)
        K 1.0 of 20; no bar has matured yet. A clear gain took some 2,000 bars to show, a small one some 5,000
        """
        head = f"K {self.wealth:,.1f} of {self.evidence.threshold:.0f}"
        if not self.n or self.brier is None or self.net is None:
            small, clear = (round(bars, -3) for _, bars in MEASURED)
            tail = f"A clear gain took some {clear:,} bars to show, a small one some {small:,}"
            return f"{head}; no bar has matured yet. {tail}"
        net = f"{1e4 * self.net:+.2f} bp net per call over {self.n:,} bars"
        gains = f"Brier {1e3 * self.brier:+.2f} thousandths and {net}"
        if self.lost:
            return f"{head}; {gains}. It crossed and fell back within its horizon: the challenge is lost"
        if self.proved:
            verdict = "it takes over" if self.won else "better probabilities, but no gain net of costs: it waits"
            return f"{head}; {gains}. Proved: {verdict}"
        left = self.evidence.rows_left
        if left is None:
            return f"{head}; {gains}. Nothing points to a win as things go"
        return f"{head}; {gains}. As things go, proved in some {left:,.0f} bars more"


def challenge(
    champion: Sequence[MaturedCall], challenger: Sequence[MaturedCall], *, horizon: int, cost: float
) -> Challenge:
    """Hold two records of one instrument against each other, in order of time, at the bars that both have.

    `cost`: a round trip's, as a ratio. The error rate holds only for calls that were stored before their outcome.
    """
    theirs = {call.as_of: call for call in champion}
    new = [call for call in challenger if call.as_of in theirs]
    old = [theirs[call.as_of] for call in new]
    p = np.array([call.probability_up for call in old])
    q = np.array([call.probability_up for call in new])
    y = np.array([float(call.up) for call in new])
    d, bound = brier_difference(p, q, y)
    return Challenge(
        at=tuple(call.as_of for call in new),
        evidence=evidence(d, bound, horizon=horizon),
        brier=float(d.mean()) if new else None,
        net=float((earned(new, cost) - earned(old, cost)).mean()) if new else None,
    )


def earned(calls: Sequence[MaturedCall], cost: float) -> Column:
    """What each call earned long or flat, in return: the move less a round trip where it was a BUY that was likelier to
    come true than not. A model of trades may call BUY where a buy hardly pays, and SELL where one may."""
    bought = np.array([call.signal is Signal.BUY and call.probability_up > 0.5 for call in calls], dtype=np.bool_)
    return np.where(bought, np.expm1(np.array([call.realised for call in calls])) - cost, 0.0)
