"""Papers: what is stored about an account at an exchange beside its ledger: arming, key rights, canary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.domain.account import Account, AccountKind
from engine.domain.arming import Arming
from engine.domain.interval import parse_time
from engine.domain.venue import CanaryResult, KeyRights
from engine.ports import Board
from engine.queries.console import Console


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """`rights` is None where the exchange does not tell; `rights_at` is when it was asked, None where it never was."""

    arming: Arming | None = None
    rights: KeyRights | None = None
    rights_at: datetime | None = None
    canary: CanaryResult | None = None
    limits_set: bool = False

    @property
    def refused(self) -> str | None:
        """Why the key is not fit for live money, as far as is known."""
        return None if self.rights is None else self.rights.refused

    @property
    def seen_at(self) -> datetime | None:
        """When rights and canary were both looked at; None where one of them never was."""
        if self.rights_at is None or self.canary is None:
            return None
        return min(self.rights_at, self.canary.at)


def arming_setting(account_id: str) -> str:
    """Where the board keeps an account's arming."""
    return f"armed:{account_id}"


def rights_setting(account_id: str) -> str:
    """Where the board keeps what the key may do: {at, rights}."""
    return f"rights:{account_id}"


def canary_setting(account_id: str) -> str:
    """Where the board keeps the newest canary."""
    return f"canary:{account_id}"


def read_papers(board: Board, account_id: str) -> Papers:
    """Gather them."""
    told = board.setting(rights_setting(account_id))
    rights = told if isinstance(told, Mapping) else {}
    return Papers(
        arming=Arming.from_mapping(board.setting(arming_setting(account_id))),
        rights=KeyRights.from_mapping(rights.get("rights")),
        rights_at=parse_time(str(rights["at"])) if "at" in rights else None,
        canary=CanaryResult.from_mapping(board.setting(canary_setting(account_id))),
        limits_set=isinstance(board.setting(f"limits:{account_id}"), Mapping),
    )


def allotted(console: Console, account: Account) -> Decimal:
    """What the engine may use at most, before profit and loss: the amount that is typed to arm."""
    return sum((amount for _, amount, _ in console.ledger.flows(account.account_id)), account.cash)


def armed_until(console: Console, account: Account, now: datetime) -> datetime | None:
    """Until when a live account may take new risk; None while it may not."""
    if account.kind is not AccountKind.LIVE:
        return None
    arming = Arming.from_mapping(console.board.setting(arming_setting(account.account_id)))
    if arming is None or arming.lapsed(now, allotted(console, account)):
        return None
    return arming.expires_at
