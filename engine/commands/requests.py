"""One type per request that needs more than a name; `parse` reads it from a command's payload."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.commands import fields
from engine.commands.run_options import RunOptions
from engine.domain.account import Source
from engine.domain.errors import ConfigurationError
from engine.domain.interval import Interval
from engine.domain.target import Target


class PositionPolicy(StrEnum):
    """What becomes of an open position when its sleeve is retired."""

    CLOSE = "close"
    KEEP_STOP = "keep_stop"
    INHERIT = "inherit"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSleeve:
    """Let a model or a rule trade an instrument."""

    strategy: str
    symbol: str
    interval: Interval

    @classmethod
    def parse(cls, payload: fields.Payload) -> StartSleeve:
        """Read and check."""
        return cls(
            strategy=fields.text(payload, "strategy"),
            symbol=fields.text(payload, "symbol"),
            interval=fields.choice(payload, "interval", Interval),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireSleeve:
    """Stop a sleeve; `successor` is the strategy that inherits its position."""

    sleeve_id: str
    position: PositionPolicy
    successor: str | None

    @classmethod
    def parse(cls, payload: fields.Payload) -> RetireSleeve:
        """Read and check."""
        policy = fields.choice(payload, "position", PositionPolicy)
        successor = str(payload.get("successor") or "") or None
        if policy is PositionPolicy.INHERIT and successor is None:
            raise ConfigurationError("successor is missing; name the strategy that inherits the position")
        return cls(sleeve_id=fields.text(payload, "sleeve_id"), position=policy, successor=successor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    """Make a model, or a new version of one that has the name already. `members`: none for the champion's recipe, or
    the usual one where there is no champion. `paths`: cross-validate in all combinations too. `target`: what it is to
    predict; None for what the model's versions do, or the direction where there is none."""

    name: str
    source: str
    symbol: str
    interval: Interval
    horizon: int
    start: datetime | None
    end: datetime | None
    seed: int
    members: tuple[str, ...] = ()
    paths: bool = False
    target: Target | None = None

    @classmethod
    def parse(cls, payload: fields.Payload) -> Train:
        """Read and check."""
        horizon = fields.whole(payload, "horizon", 24)
        if not 1 <= horizon <= 1000:
            raise ConfigurationError(f"horizon {horizon} must be 1 to 1000 bars")
        return cls(
            name=fields.text(payload, "name"), source=fields.text(payload, "source"),
            symbol=fields.text(payload, "symbol"), interval=fields.choice(payload, "interval", Interval),
            horizon=horizon, start=fields.moment(payload, "start"), end=fields.moment(payload, "end"),
            seed=fields.whole(payload, "seed", 1),
            members=tuple(fields.texts(payload, "members")) if payload.get("members") else (),
            paths=payload.get("paths") is True,
            target=fields.choice(payload, "target", Target) if payload.get("target") else None,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """Fetch the newest bars into the cache."""

    source: Source
    symbol: str
    interval: Interval
    days: int

    @classmethod
    def parse(cls, payload: fields.Payload) -> Sync:
        """Read and check."""
        days = fields.whole(payload, "days", 30)
        if not 1 <= days <= 5000:
            raise ConfigurationError(f"days {days} must be 1 to 5000")
        return cls(
            source=fields.choice(payload, "source", Source), symbol=fields.text(payload, "symbol"),
            interval=fields.choice(payload, "interval", Interval), days=days,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class StartReplay:
    """Replay archived bars through the live cycle; `speed` in market seconds per second, None as fast as can be."""

    run: RunOptions
    speed: float | None

    @classmethod
    def parse(cls, payload: fields.Payload) -> StartReplay:
        """Read and check."""
        speed = str(payload.get("speed", "max"))
        run = RunOptions.parse(payload)
        if run.start is None or run.end is None:
            raise ConfigurationError("start and end are missing; a replay needs both")
        if speed == "max":
            return cls(run=run, speed=None)
        try:
            number = float(speed)
        except ValueError:
            number = 0.0
        if not 0 < number <= 1e7:
            raise ConfigurationError(f"speed {speed!r} must be max, 1, 60 or another number above zero")
        return cls(run=run, speed=number)
