"""`python -m tests.study.kills [--scenarios N] [--seed S]`: real engine processes, killed by SIGKILL over real sockets.

After each session our orders and fills are the exchange's, to the last digit. Exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.exchange.matrix.real import run_real

HEADING = f"{'seed':>5}{'kills':>7}{'fills':>7}  as expected"


def main() -> int:
    """Run the sessions, two at a time, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.study.kills")
    parser.add_argument("--scenarios", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    seeds = range(options.seed, options.seed + options.scenarios)
    failed = fills = kills = 0
    print(HEADING, flush=True)
    with ThreadPoolExecutor(2) as pool:
        for seed, result in zip(seeds, pool.map(run_real, seeds), strict=True):
            good = result.verdict.good
            failed, fills, kills = failed + (not good), fills + result.fills, kills + result.kills
            told = "yes" if good else "NO: " + "; ".join(result.verdict.lines())
            print(f"{seed:>5}{result.kills:>7}{result.fills:>7}  {told}", flush=True)
    print(f"{len(seeds)} sessions, {kills} kills, {fills} fills, {failed} not as expected")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
