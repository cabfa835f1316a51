"""`python -m tests.exchange.matrix --scenarios N --seed S [--json]`: N sessions, from seed S on.

Exit code 1 on any finding. One scenario prints its story. Whatever fails, fails again alone:
`--scenarios 1 --seed <the failing one>`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

from tests.exchange.matrix.cells import CELLS
from tests.exchange.matrix.run import Summary, quietly, run


def main() -> int:
    """Run, tell, judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.exchange.matrix")
    parser.add_argument("--scenarios", type=int, default=len(CELLS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=0, help="0: one a core")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    summary, began = Summary(), time.monotonic()
    if options.scenarios == 1:
        result = quietly(options.seed)
        summary.add(result)
        if not options.json:
            print("\n".join(result.story))
    else:
        for result in run(range(options.seed, options.seed + options.scenarios), options.processes):
            summary.add(result)
    told = summary.mapping() | {"seconds": round(time.monotonic() - began, 1)}
    print(json.dumps(told) if options.json else _table(told))
    for seed, words in sorted(summary.failed.items()):
        for word in words:
            print(f"seed {seed}: {word}", file=sys.stderr)
    if summary.empty and options.scenarios > 1:
        for trouble, step in summary.empty:
            print(f"empty: {trouble.value} at {step.value}", file=sys.stderr)
    return 0 if summary.good else 1


def _table(told: dict[str, object]) -> str:
    return "\n".join(f"{name:<16}{value}" for name, value in told.items())


if __name__ == "__main__":
    sys.exit(main())
