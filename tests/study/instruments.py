"""`python -m tests.study.instruments [--keep FOLDER] [--cores N]`: what the usual model is worth on real bars.

All twelve instruments of the recorded market data, hourly, one hour and one day ahead, walked forward over all history
after the first 8,760 bars. Each walk is kept as a file and not made again while the learning's source is the same.
Exit code 1 where a bar is missed: accuracy at one hour within 52.5 % and 56.5 %, calibration error at most max(0.015,
1.5 floors) (a day: max(0.03, 1.5 floors)), the strongest tenth off by at most three points.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import engine
from tests.conftest import SHARED
from tests.study.walks import row
from tests.training.test_real_market import recorded

BASES = ("BTC", "ETH", "SOL", "XRP", "ADA", "DOGE", "LTC", "LINK", "DOT", "AVAX", "TRX", "BNB")
SYMBOLS = tuple(f"{base}USDT" for base in BASES)
ROOMS = ("statistics", "features", "learning", "training")
HORIZONS = (1, 24)
HEADING = (
    f"{'instrument':<11}{'h':>3}{'n':>8}{'accuracy (95 %)':>20}{'AUC':>7}{'skill':>8}{'ECE':>8}{'floor':>7}"
    f"{'top tenth':>14}{'gross':>7}{'net Sharpe (95 %)':>27}{'gate':>6}  missed"
)
Job = tuple[str, int]


def source() -> str:
    """Names the source that the walks depend on."""
    here = Path(engine.__file__).parent
    files = sorted(p for room in ROOMS for p in (here / room).rglob("*.py"))
    files.append(Path(__file__).parent / "walks.py")
    return hashlib.sha256(b"".join(p.read_bytes() for p in files)).hexdigest()[:12]


def made(job: Job, folder: Path) -> dict[str, float]:
    """One walk, from its file where that is there."""
    symbol, horizon = job
    kept = folder / f"{symbol}-{horizon}.json"
    if not kept.exists():
        series = recorded(symbol, datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
        kept.write_text(json.dumps(row(series, horizon)))
    found: dict[str, float] = json.loads(kept.read_text())
    return found


def missed(found: dict[str, float], horizon: int) -> list[str]:
    """The bars that this walk does not reach."""
    least = 0.015 if horizon == 1 else 0.03
    bars = (
        ("accuracy", horizon > 1 or 0.525 <= found["accuracy"] <= 0.565),
        ("leak", found["accuracy"] <= 0.60),
        ("ECE", found["ece"] <= max(least, 1.5 * found["floor"])),
        ("top tenth", abs(found["stated"] - found["realised"]) <= 0.03),
    )
    return [name for name, good in bars if not good]


def line(job: Job, found: dict[str, float]) -> str:
    """One row of the table."""
    symbol, h = job
    accuracy = f"{found['accuracy']:.3f} ({found['accuracy_low']:.3f}-{found['accuracy_high']:.3f})"
    net = f"{found['net']:.2f} ({found['net_low']:.2f} to {found['net_high']:.2f})"
    top = f"{found['stated']:.3f}/{found['realised']:.3f}"
    return (
        f"{symbol:<11}{h:>3}{found['n']:>8,}{accuracy:>20}{found['auc']:>7.3f}{found['skill']:>8.4f}{found['ece']:>8.4f}"
        f"{found['floor']:>7.4f}{top:>14}{found['gross']:>7.2f}{net:>27}{found['gate_open']:>6.0%}  "
        f"{', '.join(missed(found, h)) or '-'}"
    )


def walks(folder: Path, cores: int, symbols: tuple[str, ...] = SYMBOLS) -> Iterator[tuple[Job, dict[str, float]]]:
    """All of them, as they are done."""
    jobs = [(symbol, horizon) for horizon in HORIZONS for symbol in symbols]
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        doing = {pool.submit(made, job, folder): job for job in jobs}
        for done in as_completed(doing):
            yield doing[done], done.result()


def main() -> int:
    """Make them and print the table in order."""
    parser = argparse.ArgumentParser(prog="python -m tests.study.instruments")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "aaiti-study")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("symbols", nargs="*", default=SYMBOLS)
    options = parser.parse_args()
    if not SHARED.is_dir():
        print("skipped: the recorded market data is not beside this checkout", file=sys.stderr)
        return 0
    folder = options.keep / source()
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for job, told in walks(folder, options.cores, tuple(options.symbols)):
        found[job] = told
        print(f"{len(found)} done: {line(job, told)}", file=sys.stderr, flush=True)
    print(HEADING)
    for job in sorted(found, key=lambda job: (job[1], SYMBOLS.index(job[0]))):
        print(line(job, found[job]))
    return int(any(missed(told, job[1]) for job, told in found.items()))


if __name__ == "__main__":
    sys.exit(main())
