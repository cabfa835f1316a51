"""`trade` without a replay: the engine as a process of its own."""

from __future__ import annotations

import argparse
import threading
import uuid
from collections.abc import Mapping

from engine.autotrader.house import ACCOUNT_ID, TRADING_ON
from engine.autotrader.jobs import JobStarter
from engine.autotrader.lease import LEFT_BEHIND, LeaseHolder, owner_name
from engine.autotrader.leaving import refuse_while_moving
from engine.bootstrap import ENGINE_LEASE, EngineMakers, Stores, instruments_of, make_engine, market_of
from engine.cli import arguments
from engine.cli.outline import outline
from engine.cli.planned import COMPILES
from engine.cli.telling import tell
from engine.commands.run_options import RunOptions
from engine.domain.account import Account, AccountKind, Source
from engine.domain.errors import ConfigurationError, LeaseLost
from engine.domain.order import hashed_id
from engine.domain.sleeve import Sleeve, SleeveState
from engine.risk.limits import RiskLimits
from engine.strategy.warm import is_warm

_TOLD = 12
"""Instruments that are named where another one was asked for."""


def run_account(stores: Stores, options: argparse.Namespace, stopping: threading.Event) -> Mapping[str, object]:
    """Run the engine until `stopping`. With --model or --rule it opens a paper account for them and switches trading
    on; without, it goes on with what the console has stored."""
    wanted = None
    if options.model or options.rule:
        wanted = arguments.run_options(options, None, None, source=options.source or Source.BINANCE.value)
    else:
        _in_use(stores)
    lease = LeaseHolder(stores.ledger, ENGINE_LEASE, owner_name(), stores.clock.now)
    if not lease.wait(LEFT_BEHIND, stopping.is_set):
        raise LeaseLost("another engine trades here (the console's?); stop it first. Nothing was changed")
    try:
        if wanted is not None:
            _prepare(stores, wanted)
    finally:
        lease.release()
    if not is_warm():
        tell(COMPILES)
    starter = JobStarter()
    engine = make_engine(stores, starter)
    loop = threading.Thread(target=engine.run, name="aaiti-engine")
    loop.start()
    tell("the engine runs; SIGTERM ends it")
    while loop.is_alive() and not stopping.wait(1.0):
        pass
    engine.stop()
    loop.join()
    starter.stop()
    if not engine.led:
        raise LeaseLost("another engine held the lease all the time; nothing was traded here. Stop the other one first")
    account = stores.ledger.account(_in_use(stores))
    return outline(stores, account, bars=len(stores.ledger.decisions(account.account_id)))


def _in_use(stores: Stores) -> str:
    account_id = stores.board.setting(ACCOUNT_ID)
    if not isinstance(account_id, str):
        raise ConfigurationError("no account is in use; open one in the console, or give --model or --rule")
    return account_id


def _prepare(stores: Stores, run: RunOptions) -> None:
    """A paper account with a sleeve for each instrument, in use and switched on."""
    makers = EngineMakers(stores)
    for symbol in run.symbols:
        makers.strategy(run.strategy, symbol, run.interval)
    if run.source not in (Source.BINANCE, Source.SIMULATED):
        raise ConfigurationError(f"--source {run.source}: bars of the past can be replayed (--replay FROM..TO) only")
    limits = RiskLimits.from_mapping(run.limit_overrides())
    began = makers.began_at(Source(run.source))
    account = Account(
        account_id=f"p{uuid.uuid4().hex[:7]}", name=f"{run.strategy} on {', '.join(run.symbols)}",
        kind=AccountKind.PAPER, source=Source(run.source), quote="USDT", cash=run.cash, costs=run.costs(),
        created_at=began,
    )  # fmt: skip
    offered = instruments_of(market_of(account.source, stores, stores.clock), account, stores.bars)
    unknown = [symbol for symbol in run.symbols if symbol not in offered]
    if unknown:
        some = ", ".join(sorted(offered)[:_TOLD]) + (", ..." if len(offered) > _TOLD else "")
        raise ConfigurationError(f"--instrument {', '.join(unknown)} is not on offer on {run.source}; choose of {some}")
    if (left := stores.board.setting(ACCOUNT_ID)) is not None:
        refuse_while_moving(stores.ledger, stores.ledger.account(str(left)))
    stores.ledger.open_account(account)
    stores.board.put_setting(f"limits:{account.account_id}", limits.to_mapping())
    if run.stake is not None:
        stores.board.put_setting(f"stake:{account.account_id}", str(run.stake))
    for symbol in run.symbols:
        sleeve = Sleeve(
            sleeve_id=hashed_id("s", f"{account.account_id}|{symbol}")[:12], account_id=account.account_id,
            strategy=run.strategy, symbol=symbol, interval=run.interval, state=SleeveState.ACTIVE, created_at=began,
        )  # fmt: skip
        stores.ledger.put_sleeve(sleeve)
    stores.board.put_setting(ACCOUNT_ID, account.account_id)
    stores.board.put_setting(TRADING_ON, True)
