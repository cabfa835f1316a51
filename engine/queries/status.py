"""The status bar: who trades what, how alive the engine is, and what the account is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from engine.domain.account import Account, AccountKind, Source
from engine.domain.equity import EquityMark
from engine.domain.halt import Halt, HaltKind
from engine.domain.interval import parse_time
from engine.ports import Heartbeat
from engine.queries.console import Console, current_account, is_fresh
from engine.queries.line import Line, read_line
from engine.queries.papers import armed_until
from engine.queries.words import told_once


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """`None` means not known; `why` says for each such field what has to happen first."""

    now: datetime
    account: Account | None
    mode: str
    alive: bool
    beat_age: timedelta | None
    trading_on: bool
    clock: datetime | None
    data_age: timedelta | None
    mark: EquityMark | None
    day_profit: Decimal | None
    halts: Sequence[Halt]
    problem: str | None
    replay: Mapping[str, object] | None
    state_version: int
    why: Mapping[str, str]
    armed_until: datetime | None = None
    line: Line | None = None

    @property
    def live(self) -> bool:
        """True where real money is traded."""
        return self.account is not None and self.account.kind is AccountKind.LIVE

    @property
    def halted(self) -> bool:
        """True where a latched halt is open."""
        return any(halt.kind is HaltKind.HALT for halt in self.halts)

    @property
    def asset(self) -> str:
        """The reporting currency; empty without an account."""
        return self.account.quote if self.account else ""


def read_status(console: Console) -> Status:
    """Gather the status bar in a handful of one-row reads."""
    now = console.clock.now()
    beat = console.board.heartbeat()
    account = current_account(console)
    alive = is_fresh(beat, now)
    clock = moment_of(beat, "clock") or (beat.at if beat else None)
    data_as_of = moment_of(beat, "data_as_of")
    mark = console.ledger.last_mark(account.account_id) if account else None
    day_profit = profit_of_day(console, mark, clock or now)
    replay = beat.status.get("replay") if beat else None
    market_now = clock if clock and (alive or is_simulated(beat)) else now
    data_age = market_now - data_as_of if data_as_of else None
    return Status(
        now=now, account=account, mode=mode_words(account), alive=alive, beat_age=now - beat.at if beat else None,
        trading_on=console.board.setting("trading_on") is True, clock=clock, data_age=data_age, mark=mark,
        day_profit=day_profit, halts=console.ledger.halts(account.account_id) if account else (),
        problem=source_problem(beat),
        replay=replay if isinstance(replay, Mapping) else None, state_version=console.board.state_version(),
        why=_reasons(account, beat, data_age, mark, day_profit),
        armed_until=armed_until(console, account, now) if account else None,
        line=read_line(beat) if alive else None,
    )  # fmt: skip


def mode_words(account: Account | None) -> str:
    """Say whose money and whose prices these are; simulated ones always with the word SIMULATED."""
    if account is None:
        return "No account"
    if account.kind is AccountKind.REPLAY:
        return f"REPLAY · {account.source.value} data"
    if account.kind.at_exchange:
        return f"{account.kind.value} · {'real money' if account.kind is AccountKind.LIVE else 'play money'}"
    if account.source is Source.SIMULATED:
        return f"{account.kind.value} · SIMULATED data"
    return f"{account.kind.value} · {account.source.value.capitalize()} data"


def moment_of(beat: Heartbeat | None, name: str) -> datetime | None:
    """A time that the heartbeat tells under `name`; None where it tells none."""
    text = beat.status.get(name) if beat else None
    return parse_time(text) if isinstance(text, str) and text else None


def source_problem(beat: Heartbeat | None) -> str | None:
    """Why the source gives no prices, by the engine's last sign of life; None where it does."""
    problem = beat.status.get("source_problem") if beat else None
    return told_once(problem) if isinstance(problem, str) and problem else None


def is_simulated(beat: Heartbeat | None) -> bool:
    """True where the engine told the simulated market's clock, which stands while the engine is away."""
    return beat is not None and beat.status.get("source") == Source.SIMULATED


def profit_of_day(console: Console, mark: EquityMark | None, now: datetime) -> Decimal | None:
    """Profit since 00:00 UTC, external flows kept out; None where the newest mark is of another day."""
    if mark is None or mark.at.astimezone(UTC).date() != now.astimezone(UTC).date():
        return None
    midnight = mark.at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    flows = [amount for at, amount, _ in console.ledger.flows(mark.account_id) if midnight < at <= mark.at]
    if not flows:
        return mark.equity - mark.day_start
    return mark.equity - _equity_at(console, mark, midnight) - sum(flows, Decimal(0))


def _equity_at(console: Console, mark: EquityMark, midnight: datetime) -> Decimal:
    """What the account was worth at 00:00 UTC: the mark of that moment, else what the day's first mark tells of it."""
    first = next(iter(console.reads.marks(mark.account_id, since=midnight)), mark)
    if first.at == midnight:
        return first.equity
    own = first.equity - first.external_flow
    return first.day_start if own <= 0 or not first.external_flow else first.day_start * own / first.equity


def _reasons(
    account: Account | None,
    beat: Heartbeat | None,
    data_age: timedelta | None,
    mark: EquityMark | None,
    day_profit: Decimal | None,
) -> Mapping[str, str]:
    """Why a figure is absent, by its name."""
    reasons = {}
    if beat is None:
        reasons["engine"] = "The engine has not reported yet. Start it: make run, or python -m engine trade."
    if data_age is None:
        reasons["data"] = "No closed bar has been seen yet. Sync or import bars on the Market page."
    if mark is None:
        missing = "no account is open yet" if account is None else "it is marked at the close of the first bar"
        reasons["equity"] = f"No equity yet: {missing}."
        reasons["drawdown"] = reasons["equity"]
    if day_profit is None:
        reasons["day"] = "No bar has closed since 00:00 UTC, so today has no profit or loss yet."
    return reasons
