"""A town without an account, and what opening and arming one at its exchange takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.domain.command import Command, CommandKind, CommandState
from engine.domain.errors import OrderOutcomeUnknown
from engine.domain.order import Order
from engine.queries.papers import Papers, read_papers
from tests.autotrader.town import Town

K, S = CommandKind, CommandState
ARM = {"typed": "LIVE", "at_risk": "500", "hours": 24}


def open_account(town: Town, kind: str = "LIVE", cash: str = "500") -> Command:
    """Open one and enter it, as the engine's loop does."""
    answered = town.ask(K.OPEN_ACCOUNT, {"name": "real", "kind": kind, "cash": cash})
    if answered.state is S.DONE:
        town.enter()
    return answered


def ready(town: Town) -> str:
    """A live account with limits; its id."""
    answered = open_account(town)
    assert answered.result is not None, answered.message
    town.ask(K.SET_LIMITS, {"limits": {"max_positions": "2"}})
    return str(answered.result["account_id"])


def arm(town: Town, **changes: Any) -> Command:
    return town.ask(K.ARM, ARM | changes)


def causes(town: Town) -> list[str]:
    account = town.session.account
    return [h.cause for h in town.ledger.halts(account.account_id)]


def papers(town: Town) -> Papers:
    return read_papers(town.board, town.session.account.account_id)


def alerts(town: Town) -> list[str]:
    return [a.text for a in town.stores.reads.alerts()]


class Silent:
    """A broker from which no answer comes: nobody knows what it took."""

    not_found_is_proof = False

    def __init__(self, town: Town) -> None:
        self._broker: Any = town.session.trader.cycle.desk.broker

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)

    def place_all(self, lists: Sequence[Sequence[Order]]) -> list[OrderOutcomeUnknown]:
        return [OrderOutcomeUnknown("no answer") for _ in lists]

    def cancel(self, orders: Sequence[Order]) -> Any:
        raise OrderOutcomeUnknown("no answer")

    def cancel_all(self, lists: Sequence[Sequence[Order]]) -> list[OrderOutcomeUnknown]:
        return self.place_all(lists)

    def find(self, order: Order) -> None:
        return None


def silence(town: Town) -> None:
    """From now on."""
    town.session.trader.cycle.desk._broker = Silent(town)
