"""Combinatorial purged cross-validation: many out-of-sample paths through one history (López de Prado 2018, 12).

N contiguous groups; every choice of k groups is a test, the rest trains. Each group is tested C(N - 1, k - 1) times, so
that as many whole paths can be put together, each judged by models that never saw it. Training rows whose label
overlaps a tested group are purged; rows that begin within the embargo after one are left out, because their features
still remember it.

Unlike walk-forward this trains on what came later. It answers "how much of this result is this one history's luck?";
it never answers "what would have been said then".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.domain.errors import UnusableSample
from engine.statistics.sample import at_least

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Groups that are tested, and the rows that teach and judge, both ascending."""

    groups: tuple[int, ...]
    teach: Rows
    judge: Rows


def n_paths(n_groups: int, n_tested: int) -> int:
    """(k / N) C(N, k) = C(N - 1, k - 1).

    >>> n_paths(6, 2), n_paths(10, 2)
    (5, 9)
    """
    _counts(n_groups, n_tested)
    return comb(n_groups - 1, n_tested - 1)


def groups(n_rows: int, n_groups: int) -> list[Rows]:
    """Contiguous groups of rows, as equal as can be.

    >>> [len(g) for g in groups(10, 3)]
    [4, 3, 3]
    """
    return [part.astype(np.int64) for part in np.array_split(np.arange(n_rows), n_groups)]


def splits(
    close_ms: ArrayLike, known_ms: ArrayLike, *, n_groups: int = 6, n_tested: int = 2, embargo_ms: int = 0
) -> Iterator[Split]:
    """Every split of rows in order of time. Row i is called at `close_ms[i]`; its label is known at `known_ms[i]`.

    UnusableSample where rows are fewer than twice the groups, times do not ascend, or a split has nothing to teach.
    """
    _counts(n_groups, n_tested)
    at_least(embargo_ms, "embargo in ms", 0)
    close, known = _times(close_ms, known_ms, 2 * n_groups)
    parts = groups(len(close), n_groups)
    for chosen in combinations(range(n_groups), n_tested):
        judge = np.concatenate([parts[g] for g in chosen])
        teach = purged(close, known, [parts[g] for g in chosen], embargo_ms)
        if not len(teach):
            raise UnusableSample(
                f"the purge leaves nothing to learn from where groups {chosen} are tested; "
                "take fewer groups, a shorter horizon or a shorter embargo"
            )
        yield Split(groups=chosen, teach=teach, judge=judge)


def purged(close_ms: Rows, known_ms: Rows, tested: Sequence[Rows], embargo_ms: int = 0) -> Rows:
    """Rows that may teach where these blocks are tested: none in them, none whose label shares time with a label of
    theirs, none that is called within `embargo_ms` after the last of their labels is known. Labels that only touch
    share nothing."""
    keep = np.ones(len(close_ms), dtype=np.bool_)
    for block in tested:
        keep[block] = False
        began, ended = int(close_ms[block[0]]), int(known_ms[block].max())
        keep &= (known_ms <= began) | (close_ms >= ended)
        keep &= (close_ms < ended) | (close_ms >= ended + embargo_ms)
    return np.flatnonzero(keep)


def paths(n_groups: int, n_tested: int) -> NDArray[np.int64]:
    """Which split answers for each group, shape (n_paths, n_groups), in the order of `splits`: path p takes, for each
    group, the p-th split in which it was tested.

    >>> paths(4, 2).tolist()
    [[0, 0, 1, 2], [1, 3, 3, 4], [2, 4, 5, 5]]
    """
    chosen = list(combinations(range(n_groups), n_tested))
    tested = [[s for s, some in enumerate(chosen) if g in some] for g in range(n_groups)]
    return np.array(tested[: n_groups or 1]).T[: n_paths(n_groups, n_tested)]


def path_rows(answers: Sequence[NDArray[np.float64]], of: Sequence[Split], n_groups: int) -> NDArray[np.float64]:
    """Answers per split (for its `judge` rows) put together to whole paths, shape (n_paths, n_rows)."""
    n_tested = len(of[0].groups)
    ways = paths(n_groups, n_tested)
    n_rows = sum(len(split.judge) for split in of) // len(ways)
    parts = groups(n_rows, n_groups)
    out = np.full((len(ways), n_rows), np.nan)
    for p, way in enumerate(ways):
        for g, s in enumerate(way.tolist()):
            out[p, parts[g]] = answers[s][np.searchsorted(of[s].judge, parts[g])]
    return out


def _counts(n_groups: int, n_tested: int) -> None:
    if not 1 <= n_tested < n_groups:
        raise UnusableSample(f"{n_tested} of {n_groups} groups are to be tested; at least one must teach and one judge")


def _times(close_ms: ArrayLike, known_ms: ArrayLike, least: int) -> tuple[Rows, Rows]:
    close, known = np.asarray(close_ms, dtype=np.int64), np.asarray(known_ms, dtype=np.int64)
    if close.ndim != 1 or close.shape != known.shape:
        raise UnusableSample(f"calls have shape {close.shape}, labels {known.shape}; one time of each per row")
    if len(close) < least:
        raise UnusableSample(f"there are {len(close):,} rows; these groups need at least {least:,}")
    if (np.diff(close) <= 0).any() or (known <= close).any():
        raise UnusableSample("rows must be in order of time, each label known after its call")
    return close, known
