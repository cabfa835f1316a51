"""`python -m tests.study.parity`: the live cycle with the paper account against the compiled loop, over recorded bars.

Each rule and a trained model trade three instruments together over real hours of which some are missing, with dust, and
once more with limits that halt. Orders, fills, trades, decisions and every mark of equity must be the same, at least
200 trades and 10 for each way out where nothing halts; then all of it again with the compiler off (NUMBA_DISABLE_JIT).
Prints a table; exit code 1 where anything differs. Without the recorded bars it is skipped, and says so.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

from engine import settings
from engine.adapters.archive import import_paths
from engine.backtest.plan import BacktestPlan
from engine.backtest.run import BacktestResult, backtest
from engine.bootstrap import Stores, open_stores, strategy_of
from engine.cli.material import instruments_for, run_bars, run_span
from engine.cli.planned import plan_of
from engine.cli.replaying import run_replay
from engine.cli.training import Watched, train
from engine.commands.requests import Train
from engine.commands.run_options import RunOptions
from engine.domain.interval import Interval, parse_time, to_ms
from engine.domain.money import from_atoms
from engine.domain.order import ExitReason
from engine.domain.trade import Trade
from tests.conftest import SHARED

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
RULES = {
    "buy_hold": ("2023-03-15", "0.006"),
    "sma_cross:fast=2,slow=5": ("2023-04-10", "0.012"),
    "rsi_reversion:period=3,low=40,high=60": ("2023-04-01", "0.012"),
    "random_entry:probability=0.3,hold=3": ("2023-04-01", "0.012"),
}
"""Until when, and how far stop and target are."""
OPEN = {"max_daily_loss": "1", "max_drawdown": "1"}
TIGHT = {"max_daily_loss": "0.02", "max_drawdown": "0.04", "max_position_ratio": "0.5", "cooldown_bars": 2}
MODEL = {"min_confidence": "0", "min_edge_multiple": "-1000000"}
FIRST_MS, LAST_MS = to_ms(parse_time("2022-09-01")), to_ms(parse_time("2023-05-01"))
HEADING = f"{'compiler':<10}{'run':<48}{'trades':>8}{'exits':>44}{'gaps':>6}{'dust':>6}{'halts':>14}  same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One run, and whether its counts must be large."""

    name: str
    run: RunOptions
    counted: bool


def cases(model: str) -> Iterator[Case]:
    """Every rule and the model, with and without limits that halt."""
    for rule, (end, barrier) in RULES.items():
        run = RunOptions(
            strategy=f"rule:{rule}", symbols=SYMBOLS, interval=Interval.H1, source="ARCHIVE",
            start=parse_time("2023-03-01"), end=parse_time(end), stop_loss=Decimal(barrier),
            take_profit=Decimal(barrier), stake=Decimal(500), limits=OPEN,
        )  # fmt: skip
        yield Case(name=rule, run=run, counted=True)
    tight = replace(run, limits=TIGHT, stake=Decimal(4_000))
    yield Case(name="random_entry, limits that halt", run=tight, counted=False)
    learned = replace(run, strategy=model, limits={**OPEN, **MODEL}, end=parse_time("2023-04-01"))
    yield Case(name="a trained model", run=learned, counted=True)
    halting = replace(learned, limits={**TIGHT, **MODEL}, stake=Decimal(4_000))
    yield Case(name="a trained model, limits that halt", run=halting, counted=False)


def with_gaps(folder: Path) -> int:
    """The recorded hours of 2022-09 to 2023-04 without one in fifty; how many are missing."""
    missing = 0
    for number, symbol in enumerate(SYMBOLS):
        frame = pd.read_parquet(SHARED / "data/bars" / f"{symbol}-1h.parquet")
        opens = frame["open_time"].astype("int64").to_numpy()
        frame = frame[(opens >= FIRST_MS) & (opens < LAST_MS)]
        kept = np.random.default_rng(number).random(len(frame)) >= 0.02
        missing += int((~kept).sum())
        frame[kept].to_parquet(folder / f"{symbol}-1h.parquet")
    return missing


def trained(stores: Stores) -> str:
    """A model of the hours before the runs."""
    wanted = Train(
        name="parity", source="ARCHIVE", symbol=SYMBOLS[0], interval=Interval.H1, horizon=6,
        start=parse_time("2022-09-01"), end=parse_time("2023-02-20"), seed=1,
    )  # fmt: skip
    told = train(stores, wanted, Watched(progress=lambda *_: None, cancelled=lambda: False))
    return f"model:{told['version_id']}"


def compare(stores: Stores, case: Case) -> dict[str, object]:
    """Replay and backtest; what they came to, and `same`: empty, or what differs."""
    live = run_replay(stores, case.run, speed=None, fresh=True, progress=lambda *_: False)
    looped = backtest(_plan(stores, case.run))
    account = str(live["account_id"])
    trades, fills = stores.ledger.trades(account), stores.ledger.fills(account)
    marks, looped_marks = _marks(stores, account, looped)
    differ = [
        name
        for name, one, other in (
            ("trades", list(trades), list(_named(looped, trades))),
            ("final equity", live["final_equity"], str(looped.final_equity)),
            ("equity", marks, looped_marks),
            ("held by", live["held_by"], dict(sorted(looped.held_by.items()))),
            ("decisions", live["decisions"], looped.decisions), ("fills", _fills(looped), len(fills)),
        )
        if one != other
    ]  # fmt: skip
    exits = Counter(trade.exit_reason.value for trade in trades)
    held = {p.symbol: p.quantity for p in stores.ledger.positions(account)}
    return {
        "name": case.name, "trades": len(trades), "exits": dict(sorted(exits.items())), "halts": list(looped.halts),
        "dust": sum(quantity > 0 for quantity in held.values()), "sha256": looped.trades_sha256,
        "equity": str(looped.final_equity), "differ": differ,
        "enough": not case.counted or (len(trades) >= 200 and min(_ways_out(case, exits)) >= 10),
    }  # fmt: skip


def _marks(stores: Stores, account: str, looped: BacktestResult) -> tuple[list[Decimal], list[Decimal]]:
    """Equity at every mark of the live account, and what the loop has for it: where a whole hour is missing (the venue
    stood still) the live account marks all the same, at what it was worth before."""
    loop = {int(at): from_atoms(round(e * 10**8)) for at, e in zip(looped.close_ms, looped.equity, strict=True)}
    live = {to_ms(mark.at): mark.equity for mark in stores.reads.marks(account, limit=1_000_000)}
    expected, last = [], looped.plan.cash
    for at in sorted(live.keys() | loop.keys()):
        last = loop.get(at, last)
        expected.append(last)
    return [live[at] for at in sorted(live)], expected


def _plan(stores: Stores, run: RunOptions) -> BacktestPlan:
    series = run_bars(run, stores)
    strategy = strategy_of(run.strategy, stores)
    return plan_of(run, series, strategy, instruments_for(run, stores), run_span(run, series))


def _named(looped: BacktestResult, live: object) -> Iterator[Trade]:
    """The loop's trades under the live account's and sleeves' names."""
    assert isinstance(live, list | tuple)
    names = {trade.symbol: (trade.account_id, trade.sleeve_id) for trade in live}
    for trade in looped.trades:
        account, sleeve = names.get(trade.symbol, ("", ""))
        yield replace(trade, account_id=account, sleeve_id=sleeve)


def _fills(looped: BacktestResult) -> int:
    return 2 * len(looped.trades) + looped.open_positions


def _ways_out(case: Case, exits: Counter[str]) -> list[int]:
    """Counts of those that the strategy knows: a rule has no horizon, and buying and holding no signal to leave by."""
    known = {ExitReason.STOP, ExitReason.TARGET}
    if case.name != "buy_hold":
        known.add(ExitReason.SIGNAL)
    return [exits[reason.value] for reason in known]


def run(home: Path, model: str) -> list[dict[str, object]]:
    """Every case in that home."""
    with open_stores(settings.load({"AAITI_HOME": str(home)})) as stores:
        return [compare(stores, case) for case in cases(model)]


def main() -> int:
    """With the compiler, then in a process without it."""
    parser = argparse.ArgumentParser(prog="python -m tests.study.parity")
    parser.add_argument("--home", type=Path, help="run there, and print JSON (the second process)")
    parser.add_argument("--model")
    options = parser.parse_args()
    if options.home is not None:
        print(json.dumps(run(options.home, options.model)))
        return 0
    if not SHARED.is_dir():
        print("parity: skipped, the recorded market data is not beside this checkout", file=sys.stderr)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        gaps = with_gaps(Path(folder))
        with open_stores(settings.load({"AAITI_HOME": str(home)})) as stores:
            import_paths([Path(folder)], stores.bars, datetime.now(UTC))
            model = trained(stores)
        print(HEADING, flush=True)
        compiled = run(home, model)
        good = True
        for told in compiled:
            good &= _line("on", told, told, gaps)
        for told, other in zip(_uncompiled(home, model), compiled, strict=True):
            good &= _line("off", told, other, gaps)
    return int(not good)


def _uncompiled(home: Path, model: str) -> list[dict[str, object]]:
    command = [sys.executable, "-m", "tests.study.parity", "--home", str(home), "--model", model]
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    answer = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(answer.stdout.splitlines()[-1])
    assert isinstance(told, list)
    return told


def _line(compiler: str, told: dict[str, object], other: dict[str, object], gaps: int) -> bool:
    differ = [*_texts(told["differ"]), *(name for name in ("sha256", "equity") if told[name] != other[name])]
    if not told["enough"]:
        differ.append("too few trades or ways out")
    exits = told["exits"]
    assert isinstance(exits, dict)
    ways = " ".join(f"{name} {n}" for name, n in exits.items())
    halts = ",".join(_texts(told["halts"])) or "none"
    same = ", ".join(differ) or "yes"
    print(f"{compiler:<10}{told['name']:<48}{told['trades']:>8}{ways:>44}{gaps:>6}{told['dust']:>6}{halts:>14}  {same}",
          flush=True)  # fmt: skip
    return not differ


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


if __name__ == "__main__":
    sys.exit(main())
