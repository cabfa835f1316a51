"""Gaps: stretches of the UTC grid for which a series has no bar. They are kept and shown, never filled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from engine.domain.bar import BarSeries
from engine.domain.interval import from_ms
from engine.market.columns import times


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch without bars: start <= open < end, `missing` bars long."""

    start: datetime
    end: datetime
    missing: int


def find_gaps(series: BarSeries) -> tuple[Gap, ...]:
    """List the gaps between the first and the last bar, oldest first."""
    step = series.interval.ms
    opens = times(series)
    before = np.flatnonzero(np.diff(opens) > step)
    return tuple(
        Gap(
            start=from_ms(int(opens[i]) + step),
            end=from_ms(int(opens[i + 1])),
            missing=int(opens[i + 1] - opens[i]) // step - 1,
        )
        for i in before
    )


def count_missing(series: BarSeries) -> int:
    """Count the bars that are missing between the first and the last one."""
    if not len(series):
        return 0
    return (series.open_ms[-1] - series.open_ms[0]) // series.interval.ms + 1 - len(series)
