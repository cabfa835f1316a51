"""The peers' jobs beside ours, in one run and in turn: `../shared/bench` runs vectorbt in an environment of its own
and backtesting.py, our tests' dependency; the bare loop runs here. Ratios, for absolute times drift with the machine.

CPU seconds of second runs, one thread each; the first run of a peer, with its compiling, is told apart.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine.backtest.loop import replay
from engine.backtest.plan import blank_state, kin_of, lay_out
from engine.backtest.run import backtest
from engine.backtest.sweep import SweepPlan, rows
from engine.domain.bar import BarSeries
from engine.risk.limits import RiskLimits
from engine.risk.terms import terms_of
from engine.strategy.ruled import RuleStrategy
from tests.backtest.peers import BENCH, FAST, FEE, SLOW, STAKE, STOP, TARGET, bench_module, made_bars, peers_plan
from tests.bench.timing import Compared, Measured

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(os.environ.get("AAITI_PEERS_PYTHON", ROOT / "build/peers/bin/python"))
"""A Python that has vectorbt and pyarrow: python3.11 -m venv build/peers, then pip install vectorbt pyarrow there."""
ROUNDS = 2
FASTS, SLOWS = (5, 8, 10, 12, 15, 18, 20, 25, 30, 35), (40, 50, 60, 80, 100)
STOPS, TARGETS = ("0.01", "0.015", "0.02", "0.03", "0.05"), ("0.02", "0.04", "0.06", "0.1")


def peers() -> Iterator[Measured | Compared]:
    """A year of minutes, fifty instruments, a thousand combinations."""
    if not BENCH.is_dir():
        print("peers: skipped, ../shared/bench is not beside this checkout", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        minutes = made_bars(525_600, 1000, "1m")
        yield from _minutes(minutes, _stored([minutes], Path(folder) / "1m"))
        hours = [made_bars(26_280, number) for number in range(50)]
        stored = _stored(hours, Path(folder) / "1h")
        yield from _fifty(hours, stored)
        yield from _sweep(hours[0], stored / f"{hours[0].symbol}.parquet")


def _minutes(series: BarSeries, folder: Path) -> Iterator[Measured | Compared]:
    plan = peers_plan([series])
    mine, theirs = _in_turn(lambda: backtest(plan), _vectorbt("j2_vectorbt.py", folder), calls=5)
    name = "backtest: 525,600 bars x 1"
    yield from _compared(name, "vectorbt", mine, theirs, 50)
    yield from _compared(name, "backtesting.py", mine, _script(Path(sys.executable), "j2_btpy.py", folder), None)
    market, voices = lay_out(plan)
    kin, terms = kin_of(plan, market), terms_of(plan.limits, plan.costs, plan.stake)
    loop = _seconds(lambda: replay(market, voices, kin, blank_state(plan, market, voices), terms), 9)
    bare = _seconds(_bare_loop(series), 9)
    yield Compared(name="the loop alone, against the bare loop", ours=loop, theirs=bare, peer="bare loop", least=1 / 3)


def _fifty(series: Sequence[BarSeries], folder: Path) -> Iterator[Measured | Compared]:
    plan = peers_plan(series)
    mine, theirs = _in_turn(lambda: backtest(plan), _vectorbt("j2_vectorbt.py", folder), calls=5)
    yield from _compared("backtest: 26,280 bars x 50, gates wide", "vectorbt", mine, theirs, 5)
    limits = {"stop_loss": STOP, "take_profit": TARGET, "max_drawdown": 1, "max_daily_loss": 1}
    bound = replace(plan, limits=RiskLimits.from_mapping(limits))
    mine = _seconds(lambda: backtest(bound), 5)
    yield from _compared("backtest: 26,280 bars x 50, portfolio limits", "vectorbt", mine, theirs, 5)


def _sweep(series: BarSeries, file: Path) -> Iterator[Measured | Compared]:
    strategies = [RuleStrategy.of(f"sma_cross:fast={fast},slow={slow}") for fast in FASTS for slow in SLOWS]
    limits = {"stop_loss": STOPS, "take_profit": TARGETS}
    plan = SweepPlan(base=peers_plan([series]), strategies=strategies, limits=limits)
    cells = plan.cells()
    ways = [_vectorbt("j3_vectorbt.py", file, "--chunk", str(size)) for size in (1000, 250)]
    mine, first = _in_turn(lambda: rows(plan, cells), ways[0], calls=3)
    again, second = _in_turn(lambda: rows(plan, cells), ways[1], calls=3)
    best = min((way for way in (first, second) if way), key=lambda way: way["cpu_s"], default=None)
    yield from _compared("sweep: 1,000 cells on 26,280 bars", "vectorbt", min(mine, again), best, 10)


def _bare_loop(series: BarSeries) -> Callable[[], object]:
    engine = bench_module("ref_engine")
    opened, high, low, close = (np.asarray(getattr(series, name)) for name in ("open", "high", "low", "close"))
    fast, slow = engine.sma(close, FAST), engine.sma(close, SLOW)
    mode = engine.MODES["event"]
    return lambda: engine.run(opened, high, low, close, fast, slow, STOP, TARGET, FEE, float(STAKE), *mode)


def _vectorbt(script: str, data: Path, *more: str) -> Callable[[], dict[str, Any] | None]:
    return lambda: _script(PEERS, script, data, *more)


def _script(python: Path, script: str, data: Path, *more: str) -> dict[str, Any] | None:
    """What a peer's script said; None, told on stderr, where there is no environment for it."""
    if not python.exists():
        print(f"{script}: skipped, there is no {python}; it needs vectorbt and pyarrow", file=sys.stderr)
        return None
    command = [str(python), script, str(data), "--repeat", "2", *more]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    answer = subprocess.run(command, cwd=BENCH, env=environment, capture_output=True, text=True, check=False)
    if answer.returncode:
        print(f"{script}: failed\n{answer.stderr[-2000:]}", file=sys.stderr)
        return None
    told = json.loads(answer.stdout.splitlines()[-1])
    assert isinstance(told, dict)
    return told


def _in_turn(
    call: Callable[[], object], other: Callable[[], dict[str, Any] | None], *, calls: int
) -> tuple[float, dict[str, Any] | None]:
    """Ours and theirs by turns; medians of CPU seconds."""
    mine: list[float] = []
    theirs: list[dict[str, Any]] = []
    for _ in range(ROUNDS):
        mine.append(_seconds(call, calls))
        told = other()
        if told is None:
            return mine[0], None
        theirs.append(told)
    middle = {**theirs[0], "cpu_s": statistics.median(one["cpu_s"] for one in theirs)}
    return statistics.median(mine), middle


def _compared(
    name: str, peer: str, mine: float, theirs: dict[str, Any] | None, least: float | None
) -> Iterator[Measured | Compared]:  # fmt: skip
    if theirs is None:
        yield Compared(name=name, ours=mine, theirs=None, peer=peer, least=least)
        return
    extra = f"first run {theirs['first_s']:.1f} s, {theirs['peak_rss_mb']:.0f} MB"
    yield Compared(name=name, ours=mine, theirs=theirs["cpu_s"], peer=peer, least=least, extra=extra)


def _seconds(call: Callable[[], object], n: int) -> float:
    """Median CPU seconds of `n` calls after the first."""
    call()
    times = []
    for _ in range(n):
        begin = time.process_time()
        call()
        times.append(time.process_time() - begin)
    return statistics.median(times)


def _stored(series: Sequence[BarSeries], folder: Path) -> Path:
    """As the peers' scripts read them: a file each."""
    folder.mkdir()
    for one in series:
        columns = {name: np.asarray(getattr(one, name)) for name in ("open", "high", "low", "close", "volume")}
        date = pd.to_datetime(np.asarray(one.open_ms), unit="ms", utc=True)
        pd.DataFrame({"date": date, **columns}).to_parquet(folder / f"{one.symbol}.parquet")
    return folder


def process() -> Iterator[Measured | Compared]:
    """The whole `python -m engine backtest` over 525,600 stored bars: warm, and first after an install."""
    with tempfile.TemporaryDirectory() as folder:
        series = made_bars(525_600, 1000, "1m") if BENCH.is_dir() else None
        if series is None:
            print("process: skipped, ../shared/bench is not beside this checkout", file=sys.stderr)
            return
        rounded = replace(series, symbol="MADEUSDT")
        home, data = Path(folder) / "home", _stored([rounded], Path(folder) / "1m")
        _engine(home, "import", str(data / "MADEUSDT.parquet"))
        run = ("backtest", "--rule", "sma_cross", "--instrument", "MADEUSDT", "--interval", "1m", "--source", "ARCHIVE",
               "--from", "2024-01-01", "--to", "2025-01-01", "--json")  # fmt: skip
        cold = _engine(home, *run, NUMBA_CACHE_DIR=str(Path(folder) / "nothing"))
        yield Measured(name="process: backtest, first after an install", first=cold[0], median=cold[1],
                       p99=cold[1], n=1)  # fmt: skip
        warm = [_engine(home, *run) for _ in range(4)][1:]
        walls, cpus, peaks = (sorted(column) for column in zip(*warm, strict=True))
        yield Measured(name=f"process: backtest, warm, {max(peaks):.0f} MB (wall, CPU, most CPU)", first=walls[1],
                       median=cpus[1], p99=cpus[-1], n=len(warm))  # fmt: skip


_LAUNCHER = """
import json, resource, subprocess, sys, time
begin = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([code, time.perf_counter() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""
"""A process that was forked from a large one would be charged with that one's memory."""


def _engine(home: Path, *arguments: str, **more: str) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak MB of `python -m engine`."""
    command = [sys.executable, "-c", _LAUNCHER, sys.executable, "-m", "engine", *arguments]
    environment = {**os.environ, "AAITI_HOME": str(home), **more}
    answer = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    code, wall, cpu, megabytes = json.loads(answer.stdout)
    assert code == 0, arguments
    return wall, cpu, megabytes
