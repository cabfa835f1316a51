"""Command: what an operator asks of the engine, as a row that the engine answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CommandKind(StrEnum):
    """Everything that may be asked. `engine/commands/` has one type with its fields for each."""

    SWITCH_TRADING = "switch_trading"
    HALT = "halt"
    RESET_HALT = "reset_halt"
    PLACE_ORDER = "place_order"
    CANCEL_ORDER = "cancel_order"
    CANCEL_ALL = "cancel_all"
    CLOSE_POSITION = "close_position"
    MOVE_STOP = "move_stop"
    FLATTEN = "flatten"
    SET_LIMITS = "set_limits"
    START_SLEEVE = "start_sleeve"
    RETIRE_SLEEVE = "retire_sleeve"
    OPEN_ACCOUNT = "open_account"
    USE_ACCOUNT = "use_account"
    RESET_ACCOUNT = "reset_account"
    MOVE_CASH = "move_cash"
    ARM = "arm"
    DISARM = "disarm"
    CHECK_VENUE = "check_venue"
    SET_SPEED = "set_speed"
    START_REPLAY = "start_replay"
    STOP_REPLAY = "stop_replay"
    PROMOTE = "promote"
    SET_CARE = "set_care"
    TRAIN = "train"
    PREDICT = "predict"
    BACKTEST = "backtest"
    SWEEP = "sweep"
    IMPORT = "import"
    SYNC = "sync"
    CANCEL_JOB = "cancel_job"


class CommandState(StrEnum):
    """PENDING until the engine answers DONE or REFUSED; EXPIRED when it was too old to be obeyed."""

    PENDING = "PENDING"
    DONE = "DONE"
    REFUSED = "REFUSED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """`key` makes a repeated click the same command; `state_version` is the engine's version that the asker was looking
    at (None where it does not matter): an older one is refused as stale. `payload` is JSON, decimals as strings."""

    key: str
    kind: CommandKind
    payload: Mapping[str, object]
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    state_version: int | None
    state: CommandState = CommandState.PENDING
    message: str = ""
    result: Mapping[str, object] | None = None
    answered_at: datetime | None = None
