"""Finer bars that are stored decide what a bar leaves open, in a backtest, in a sweep and in a replay alike."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from engine.bootstrap import Stores
from engine.cli import replaying
from engine.cli.backtesting import run_backtest
from engine.cli.planned import COMPILES
from engine.cli.replaying import run_replay
from engine.cli.stored import finer_bars
from engine.cli.sweeping import run_sweep
from engine.commands.run_options import RunOptions
from engine.commands.sweeps import Sweep, parse_grid
from engine.domain.bar import BarSeries
from engine.domain.interval import Interval, to_ms
from engine.market.columns import to_series, values
from tests.builders import instrument, utc

QUARTERS = 4 * 700
FINE, PLAIN = "FINEUSDT", "PLAINUSDT"


def a_walk(symbol: str) -> tuple[BarSeries, BarSeries]:
    """(hours, quarters) of one seeded walk, an eighth of the hours without their second quarter."""
    dice = np.random.default_rng(11)
    close = np.round(100 * np.exp(np.cumsum(dice.normal(0, 0.004, QUARTERS))), 2)
    opened = np.concatenate(([100.0], close[:-1]))
    high = np.maximum(opened, close) + np.round(dice.exponential(0.2, QUARTERS), 2)
    low = np.minimum(opened, close) - np.round(dice.exponential(0.2, QUARTERS), 2)
    by_hour = [column.reshape(-1, 4) for column in (opened, high, low, close)]
    ones = np.ones(QUARTERS)
    hours = [by_hour[0][:, 0], by_hour[1].max(axis=1), by_hour[2].min(axis=1), by_hour[3][:, -1], 20 * ones[::4]]
    start = to_ms(utc("2024-01-01"))
    at = start + Interval.M15.ms * np.arange(QUARTERS, dtype=np.int64)
    kept = (np.arange(QUARTERS) % 32) != 1
    quarters = [column[kept] for column in (opened, high, low, close, ones)]
    return to_series(symbol, Interval.H1, at[::4], hours), to_series(symbol, Interval.M15, at[kept], quarters)


@pytest.fixture(scope="module")
def stored(stores: Stores) -> Stores:
    """Hours of two instruments, quarters of one of them."""
    hours, quarters = a_walk(FINE)
    stores.bars.write("ARCHIVE", hours)
    stores.bars.write("ARCHIVE", quarters)
    stores.bars.write("ARCHIVE", to_series(PLAIN, Interval.H1, np.asarray(hours.open_ms), values(hours)))
    known = stores.bars.rules("ARCHIVE")
    stores.bars.write_rules("ARCHIVE", [*known, instrument(FINE), instrument(PLAIN)])
    return stores


def a_run(*symbols: str) -> RunOptions:
    return RunOptions(
        strategy="rule:buy_hold", symbols=symbols, interval=Interval.H1, source="ARCHIVE", start=utc("2024-01-02"),
        end=utc("2024-01-29"), stop_loss=Decimal("0.004"), take_profit=Decimal("0.004"), stake=Decimal(500),
        limits={"max_daily_loss": "1", "max_drawdown": "1", "max_correlation": "1"},
    )  # fmt: skip


@pytest.mark.parametrize("impact", [None, "0.5"])
def test_a_replay_and_a_backtest_are_one_with_finer_bars_and_with_impact(stored: Stores, impact: str | None) -> None:
    run = replace(a_run(FINE, PLAIN), impact=None if impact is None else Decimal(impact))
    tested = run_backtest(stored, run, lambda *_: False)
    lived = run_replay(stored, run, speed=None, fresh=False, progress=lambda *_: False)
    assert lived["trades_sha256"] == tested["trades_sha256"]
    assert lived["final_equity"] == tested["final_equity"]
    decided = tested["exits_decided"]
    assert isinstance(decided, dict)
    assert min(decided.values()) >= 20, decided
    assert stored.ledger.account(str(lived["account_id"])).costs.impact == (run.impact or 0)
    assert (tested["final_equity"] == run_backtest(stored, a_run(FINE, PLAIN), lambda *_: False)["final_equity"]) == (
        impact is None
    )


def test_the_first_replay_after_an_install_says_that_it_compiles(
    stored: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, said = replace(a_run(FINE), end=utc("2024-01-03")), list[str]()

    def told(_share: float, message: str) -> bool:
        said.append(message)
        return False

    run_replay(stored, run, speed=None, fresh=True, progress=told)
    assert COMPILES not in said
    monkeypatch.setattr(replaying, "is_warm", lambda: False)
    run_replay(stored, run, speed=None, fresh=True, progress=told)
    assert COMPILES in said


def test_they_are_read_for_wide_bars_alone_and_make_a_difference(stored: Stores) -> None:
    fine, plain = (run_backtest(stored, a_run(name), lambda *_: False) for name in (FINE, PLAIN))
    assert fine["final_equity"] != plain["final_equity"]
    assert plain["exits_decided"] != {"by_finer_bars": 0, "stop_first": 0}
    assert plain["exits_decided"]["by_finer_bars"] == 0  # type: ignore[index]
    run = a_run(FINE, PLAIN)
    hours = [stored.bars.read("ARCHIVE", name, Interval.H1, None, None) for name in run.symbols]
    [finer] = finer_bars(run, stored.bars, hours).values()
    assert 0 < len(finer) < 27 * 96
    assert {Interval.H1.floor(bar.open_at) for bar in finer} < {bar.open_at for bar in hours[0]}


def test_a_sweeps_cell_is_the_backtest_of_its_limits(stored: Stores) -> None:
    run = a_run(FINE)
    grid = parse_grid(["stop_loss=0.004,0.02", "take_profit=0.004,0.03"])
    told = run_sweep(stored, Sweep(run=replace(run, stop_loss=None), grid=grid), lambda *_: False)
    alone = run_backtest(stored, run, lambda *_: False)
    cells = told["cells"]
    assert isinstance(cells, list)
    [same] = [c for c in cells if (c["stop_loss"], c["take_profit"]) == (0.004, 0.004)]
    assert (same["trades"], same["total_return"]) == (alone["trades"], alone["total_return"])
