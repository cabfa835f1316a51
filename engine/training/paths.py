"""Paths: how much of the result is this one history's luck? Combinatorial purged cross-validation of the whole recipe.

Six groups of bars, each two of them judged by members that learned from the other four: fifteen fits, five whole paths
through the history. They learn from what came later too: they tell how results scatter, never what would have
been earned. Three times the work of a training: only where it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.domain.account import Costs
from engine.domain.errors import UnusableSample
from engine.learning.combinatorial import Split, path_rows, splits
from engine.learning.ensemble import equal_weights, vote
from engine.learning.kernels.compiled import Column
from engine.learning.members.member import Member
from engine.statistics.track import Track
from engine.training.folds import Fold
from engine.training.material import Material
from engine.training.spec import TrainingSpec

N_GROUPS, N_TESTED = 6, 2
_EMBARGO_BARS = 24
"""Bars after a tested group whose features remember it most."""

Row = dict[str, object]


def combinations(material: Material, spec: TrainingSpec) -> tuple[Split, ...]:
    """The splits, none where paths are not asked for."""
    if not spec.paths:
        return ()
    embargo = max(spec.horizon, _EMBARGO_BARS) * spec.interval.ms
    return tuple(
        splits(material.close_ms, material.known_ms, n_groups=N_GROUPS, n_tested=N_TESTED, embargo_ms=embargo)
    )


def as_folds(found: Sequence[Split]) -> tuple[Fold, ...]:
    """The same for whoever fits."""
    return tuple(Fold(teach=one.teach, judge=one.judge) for one in found)


def paths(
    material: Material, found: Sequence[Split], fitted: Mapping[tuple[int, str], Member], first: int, spec: TrainingSpec
) -> Row | None:
    """Annual Sharpe ratios of the paths before and after costs, as in `validation`; None where none was asked for. The
    members of split s are `fitted[first + s, name]`, voting in equal shares. Where the target is a trade they are those
    of the vote alone: a second model would have to learn from votes that no split has."""
    if not found:
        return None
    weights = list(equal_weights(spec.members).values())
    answers = [
        vote([fitted[first + s, name].probability_up(_rows(material, one)) for name in spec.members], weights)
        for s, one in enumerate(found)
    ]
    ways = path_rows(answers, found, N_GROUPS)[:, :: spec.horizon]
    moves = material.log_return if material.trade is None else material.trade.log_return
    move, cost = np.expm1(moves)[:: spec.horizon], float(Costs().round_trip_ratio)
    whose = "its" if spec.barrier is None else "its vote's (every buy it calls, whatever the second model says)"
    year = (spec.interval.bars_per_year / spec.horizon) ** 0.5
    gross, net = ([_sharpe((way > 0.5) * (move - c), year) for way in ways] for c in (0.0, cost))
    return {
        "n_splits": len(found), "n_paths": len(ways), "gross": gross, "net": net, "net_median": float(np.median(net)),
        "net_worst": min(net), "below_zero": float(np.mean(np.array(net) < 0)),
        "words": f"Over {len(ways)} paths through the same bars {whose} Sharpe after costs lies between {min(net):.2f} "
        f"and {max(net):.2f}; {sum(one < 0 for one in net)} of them lose.",
    }  # fmt: skip


def _rows(material: Material, split: Split) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.ascontiguousarray(material.x[split.judge])


def _sharpe(returns: Column, year: float) -> float:
    """Annual; 0 where no call was taken."""
    try:
        return Track.of(returns).sharpe * year
    except UnusableSample:
        return 0.0
