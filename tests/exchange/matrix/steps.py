"""Where in an order's life something can go wrong: the rows of the matrix."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import parse_qsl

from tests.exchange.wire import Request


class Step(StrEnum):
    """The first nine are requests. COMMIT: a step of the ledger is written. RESTING: nothing is under way."""

    ENTRY = "entry"
    PROTECTION = "protection"
    EXIT = "exit"
    CANCEL = "cancel"
    LOOKUP = "lookup"
    FILLS = "fills asked for"
    OPEN_ORDERS = "open orders asked for"
    BALANCES = "balances asked for"
    CLOCK = "clock asked for"
    RULES = "rules asked for"
    COMMIT = "commit"
    RESTING = "resting"


REQUESTS = (
    Step.ENTRY, Step.PROTECTION, Step.EXIT, Step.CANCEL, Step.LOOKUP, Step.FILLS, Step.OPEN_ORDERS, Step.BALANCES,
    Step.CLOCK, Step.RULES,
)  # fmt: skip
ORDERS = (Step.ENTRY, Step.PROTECTION, Step.EXIT, Step.CANCEL)

_ASKED = {
    "order": Step.LOOKUP, "myTrades": Step.FILLS, "openOrders": Step.OPEN_ORDERS, "account": Step.BALANCES,
    "time": Step.CLOCK, "exchangeInfo": Step.RULES,
}  # fmt: skip


def parameters(request: Request) -> dict[str, str]:
    """Everything a request says, in its query or its body."""
    return dict(request.query) | dict(parse_qsl(request.body.decode()))


def step_of(request: Request) -> Step | None:
    """None for a request that belongs to no order's life."""
    path = request.path.removeprefix("/api/v3/")
    if request.method == "GET":
        return _ASKED.get(path)
    if request.method == "DELETE":
        return Step.CANCEL
    if path in ("orderList/otoco", "orderList/oto"):
        return Step.ENTRY
    if path == "orderList/oco":
        return Step.PROTECTION
    said = parameters(request)
    if said.get("side") == "BUY":
        return Step.ENTRY
    return Step.EXIT if said.get("type") == "MARKET" else Step.PROTECTION
