"""How far from the floor, and from freqtrade: the figures of one run beside those recorded on such a machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FLOOR = 0.434
"""Milliseconds that one instrument takes at least: features, flattened trees, signature, commit and loopback, alone."""
FREQTRADE = {1: 29.0, 10: 267.0, 50: 1_500.0}
"""Milliseconds of its loop to the last order, recorded; its worker wakes a second after the close besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Seconds from the last closed bar's leaving to the first and the last order's arrival, and what the engine's
    thread worked for it: from just before the bars to just after the answers."""

    first: float
    last: float
    worked: float


def heading() -> str:
    """Names and units, and how busy the machine is."""
    load = os.getloadavg()[0]
    columns = "instruments  last: least     p50     p99   engine CPU p50     floor   x floor   freqtrade   x faster"
    return f"\nmilliseconds; load average {load:.1f} on {os.cpu_count()} cores\n{columns}"


def row(n: int, closes: Sequence[Close]) -> str:
    """One number of instruments."""
    last = 1000 * np.array([close.last for close in closes])
    worked = 1000 * float(np.median([close.worked for close in closes]))
    p50, floor, theirs = float(np.median(last)), n * FLOOR, FREQTRADE[n]
    return (
        f"{n:>11}  {last.min():>11.1f} {p50:>7.1f} {np.quantile(last, 0.99):>7.1f} {worked:>16.1f} {floor:>9.1f}"
        f" {p50 / floor:>9.1f} {theirs:>11,.0f} {theirs / p50:>10.1f}"
    )
