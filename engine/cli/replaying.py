"""Replay a range through the live cycle, in an account of its own; go on where an earlier one was killed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime

from engine.adapters.clock import PacedClock
from engine.autotrader.cycle import Terms
from engine.autotrader.lease import LEFT_BEHIND, LeaseHolder, owner_name
from engine.autotrader.replay import replay
from engine.autotrader.seat import Seat
from engine.autotrader.series_feed import SeriesFeed
from engine.bootstrap import Stores, make_trader
from engine.cli.material import honest_strategy, instruments_for, is_in_sample, run_bars, run_span, settle_source
from engine.cli.outline import outline
from engine.cli.planned import COMPILES
from engine.cli.stored import covered, finer_bars
from engine.cli.telling import tell
from engine.commands.run_options import RunOptions
from engine.domain.account import Account, AccountKind, Source
from engine.domain.errors import LeaseLost
from engine.domain.order import hashed_id
from engine.domain.sleeve import Sleeve, SleeveState
from engine.risk.limits import RiskLimits
from engine.strategy.strategy import Strategy
from engine.strategy.warm import is_warm, warm_up

Progress = Callable[[float, str], bool]


def run_replay(
    stores: Stores, run: RunOptions, *, speed: float | None, fresh: bool, progress: Progress
) -> dict[str, object]:
    """Run to the end and summarise; where `progress` asks to stop, the summary of what was done, `finished` False.

    The same run started again goes on at the bar after the last one committed, unless `fresh`.
    """
    stores.database.hurry()
    run = settle_source(run, stores)
    series = run_bars(run, stores)
    start, end = run_span(run, series)
    strategy = honest_strategy(run, stores, start, end)
    account = _account(stores, run, strategy, start, end, fresh=fresh)
    _compile(progress)
    lease = LeaseHolder(stores.ledger, f"replay:{account.account_id}", owner_name(), stores.clock.now)
    if not lease.wait(LEFT_BEHIND, lambda: progress(0.0, "waiting for the process that ran this replay before")):
        raise LeaseLost(f"replay {account.account_id} is run by another process; wait for it or stop it")
    instruments = instruments_for(run, stores)
    feed = SeriesFeed(series, instruments, finer_bars(run, stores.bars, series))
    terms = Terms(limits=RiskLimits.from_mapping(run.limit_overrides()), stake=run.stake)
    seats = _seats(stores, account, run, strategy)

    def go_on() -> bool:
        mark = stores.ledger.last_mark(account.account_id)
        clock = PacedClock(mark.at if mark else start, speed)
        trader = make_trader(stores, account, instruments, feed=feed, clock=clock, lease=lease, trading_on=True,
                             terms=terms, seats=seats)  # fmt: skip
        return replay(trader, clock, end, progress=_reporter(lease, progress, start, end))

    try:
        finished = _awake(stores, account, lease, go_on)
    finally:
        lease.release()
    if finished:
        stores.ledger.close_account(account.account_id, end)
    result = outline(stores, account, bars=feed.count(start, end))
    result |= covered(run, series)
    result["in_sample"] = is_in_sample(strategy, stores, start, end)
    result["ok"] = result["finished"] = finished
    return result


def _compile(progress: Progress) -> None:
    """The machine code comes before the lease: the first use after an install takes longer than a lease lasts."""
    if not is_warm():
        progress(0.0, COMPILES)
    warm_up()


def _awake(stores: Stores, account: Account, lease: LeaseHolder, go_on: Callable[[], bool]) -> bool:
    """Go on from the last commit after a sleep that outlasted the lease, where no other process holds it now."""
    while True:
        before = stores.ledger.last_mark(account.account_id)
        try:
            return go_on()
        except LeaseLost:
            if stores.ledger.last_mark(account.account_id) == before or not lease.take():
                raise


def _reporter(
    lease: LeaseHolder, progress: Progress, start: datetime, end: datetime
) -> Callable[[float, datetime], bool]:
    def report(_share: float, at: datetime) -> bool:
        epoch = lease.epoch
        if not lease.keep() or lease.epoch != epoch:  # what is in memory may no longer be what the ledger says
            raise LeaseLost("another process ran this replay meanwhile")
        return progress((at - start) / (end - start), f"{at:%Y-%m-%d %H:%M}")

    return report


def _account(
    stores: Stores, run: RunOptions, strategy: Strategy, start: datetime, end: datetime, *, fresh: bool
) -> Account:
    """The account of an unfinished run of the same content, else a new one."""
    content = json.dumps([run.payload(), strategy.name, start.isoformat(), end.isoformat()], sort_keys=True)
    stem = "r" + hashlib.sha256(content.encode()).hexdigest()[:8]
    same = [a for a in stores.ledger.accounts() if a.account_id.startswith(f"{stem}-")]
    unfinished = [a for a in same if a.closed_at is None]
    if unfinished and not fresh:
        mark = stores.ledger.last_mark(unfinished[-1].account_id)
        tell(f"resuming replay {unfinished[-1].account_id} at {mark.at if mark else start}")
        return unfinished[-1]
    for old in unfinished:
        stores.ledger.close_account(old.account_id, stores.clock.now())
    account = Account(
        account_id=f"{stem}-{len(same) + 1}", name=f"Replay of {run.strategy} on {', '.join(run.symbols)}",
        kind=AccountKind.REPLAY, source=Source(run.source), quote="USDT", cash=run.cash, costs=run.costs(),
        created_at=start,
    )  # fmt: skip
    stores.ledger.open_account(account)
    return account


def _seats(stores: Stores, account: Account, run: RunOptions, strategy: Strategy) -> list[Seat]:
    seats = []
    for symbol in run.symbols:
        sleeve = Sleeve(
            sleeve_id=hashed_id("s", f"{account.account_id}|{symbol}")[:12], account_id=account.account_id,
            strategy=strategy.name, symbol=symbol, interval=run.interval, state=SleeveState.ACTIVE,
            created_at=account.created_at,
        )  # fmt: skip
        stores.ledger.put_sleeve(sleeve)
        seats.append(Seat(sleeve=sleeve, strategy=strategy))
    return seats
