"""Requests about accounts: open one, arm one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from engine.commands import fields
from engine.domain.account import AccountKind, Source
from engine.domain.arming import LONGEST, SHORTEST
from engine.domain.errors import ConfigurationError

_SOURCES = {
    AccountKind.PAPER: (Source.BINANCE, Source.SIMULATED),
    AccountKind.TESTNET: (Source.TESTNET,),
    AccountKind.LIVE: (Source.BINANCE,),
}
LIVE = "LIVE"
"""The word that arms."""
CONFIRMATION = "this key cannot withdraw or transfer"
"""What the operator writes where the exchange does not tell what the key may do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccount:
    """A new account. `cash` is paper money, or what the engine is allotted of the balance at the exchange."""

    name: str
    kind: AccountKind
    source: Source
    cash: Decimal

    @classmethod
    def parse(cls, payload: fields.Payload) -> OpenAccount:
        """Read and check."""
        kind = fields.choice({"kind": AccountKind.PAPER, **payload}, "kind", AccountKind)
        if kind is AccountKind.REPLAY:
            raise ConfigurationError("kind REPLAY: a replay opens its own account; start it on the auto-trading page")
        allowed = _SOURCES[kind]
        source = fields.choice({"source": allowed[0], **payload} if kind.at_exchange else payload, "source", Source)
        if source not in allowed:
            why = "its bars are learned from and replayed, not traded live" if kind is AccountKind.PAPER else (
                f"a {kind.lower()} account follows {allowed[0]}"
            )  # fmt: skip
            raise ConfigurationError(f"source {source}: {why}")
        cash = fields.money(fields.positive(payload, "cash"))
        return cls(name=fields.text(payload, "name"), kind=kind, source=source, cash=cash)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """Allow a live account new risk: the word and the amount are typed, and it ends by itself."""

    at_risk: Decimal
    lasts: timedelta
    confirmed: str

    @classmethod
    def parse(cls, payload: fields.Payload) -> Arm:
        """Read and check."""
        if payload.get("typed") != LIVE:
            raise ConfigurationError(f"typed {payload.get('typed')!r}; type {LIVE} to arm")
        lasts = timedelta(hours=fields.whole(payload, "hours", 0))
        if not SHORTEST <= lasts <= LONGEST:
            most = LONGEST // timedelta(hours=1)
            raise ConfigurationError(f"hours {payload.get('hours')!r} must be 1 to {most}: an arming ends by itself")
        return cls(
            at_risk=fields.money(fields.positive(payload, "at_risk")), lasts=lasts,
            confirmed=str(payload.get("confirmed") or "").strip(),
        )  # fmt: skip
