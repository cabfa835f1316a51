"""Replays of the simulated market: three instruments, a stop and a target that are soon reached."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from decimal import Decimal

from engine.bootstrap import Stores, history
from engine.cli.replaying import run_replay
from engine.commands.run_options import RunOptions
from engine.domain.interval import Interval
from tests.builders import utc

THREE = ("ALFAUSDT", "BRAVUSDT", "CHARUSDT")


def a_run(
    strategy: str = "rule:buy_hold", end: str = "2020-07-02", barrier: str = "0.005", *, start: str = "2020-07-01"
) -> RunOptions:
    return RunOptions(
        strategy=strategy, symbols=THREE, interval=Interval.H1, source="SIMULATED", start=utc(start), end=utc(end),
        stop_loss=Decimal(barrier), take_profit=Decimal(barrier), stake=Decimal(500),
    )  # fmt: skip


def replayed(
    stores: Stores, run: RunOptions, progress: Callable[[float, str], bool] = lambda *_: False, *, fresh: bool = False
) -> dict[str, object]:
    return run_replay(stores, run, speed=None, fresh=fresh, progress=progress)


def usual_ranges(stores: Stores, n: float) -> str:
    """`n` times the range of a usual hour, as a ratio: whatever the simulated market is like, that far is not far."""
    series = [history("SIMULATED", stores).bars(s, Interval.H1, utc("2020-07-01"), utc("2020-08-01")) for s in THREE]
    ranges = [(b.high - b.low) / b.close for one in series for b in one]
    return f"{statistics.median(ranges) * n:.6f}"
