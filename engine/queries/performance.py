"""How a model's live calls came true: by version, by confidence band, by month, and stated against realised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from engine.domain.model import Model
from engine.domain.outcome import MaturedCall
from engine.learning.calls import Band, sentence
from engine.queries.console import Console

_BANDS = 10
_LEAST_PER_BIN = 20
"""Independent calls below which a share says too little to be drawn as a dot of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Some matured calls. `right` is the share whose direction came true, `plus_minus` the half-width of its 95 %
    interval (overlapping horizons count once: `n_independent`), `stated` the mean probability that was said."""

    name: str
    n: int
    n_independent: int
    stated: float
    right: float
    plus_minus: float

    @property
    def within(self) -> bool:
        """What was stated lies within the interval of what came true."""
        return abs(self.stated - self.right) <= self.plus_minus


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """One bin of stated chances of a rise, and how often it rose."""

    stated: float
    came_true: float
    plus_minus: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """Out-of-sample calls alone: what a version said about bars that it had learned from is left out. `n_waiting` have
    not matured yet; `since` is the oldest call that counts."""

    versions: Sequence[Slice]
    bands: Sequence[Slice]
    months: Sequence[Slice]
    reliability: Sequence[Reliability]
    overall: Slice | None
    n_waiting: int
    since: datetime | None


def read_performance(console: Console, model: Model) -> Performance:
    """All versions of a model; bands, months and reliability are the champion's."""
    store = console.models
    versions = store.versions(model.model_id)
    champion = store.version(model.model_id) if versions else None
    calls = {v.version_id: store.matured(v.version_id, v.trained_to) for v in versions}
    mine = [] if champion is None else calls[champion.version_id]
    names = {v.version_id: f"v{v.version} {v.stage.value.lower()}" for v in versions}
    horizon = model.horizon
    return Performance(
        versions=[_slice(names[key], found, horizon) for key, found in calls.items() if found],
        bands=by_band(mine, horizon),
        months=_grouped(mine, lambda call: f"{call.as_of:%Y-%m}", horizon),
        reliability=reliability(mine, horizon),
        overall=_slice("all", mine, horizon) if mine else None,
        n_waiting=0 if champion is None else len(store.pending(champion.version_id)),
        since=mine[0].as_of if mine else None,
    )


def by_band(calls: Sequence[MaturedCall], horizon: int) -> Sequence[Slice]:
    """In bands of a tenth of confidence, weakest first; bands without calls are left out."""

    def band(call: MaturedCall) -> str:
        k = min(_BANDS - 1, int(call.confidence * _BANDS))
        return f"{k / _BANDS:.1f} to {(k + 1) / _BANDS:.1f}"

    return _grouped(calls, band, horizon)


def reliability(calls: Sequence[MaturedCall], horizon: int) -> Sequence[Reliability]:
    """Stated chances of a rise in bins of equal mass, as many as the independent calls can fill; none below two."""
    n_bins = min(_BANDS, len(calls) // horizon // _LEAST_PER_BIN)
    if n_bins < 2:
        return []
    ordered = sorted(calls, key=lambda call: call.probability_up)
    rows = []
    for part in np.array_split(np.arange(len(ordered)), n_bins):
        mine = [ordered[i] for i in part.tolist()]
        band = Band.of(0.0, 1.0, len(mine), sum(call.up for call in mine), horizon=horizon)
        stated = sum(call.probability_up for call in mine) / len(mine)
        rows.append(Reliability(stated=stated, came_true=band.right, plus_minus=band.plus_minus, n=band.n))
    return rows


def live_sentence(confidence: float, calls: Sequence[MaturedCall], horizon: int) -> str | None:
    """The confidence in words by what live calls as strong came to, within a tenth; None while too few have matured."""
    like = [call for call in calls if abs(call.confidence - confidence) <= 1 / _BANDS]
    if len(like) < _LEAST_PER_BIN * horizon:
        return None
    hits = sum(call.hit for call in like)
    told = sentence(confidence, Band.of(0.0, 1.0, len(like), hits, horizon=horizon))
    return f"Live: {told.split('; ', 1)[1]}"


def _grouped(calls: Sequence[MaturedCall], key: Callable[[MaturedCall], str], horizon: int) -> Sequence[Slice]:
    groups: dict[str, list[MaturedCall]] = {}
    for call in calls:
        groups.setdefault(key(call), []).append(call)
    return [_slice(name, found, horizon) for name, found in sorted(groups.items())]


def _slice(name: str, calls: Sequence[MaturedCall], horizon: int) -> Slice:
    band = Band.of(0.0, 1.0, len(calls), sum(call.hit for call in calls), horizon=horizon)
    return Slice(
        name=name, n=band.n, n_independent=band.n_independent, right=band.right, plus_minus=band.plus_minus,
        stated=sum(call.probability for call in calls) / len(calls),
    )  # fmt: skip
