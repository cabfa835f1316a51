"""House: what the running engine has at hand, and the one session it trades."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from engine.autotrader.lease import LeaseHolder
from engine.autotrader.session import Makers, Session
from engine.domain.account import Account
from engine.domain.errors import ConfigurationError
from engine.domain.job import Job, JobKind, JobState
from engine.domain.money import exact
from engine.domain.order import hashed_id
from engine.ports import Bars, Board, Clock, Ledger, ModelStore
from engine.risk.limits import RiskLimits

TRADING_ON = "trading_on"
ACCOUNT_ID = "account_id"
SIMULATION_SPEED = "simulation_speed"
_log = logging.getLogger("aaiti")


class Starter(Protocol):
    """Starts the processes of jobs."""

    def __call__(self, job: Job) -> None:
        """Start one."""
        ...

    def collect(self) -> None:
        """Let the system forget those that have ended."""
        ...


@dataclass(slots=True, kw_only=True)
class House:
    """`wall` is real time. `problem` says why there is no session, or what its source lacks."""

    board: Board
    ledger: Ledger
    models: ModelStore
    bars: Bars
    makers: Makers
    wall: Clock
    lease: LeaseHolder
    spawn: Starter
    session: Session | None = None
    problem: str | None = None

    def in_session(self) -> Session:
        """The session, its market's clock held until the turn ends; ConfigurationError where none runs."""
        if self.session is None:
            why = self.problem or "no account is in use; open one on the overview page"
            raise ConfigurationError(f"there is no trading session: {why}")
        self.session.hold()
        return self.session

    def leave(self, why: str | None) -> None:
        """End the session, if one runs; `why` is what the screens say. It has ended whatever its closing brings: a full
        disk must not end the engine."""
        session, self.session, self.problem = self.session, None, why
        if session is not None:
            try:
                session.close()
            except Exception:  # noqa: BLE001 - what was not put away is fetched again
                _log.exception("the session was not closed in good order")

    @property
    def trading_on(self) -> bool:
        """The stored switch."""
        return self.board.setting(TRADING_ON) is True

    def limits(self, account_id: str) -> RiskLimits:
        """The account's limits: what was stored, over the defaults."""
        return stored_limits(self.board, account_id)

    def account_in_use(self) -> Account | None:
        """The account that the engine should trade."""
        account_id = self.board.setting(ACCOUNT_ID)
        return self.ledger.account(account_id) if isinstance(account_id, str) else None

    def account(self, account_id: str) -> Account:
        """An account by its id; ConfigurationError where there is none."""
        found = next((a for a in self.ledger.accounts() if a.account_id == account_id), None)
        if found is None:
            raise ConfigurationError(f"account_id {account_id!r} is unknown; choose one of the list")
        return found

    def begin(self, kind: JobKind, key: str, request: Mapping[str, object]) -> str:
        """Queue a job and start its process; its id, made from `key`."""
        self.begins_new(kind, key, request)
        return hashed_id("j", key)[:12]

    def begins_new(self, kind: JobKind, key: str, request: Mapping[str, object]) -> bool:
        """The same; False where the job of that key was begun before."""
        job = Job(
            job_id=hashed_id("j", key)[:12], kind=kind, state=JobState.QUEUED, request=dict(request), progress=0.0,
            message="waiting for its process", result=None, pid=None, cancel_requested=False,
            created_at=self.wall.now(), started_at=None, finished_at=None,
        )  # fmt: skip
        new = self.board.job(job.job_id) is None
        if new:
            self.board.add_job(job)
            self.spawn(job)
        return new

    def touch(self, what: str) -> None:
        """Let pages know that something they must not overlook has changed."""
        self.board.put_setting("touched", what)


def stored_limits(board: Board, account_id: str) -> RiskLimits:
    """The limits stored for an account, over the defaults."""
    stored = board.setting(f"limits:{account_id}")
    return RiskLimits.from_mapping(stored if isinstance(stored, dict) else {})


def stored_stake(board: Board, account_id: str) -> Decimal | None:
    """The fixed notional per trade stored for an account; None where risk sizes."""
    stored = board.setting(f"stake:{account_id}")
    return exact(stored) if isinstance(stored, str) else None


def money(amount: Decimal) -> str:
    """An amount for a sentence: two decimals are enough to read."""
    return f"{amount:,.2f}"
