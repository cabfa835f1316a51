"""`python -m tests.bench [--json] [JOB...]`: measure and print a table."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from tests.bench.jobs import JOBS
from tests.bench.timing import HEADING


def main() -> int:
    """Run the named jobs, or all of them."""
    names = [job.__name__ for job in JOBS]
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("job", nargs="*", help=f"one of {', '.join(names)}")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if unknown := set(options.job) - set(names):
        parser.error(f"no job {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    results = []
    if not options.json:
        print(HEADING)
    for job in JOBS:
        if options.job and job.__name__ not in options.job:
            continue
        for result in job():
            results.append(result)
            if not options.json:
                print(result.line(), flush=True)
    if options.json:
        print(json.dumps([asdict(result) for result in results]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
