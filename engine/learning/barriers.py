"""Triple barrier: what a trade taken at a call would have come to, at a target, a stop or the horizon's end.

López de Prado 2018, 3.2 to 3.6, with the house's rules of a fill: in at the next bar's open; a bar that touches both
barriers took the stop. The direction label (`labels`) says where price went; this says whether a trade paid, and meta
labels teach a second model when to believe the first (`meta`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.domain.errors import UnusableSample
from engine.domain.target import Barrier
from engine.learning.kernels.barriers import first_touches
from engine.learning.kernels.compiled import Column
from engine.learning.labels import Labels
from engine.statistics.sample import at_least

WIDTH = 1.5
"""Deviations over the horizon at which target and stop stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trades:
    """One trade per bar, taken at its close; all of shape (n_bars,).

    `outcome` 1 target, -1 stop, 0 time, NaN where it cannot be judged; `gross_ratio` the side's return before costs;
    `known_ms` when that is known: the close of the bar of the exit (the horizon's end where there is none).
    """

    outcome: Column
    gross_ratio: Column
    known_ms: NDArray[np.int64]

    def net_ratio(self, cost_ratio: float) -> Column:
        """Return after a round trip's cost: fees of both sides, half-spreads and slippage, as a share of notional."""
        return np.asarray(self.gross_ratio - at_least(cost_ratio, "cost of a round trip", 0.0))

    def paid(self, cost_ratio: float) -> Column:
        """The meta label: 1.0 where the trade earned more than it cost, else 0.0, NaN where unknown."""
        net = self.net_ratio(cost_ratio)
        return np.where(np.isnan(net), np.nan, (net > 0).astype(np.float64))


def barriers(
    series: BarSeries,
    deviation: Column,
    *,
    horizon: int,
    side: Column | None = None,
    target: float = WIDTH,
    stop: float = WIDTH,
) -> Trades:
    """Trade every bar: entry at the next open, target and stop `target` and `stop` times `deviation` away in log price.

    `deviation` (n_bars,) is that of the log return over `horizon` bars, known at each close (`volatility`); `side` is 1
    for a buy (default), -1 for a sell, anything else for no trade. The horizon is time on the grid: where the bar that
    enters or the bar that ends it is missing or not there yet, there is no label, touched or not; labels of the ones
    that were touched early alone would be a choice by outcome.
    """
    at_least(horizon, "horizon", 1)
    for what, multiple in (("target", target), ("stop", stop)):
        if not 0 < multiple < float("inf"):
            raise UnusableSample(f"the {what} is {multiple:g} deviations away; it must be above zero")
    n = len(series)
    way = np.ones(n) if side is None else np.asarray(side, dtype=np.float64)
    width = np.asarray(deviation, dtype=np.float64)
    if width.shape != (n,) or way.shape != (n,):
        raise UnusableSample(f"{n:,} bars have {width.shape} deviations and {way.shape} sides; one each is needed")
    open_ms = np.array(series.open_ms, dtype=np.int64)
    prices = tuple(np.array(p, dtype=np.float64) for p in (series.open, series.high, series.low, series.close))
    due = open_ms + horizon * series.interval.ms
    last = np.where(_has(open_ms, due) & _has(open_ms, open_ms + series.interval.ms), _at(open_ms, due), -1)
    found = first_touches(
        (prices[0], prices[1], prices[2], prices[3]), last, width, way, (float(target), float(stop))
    )  # fmt: skip
    exits = np.where(np.isnan(found[:, 2]), -1, found[:, 2]).astype(np.int64)
    known = np.where(exits < 0, due, open_ms[np.maximum(exits, 0)] if n else due) + series.interval.ms
    return Trades(outcome=found[:, 0], gross_ratio=found[:, 1], known_ms=known)


def trade_labels(series: BarSeries, deviation: Column, horizon: int, barrier: Barrier) -> Labels:
    """Label each bar with the buy that its close calls for: what it came to, and whether it paid.

    `known_ms` is the horizon's end for all: a live run may not look before, or it would judge the trades that were over
    quickly first. `over_ms` is the end of each trade: what a purge and the weights of rows go by.
    """
    found = barriers(series, deviation, horizon=horizon, target=barrier.width, stop=barrier.width)
    open_ms = np.array(series.open_ms, dtype=np.int64)
    return Labels(
        log_return=np.log1p(found.gross_ratio), up=found.paid(barrier.cost_ratio),
        known_ms=open_ms + (horizon + 1) * series.interval.ms, over_ms=found.known_ms,
    )  # fmt: skip


def _at(open_ms: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.minimum(np.searchsorted(open_ms, wanted), max(0, len(open_ms) - 1)).astype(np.int64)


def _has(open_ms: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.bool_]:
    if not len(open_ms):
        return np.zeros(0, dtype=np.bool_)
    return np.asarray(open_ms[_at(open_ms, wanted)] == wanted)
