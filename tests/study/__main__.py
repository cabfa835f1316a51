"""`python -m tests.study [--keep FOLDER] [--cores N]`: what the learning is worth, on noise and on real bars.

Two tables: `tests.study.noise`, then `tests.study.instruments`. Walks are kept as files and gone on with. Exit code 1
where a bar is missed.
"""

from __future__ import annotations

import os
import sys

from tests.study import instruments, noise


def main() -> int:
    """Both, whatever the first says."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # of the processes that are spawned
    return max([noise.main(), instruments.main()])


if __name__ == "__main__":
    sys.exit(main())
