"""Meta: when to believe the vote. A second model learns which of its calls would have paid (López de Prado 2018, 3.6).

The ensemble says where price goes; whether a trade on that pays, net of costs and between a target and a stop, is
another question. A regularised logistic regression, the linear member itself, answers it from the features and the
vote's log odds. It learns from purged out-of-fold votes: of votes on rows that the members know by heart it would learn
to trust what never comes again.

Its event is one for every call: a buy at the next open pays. Spot is long or flat, so no other trade can follow, and
all versions of a model, whatever they called, can be judged at the same bars.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.domain.errors import ModelError
from engine.domain.target import Barrier
from engine.learning.barriers import trade_labels
from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.kernels.platt import logit_rows
from engine.learning.labels import Labels
from engine.learning.members import linear
from engine.learning.members.member import Arrays, Lesson, Member
from engine.learning.volatility import window_volatility


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What makes a buy pay (`barrier`), and the member that learned when it does."""

    barrier: Barrier
    member: Member

    def chance(self, x: Matrix, vote: Column) -> Column:
        """Raw chance that a buy pays, per row of features (n, k) and vote (n,); not yet calibrated."""
        return self.member.probability_up(_seen(x, vote))

    def labels(self, window: BarSeries, horizon: int) -> Labels:
        """What a buy at each bar of one window came to."""
        return trade_labels(window, window_volatility(window, horizon), horizon, self.barrier)

    def arrays(self) -> Arrays:
        """All that was learned."""
        return self.member.arrays()

    @classmethod
    def restore(cls, barrier: Barrier, arrays: Arrays) -> Meta:
        """The model those came from."""
        return cls(barrier=barrier, member=linear.restore(arrays))


def fit(
    barrier: Barrier, x: Matrix, vote: Column, paid: Column, *, weight: Column, life: NDArray[np.float64], seed: int
) -> Meta:
    """Learn from out-of-fold votes (n,) and what a buy came to, `paid` of 0.0 and 1.0; `life` (n,) are the bars that
    each trade lasted: so many neighbours share its outcome and count as one. ModelError where all or none paid."""
    if len(paid) == 0 or paid.min() == paid.max():
        which = "every one" if len(paid) and paid[0] > 0 else "none"
        raise ModelError(
            f"of {len(paid):,} buys to learn from {which} paid its costs of {barrier.cost_ratio:.2%}: there is nothing "
            "to tell apart. Choose a longer horizon, more bars, or the target direction"
        )
    overlap = max(1, round(float(life.mean())))
    return Meta(
        barrier=barrier,
        member=linear.fit(Lesson(x=_seen(x, vote), y=paid, weight=weight, seed=seed, overlap=overlap)),
    )


def _seen(x: Matrix, vote: Column) -> Matrix:
    """Features and the vote's log odds, shape (n, k + 1)."""
    return np.column_stack([x, logit_rows(np.ascontiguousarray(vote, dtype=np.float64))])
