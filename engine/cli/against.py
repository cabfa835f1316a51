"""`backtest --against ACCOUNT`: a past period of trading, backtested, and each difference by its name."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from engine.autotrader.house import stored_limits, stored_stake
from engine.backtest.against import Lived, compare
from engine.backtest.plan import BacktestPlan, BacktestSleeve, lay_out
from engine.backtest.run import walk
from engine.bootstrap import Stores, open_stores, strategy_of
from engine.cli.material import instruments_for, run_bars
from engine.cli.planned import Progress, say
from engine.cli.stored import finer_bars
from engine.commands.run_options import RunOptions
from engine.domain.account import Account
from engine.domain.decision import Decision
from engine.domain.errors import ConfigurationError
from engine.domain.interval import Interval, iso
from engine.domain.sleeve import MANUAL, Sleeve
from engine.settings import load

Groups = Mapping[tuple[str, Interval], Sequence[Sleeve]]


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Compare an account with its backtest, between two times or over all that it decided."""
    with open_stores(load()) as stores:
        return against(stores, options.against, (options.start, options.end), say)


def against(
    stores: Stores, account_id: str, span: tuple[datetime | None, datetime | None], progress: Progress
) -> dict[str, object]:
    """One comparison for each strategy and interval that the account traded; sleeves by hand have none."""
    account = stores.ledger.account(account_id)
    decided = [d for d in stores.ledger.decisions(account_id) if _within(d.bar_close_at, span)]
    groups = _groups(stores, account, {d.sleeve_id for d in decided})
    if not groups:
        raise ConfigurationError(f"account {account_id} decided nothing in that time; choose another, or a longer time")
    runs: list[dict[str, object]] = []
    differences = 0
    for done, ((strategy, _), sleeves) in enumerate(groups.items()):
        progress(done / len(groups), f"backtesting {strategy}")
        mine = {s.sleeve_id for s in sleeves}
        told, n = _one(stores, account, sleeves, [d for d in decided if d.sleeve_id in mine])
        runs.append(told)
        differences += n
    return {"account_id": account_id, "runs": runs, "differences": differences}


def _within(at: datetime, span: tuple[datetime | None, datetime | None]) -> bool:
    return (span[0] is None or span[0] <= at) and (span[1] is None or at < span[1])


def _groups(stores: Stores, account: Account, active: set[str]) -> Groups:
    groups: dict[tuple[str, Interval], list[Sleeve]] = {}
    for sleeve in stores.ledger.sleeves(account.account_id):
        if sleeve.strategy != MANUAL and sleeve.sleeve_id in active:
            groups.setdefault((sleeve.strategy, sleeve.interval), []).append(sleeve)
    return groups


def _one(
    stores: Stores, account: Account, sleeves: Sequence[Sleeve], decided: Sequence[Decision]
) -> tuple[dict[str, object], int]:
    """What came of one comparison, and how many differences there are."""
    first, last = decided[0].bar_close_at, decided[-1].bar_close_at
    plan = _plan(stores, account, sleeves, first, last)
    market, voices = lay_out(plan)
    mine = {s.sleeve_id for s in sleeves}
    ledger, name = stores.ledger, account.account_id
    lived = Lived(
        decisions=decided, orders=[o for o in ledger.orders(name) if o.sleeve_id in mine], last=last,
        trades=[t for t in ledger.trades(name) if t.sleeve_id in mine and t.opened_at >= first],
    )  # fmt: skip
    earlier = sum(t.sleeve_id in mine and t.opened_at < first < t.closed_at for t in ledger.trades(name))
    found = compare(lived, walk(plan, market, voices), market, voices)
    told = {
        "strategy": sleeves[0].strategy, "symbols": [s.instrument.symbol for s in plan.sleeves],
        "interval": sleeves[0].interval.value, "from": iso(first), "to": iso(last), "open_before": earlier,
        **found.told(),
    }  # fmt: skip
    return told, len(found.differences)


def _plan(
    stores: Stores, account: Account, sleeves: Sequence[Sleeve], first: datetime, last: datetime
) -> BacktestPlan:  # fmt: skip
    """From the bar that ends at the first decision to the one that ends at the last."""
    interval, stored = sleeves[0].interval, account.account_id
    run = RunOptions(
        strategy=sleeves[0].strategy, symbols=tuple(dict.fromkeys(s.symbol for s in sleeves)), interval=interval,
        source=account.source.value, start=first - interval.duration, end=last,
    )  # fmt: skip
    rules, series, limits = instruments_for(run, stores), run_bars(run, stores), stored_limits(stores.board, stored)
    plan = BacktestPlan(
        sleeves=[BacktestSleeve(sleeve_id=s.symbol, instrument=rules[s.symbol], series=s) for s in series],
        strategy=strategy_of(run.strategy, stores), cash=_equity(stores, account, first), costs=account.costs,
        limits=limits, stake=stored_stake(stores.board, stored), start=run.start,
        end=run.end,
    )  # fmt: skip
    return plan.with_finer(finer_bars(run, stores.bars, series, limits))


def _equity(stores: Stores, account: Account, at: datetime) -> Decimal:
    """What the account was worth when the period began."""
    marks = stores.reads.marks(account.account_id, since=at, limit=2)
    return marks[0].equity if marks and marks[0].at == at else account.cash
