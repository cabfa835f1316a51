"""A process that commits steps until it is killed: `python -m tests.adapters.database.commit_for_ever URL OWNER`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from engine.adapters.database.database import open_database
from engine.domain.order import OrderStatus
from engine.ports import OrderUpdate, Step
from tests.contracts.wall import NOON, PAPER, a_decision, a_fill, a_mark, a_position, a_step, an_order

N_DECISIONS = 60
"""Per step: enough rows that a kill often lands between two of them."""


def the_step(bar: int) -> Step:
    """Everything that belongs to one bar, told apart by the bar's number."""
    at = NOON + timedelta(hours=bar)
    order = an_order(f"aa{bar}", bar_close_at=at)
    filled = an_order(f"aa{bar}", bar_close_at=at, status=OrderStatus.FILLED, filled_quantity=Decimal(2))
    return a_step(
        intents=[order],
        updates=[OrderUpdate(order=filled, cause="filled", at=at)],
        fills=[a_fill(f"f{bar}-{part}", f"aa{bar}") for part in range(2)],
        decisions=[a_decision(at, sleeve_id=f"s{n}") for n in range(N_DECISIONS)],
        positions=[a_position(quantity=Decimal(bar))],
        cursors={"s0": at},
        mark=a_mark(at, str(bar)),
    )


def main(url: str, owner: str) -> None:
    """Go on where the ledger stands, with a word after each step."""
    ledger = open_database(url).ledger
    lease = ledger.take_lease(PAPER, owner, datetime.now(UTC), 30)
    if lease is None:
        sys.exit(f"{owner} did not get the lease")
    bar = len(ledger.orders(PAPER))
    while True:
        ledger.commit(the_step(bar), lease)
        print("committed", flush=True)  # noqa: T201  # the parent counts these lines
        bar += 1


if __name__ == "__main__":
    main(*sys.argv[1:])
