"""`python -m tests.study [--years N] [--horizon N]`: skill where none is, where one is planted, and on real bars.

A walk without edge must be called right half the time; a planted edge must be found; real bars (where the recorded
market data is beside the checkout) must stay below what only a leak explains. Exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.adapters.archive import import_paths
from engine.adapters.bars import ParquetBars
from engine.domain.bar import BarSeries
from engine.domain.interval import Interval
from engine.training.fit import fit
from engine.training.report import LEAK_ACCURACY
from engine.training.spec import TrainingSpec
from tests.bench.jobs import bars
from tests.conftest import SHARED
from tests.learning.markets import walk

HOURS_PER_YEAR = 8_760
HEADING = f"{'market':<34}{'n':>8}{'accuracy':>10}{'AUC':>8}{'skill':>9}{'ECE':>8}{'floor':>8}  as expected"
Row = tuple[str, BarSeries, bool, float, float]
"""Name, bars, whether the market is real, and the range that its accuracy has to lie in."""


def rows(years: int) -> Iterator[Row]:
    """The markets of the study."""
    for seed in range(3):
        yield f"walk without edge, seed {seed}", walk(years * HOURS_PER_YEAR, seed=seed), False, 0.46, 0.54
    yield "walk with a planted sign", walk(years * HOURS_PER_YEAR, planted=0.3), False, 0.55, 1.0
    yield "simulated market", bars(timedelta(days=365 * years)), False, 0.51, 1.0
    if not SHARED.is_dir():
        print("real bars: skipped, the recorded market data is not beside this checkout", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        store, now = ParquetBars(Path(folder)), datetime.now(UTC)
        for symbol in ("BTCUSDT", "ETHUSDT"):
            import_paths([SHARED / "data/bars" / f"{symbol}-1h.parquet"], store, now)
            series = store.read("ARCHIVE", symbol, Interval.H1)
            newest = series.rows(max(0, len(series) - years * HOURS_PER_YEAR), len(series))
            yield f"{symbol}, recorded", newest, True, 0.47, LEAK_ACCURACY


def main() -> int:
    """Fit each market's model and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.study")
    parser.add_argument("--years", type=int, default=2)
    parser.add_argument("--horizon", type=int, default=1)
    options = parser.parse_args()
    failed = False
    print(HEADING, flush=True)
    for name, series, real, low, high in rows(options.years):
        spec = TrainingSpec(symbol=series.symbol, interval=Interval.H1, horizon=options.horizon, real_market=real)
        told = fit(series, spec).report["out_of_sample"]
        assert isinstance(told, dict)
        good = low <= told["accuracy"] <= high
        failed |= not good
        print(
            f"{name:<34}{told['n']:>8,}{told['accuracy']:>10.3f}{told['auc']:>8.3f}{told['log_loss_skill']:>9.4f}"
            f"{told['ece']:>8.3f}{told['ece_noise_q95']:>8.3f}  {'yes' if good else f'NO: not in {low}-{high}'}",
            flush=True,
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
