"""`python -m tests.study.noise [--keep FOLDER] [--cores N]`: is nothing found where nothing is, and what was planted?

Shuffled labels, a planted edge (oracle 53.6 %), twenty random walks, tables of noise, challengers that are no better.
Exit code 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from engine.domain.bar import BarSeries
from engine.learning.kernels.compiled import Column
from engine.statistics.evidence import brier_difference, evidence
from engine.statistics.overfitting import overfitting
from engine.training.material import Material
from tests.learning.markets import walk
from tests.study.instruments import source
from tests.study.walks import FIRST_BARS, row

HEADING = f"{'what':<44}{'found':>38}  {'bar':<44}  reached"
SIGN = 0.0904
"""Deviations by which a return leans to the last one's sign: right 53.6 % of the time."""
SIZE = math.tan(0.036 * math.pi)
"""Share of the last return that the next one repeats: right 53.6 % of the time too, and the oracle knows when."""
SEEDS = 20
_LONG = FIRST_BARS + 52_600
_SHORT = FIRST_BARS + 17_520

Told = dict[str, float]
Line = tuple[str, str, str, bool]


def shuffled(_: int) -> Told:
    """Labels in another order."""

    def change(rows: Material) -> Material:
        order = np.random.default_rng(1).permutation(len(rows))
        return replace(rows, up=rows.up[order], log_return=rows.log_return[order])

    return row(walk(_LONG, seed=21), 1, change)


def by_sign(_: int) -> Told:
    """Six years of hours that lean to the last return's sign."""
    return row(walk(_LONG, seed=22, planted=SIGN), 1)


def by_size(_: int) -> Told:
    """Six years of hours that repeat some of the last return."""
    return row(repeating(_LONG, seed=23), 1)


def repeating(n: int, seed: int) -> BarSeries:
    """A walk without edge whose closes are drawn again with the planted share; its bars open at the last close."""
    series = walk(n, seed=seed)
    shocks, returns = np.random.default_rng(seed).standard_normal(n) * 0.005, np.empty(n)
    returns[0] = shocks[0]
    for t in range(1, n):
        returns[t] = shocks[t] + SIZE * returns[t - 1]
    close = 30_000.0 * np.exp(np.cumsum(returns))
    opened = np.concatenate(([30_000.0], close[:-1]))
    high, low = np.maximum(opened, close) * 1.001, np.minimum(opened, close) * 0.999
    parts = [array("d", np.ascontiguousarray(part).tobytes()) for part in (opened, high, low, close)]
    return replace(series, open=parts[0], high=parts[1], low=parts[2], close=parts[3])


def random_walk(seed: int) -> Told:
    """Two years of a walk, a day ahead."""
    return row(walk(_SHORT, seed=100 + seed), 24)


WALKS: dict[str, Callable[[int], Told]] = {
    "shuffled": shuffled, "by sign": by_sign, "by size": by_size, "random walk": random_walk,
}  # fmt: skip
Job = tuple[str, int]
PLANTED: tuple[Job, ...] = (("shuffled", 0), ("by sign", 0), ("by size", 0))
JOBS: tuple[Job, ...] = (*PLANTED, *(("random walk", seed) for seed in range(SEEDS)))


def made(job: Job, folder: Path) -> Told:
    """One walk, from its file where that is there."""
    kept = folder / f"{job[0].replace(' ', '_')}-{job[1]}.json"
    if not kept.exists():
        kept.write_text(json.dumps(WALKS[job[0]](job[1])))
    found: Told = json.loads(kept.read_text())
    return found


def lines(found: dict[Job, Told]) -> Iterator[Line]:
    """The table."""
    one = found["shuffled", 0]
    allowed = 2.58 * 0.5 / math.sqrt(one["n"]) + abs(one["base"] - 0.5)
    yield (
        f"shuffled labels, {one['n']:,} calls",
        f"acc {one['accuracy']:.3f} AUC {one['auc']:.3f} skill {one['skill']:+.4f}",
        f"acc .5 +- {allowed:.4f}, AUC .5 +- .01, skill +- .002",
        abs(one["accuracy"] - 0.5) <= allowed and abs(one["auc"] - 0.5) <= 0.01 and abs(one["skill"]) <= 0.002,
    )  # fmt: skip
    one = found["by sign", 0]
    yield (
        f"planted by sign, {one['n']:,} calls", f"acc {one['accuracy']:.3f} skill {one['skill']:+.4f}",
        f"acc >= .525 (oracle .536, {sign_skill():.4f})", one["accuracy"] >= 0.525,
    )  # fmt: skip
    one, oracle = found["by size", 0], size_skill()
    yield (
        f"planted by size, {one['n']:,} calls", f"acc {one['accuracy']:.3f} skill {one['skill']:+.4f}",
        f"acc >= .525, skill >= 60 % of {oracle:.4f}", one["accuracy"] >= 0.525 and one["skill"] >= 0.6 * oracle,
    )  # fmt: skip
    walks = [told for (name, _), told in found.items() if name == "random walk"]
    opened, earned = (float(np.mean([told[key] for told in walks])) for key in ("gate_open", "traded_per_year"))
    yield (
        f"{len(walks)} random walks: gate open, lost", f"{opened:.2%} of bars, {earned:+.2%} a year",
        "open on <= 5 % of bars, <= 2 % a year lost", opened <= 0.05 and earned >= -0.02,
    )  # fmt: skip
    yield from tables()


def sign_skill() -> float:
    """Log-loss skill of whoever knows the chance that was planted by sign."""
    return _skill(np.array([0.5 * (1 + math.erf(SIGN / math.sqrt(2)))]))


def size_skill() -> float:
    """The same by size, over the last returns that there are (100,000 drawn)."""
    last = np.random.default_rng(0).standard_normal(100_000) / math.sqrt(1 - SIZE**2)
    return _skill(np.array([0.5 * (1 + math.erf(SIZE * z / math.sqrt(2))) for z in last]))


def _skill(p: Column) -> float:
    return 1 + float((p * np.log(p) + (1 - p) * np.log(1 - p)).mean()) / math.log(2)


def tables() -> Iterator[Line]:
    """What needs no walk."""
    noise, good = (
        np.mean([_pbo(seed, edge) for seed in range(200)]) for edge in (0.0, 0.5)
    )  # fmt: skip
    yield "200 tables of noise: PBO", f"mean {noise:.3f}", ".40 to .55", bool(0.40 <= noise <= 0.55)
    yield "200 tables with one planted trial: PBO", f"mean {good:.3f}", "<= .05", bool(good <= 0.05)
    won = np.mean([_promoted(seed) for seed in range(400)])
    yield "400 challengers that are no better", f"{won:.2%} promoted", "<= 5 %", bool(won <= 0.05)


def _pbo(seed: int, edge: float) -> float:
    returns = np.random.default_rng(seed).standard_normal((256, 20))
    returns[:, 0] += edge
    return overfitting(returns, blocks=8).probability


def _promoted(seed: int) -> bool:
    """Champion and challenger are as far from the truth as each other."""
    rng = np.random.default_rng(seed)
    p, q = 0.5 + 0.05 * rng.standard_normal((2, 3_000)).clip(-3, 3)
    y = (rng.random(3_000) < 0.5).astype(np.float64)
    difference, bound = brier_difference(p, q, y)
    return evidence(difference, bound).decided is not None


def main() -> int:
    """Make the walks and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.study.noise")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "aaiti-study")
    parser.add_argument("--cores", type=int, default=2)
    options = parser.parse_args()
    folder = options.keep / source()
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(options.cores, mp_context=get_context("spawn")) as pool:
        found = dict(zip(JOBS, pool.map(made, JOBS, [folder] * len(JOBS)), strict=True))
    print(HEADING)
    failed = False
    for name, value, bar, reached in lines(found):
        failed |= not reached
        print(f"{name:<44}{value:>38}  {bar:<44}  {'yes' if reached else 'NO'}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
