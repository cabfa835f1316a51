"""Console: the ports that a screen reads through, and which account it looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from engine.domain.account import Account, AccountKind
from engine.ports import Bars, Board, Clock, Heartbeat, Ledger, ModelStore, Trials
from engine.queries.reads import Reads

ENGINE_LATE_AFTER = timedelta(seconds=10)
"""A heartbeat older than this means that the engine is not there to obey."""


class Console(Protocol):
    """Everything a read model may look at; `bootstrap.console()` makes the real one."""

    @property
    def board(self) -> Board:
        """Commands, settings, heartbeat, jobs."""
        ...

    @property
    def ledger(self) -> Ledger:
        """Orders, fills, positions, trades, accounts."""
        ...

    @property
    def models(self) -> ModelStore:
        """Models and their versions."""
        ...

    @property
    def trials(self) -> Trials:
        """Everything that was ever scored on an instrument."""
        ...

    @property
    def reads(self) -> Reads:
        """What only screens ask for."""
        ...

    @property
    def bars(self) -> Bars:
        """Stored bars."""
        ...

    @property
    def clock(self) -> Clock:
        """The wall's clock."""
        ...


def is_fresh(beat: Heartbeat | None, now: datetime) -> bool:
    """True where the engine showed a sign of life a moment ago."""
    return beat is not None and now - beat.at <= ENGINE_LATE_AFTER


def current_account(console: Console) -> Account | None:
    """The account in view: the chosen one, else the engine's own, else the newest open one, else None."""
    accounts = {account.account_id: account for account in console.ledger.accounts()}
    beat = console.board.heartbeat()
    for name in (console.board.setting("account_id"), beat.status.get("account_id") if beat else None):
        if isinstance(name, str) and name in accounts:
            return accounts[name]
    still_open = [a for a in accounts.values() if a.closed_at is None and a.kind is not AccountKind.REPLAY]
    return still_open[-1] if still_open else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Screens:
    """A console made of its parts."""

    board: Board
    ledger: Ledger
    models: ModelStore
    trials: Trials
    reads: Reads
    bars: Bars
    clock: Clock
