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
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from engine.statistics.evidence import brier_difference, evidence
from engine.statistics.overfitting import overfitting
from engine.training.material import Material
from tests.learning.markets import walk
from tests.study.instruments import source
from tests.study.walks import FIRST_BARS, row

HEADING = f"{'what':<44}{'found':>38}  {'bar':<44}  reached"
PLANTED = 0.0904
"""Deviations by which a return leans to the last one's sign: right 53.6 % of the time."""
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


def planted(_: int) -> Told:
    """A weak edge in six years of hours."""
    return row(walk(_LONG, seed=22, planted=PLANTED), 1)


def random_walk(seed: int) -> Told:
    """Two years of a walk, a day ahead."""
    return row(walk(_SHORT, seed=100 + seed), 24)


WALKS: dict[str, Callable[[int], Told]] = {"shuffled": shuffled, "planted": planted, "random walk": random_walk}
Job = tuple[str, int]
JOBS: tuple[Job, ...] = (("shuffled", 0), ("planted", 0), *(("random walk", seed) for seed in range(SEEDS)))


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
    one, oracle = found["planted", 0], oracle_skill()
    yield (
        f"planted edge, {one['n']:,} calls", f"acc {one['accuracy']:.3f} skill {one['skill']:+.4f}",
        f"acc >= .525, skill >= 60 % of {oracle:.4f}", one["accuracy"] >= 0.525 and one["skill"] >= 0.6 * oracle,
    )  # fmt: skip
    walks = [told for (name, _), told in found.items() if name == "random walk"]
    is_open, earned = (float(np.mean([told[key] for told in walks])) for key in ("gate_open", "gated_per_year"))
    yield (
        f"{len(walks)} random walks: gate open, gated loss", f"{is_open:.2%} of bars, {earned:+.2%} a year",
        "open on <= 5 % of bars, <= 2 % a year lost", is_open <= 0.05 and earned >= -0.02,
    )  # fmt: skip
    yield from tables()


def oracle_skill() -> float:
    """Log-loss skill of whoever knows the planted chance."""
    p = 0.5 * (1 + math.erf(PLANTED / math.sqrt(2)))
    return 1 + (p * math.log(p) + (1 - p) * math.log(1 - p)) / math.log(2)


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
