"""Today's profit in money, whatever was paid in or out since midnight."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from engine.domain.command import CommandKind
from engine.queries.status import profit_of_day
from tests.autotrader.town import ACCOUNT, Town

K = CommandKind


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path).open()
    town.ask(K.SET_LIMITS, {"limits": {"stop_loss": "0.5", "take_profit": "0.5"}})
    town.start_sleeve()
    town.ask(K.SWITCH_TRADING, {"on": True})
    yield town
    town.close()


def profit(town: Town) -> Decimal | None:
    mark = town.ledger.last_mark(ACCOUNT)
    assert mark is not None
    return profit_of_day(town.stores, mark, mark.at)


def test_flows_of_the_day_are_no_profit(town: Town) -> None:
    """On the first day, and on the second, whose midnight has a mark."""
    midnight = Decimal(10_000)
    for amount in ("5000", "-12000"):
        town.pass_bars(10)
        before = profit(town)
        assert before == town.mark().equity - midnight != 0
        town.ask(K.MOVE_CASH, {"amount": amount, "note": "test"})
        town.pass_bars(10)
        assert profit(town) == town.mark().equity - midnight - Decimal(amount)
        town.pass_bars(4)
        midnight = town.mark().equity
