"""A process killed in mid-commit leaves whole steps, and the next one goes on from there."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import func, select

from engine.adapters.database.database import Database, open_database
from engine.adapters.database.engine import reading
from engine.adapters.database.tables import decisions, equity_marks, fills, order_events, orders
from engine.domain.order import OrderStatus
from tests.adapters.database.commit_for_ever import N_DECISIONS
from tests.contracts.wall import PAPER, an_account, hours

ROOT = Path(__file__).resolve().parents[3]
KILLS = 4


def test_a_kill_in_mid_commit_leaves_whole_steps(url: str) -> None:
    database = open_database(url)
    database.ledger.open_account(an_account())
    chance = random.Random(7)
    before = 0
    for _ in range(KILLS):
        told = _commit_and_kill(url, n_steps=chance.randint(3, 12), then_seconds=chance.uniform(0, 0.01))
        n_steps = _whole_steps(database)
        assert n_steps >= before + told, "a step that was told as committed is gone"
        before = n_steps
    assert database.ledger.take_lease(PAPER, "engine-2", datetime.now(UTC), 30) is None, (
        "killed, but its lease still runs"
    )
    taken = database.ledger.take_lease(PAPER, "engine-2", datetime.now(UTC) + timedelta(seconds=31), 30)
    assert taken is not None
    assert taken.epoch == 2
    database.close()


def _commit_and_kill(url: str, n_steps: int, then_seconds: float) -> int:
    """Let a process tell of `n_steps` commits and kill it a moment later, in the midst of the next."""
    command = [sys.executable, "-m", "tests.adapters.database.commit_for_ever", url, "engine-1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(n_steps)]
        time.sleep(then_seconds)
        process.kill()
    assert told == ["committed\n"] * n_steps
    return n_steps


def _whole_steps(database: Database) -> int:
    """How many steps the ledger holds; fails where a part of one lacks, or is there too often."""
    with reading(database.engine) as connection:
        count = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (orders, order_events, fills, decisions, equity_marks)
        }
    n = count["orders"]
    assert count == {
        "orders": n, "order_events": 2 * n, "fills": 2 * n, "decisions": N_DECISIONS * n, "equity_marks": n,
    }  # fmt: skip
    ledger = database.ledger
    assert ledger.cursors(PAPER) == {"s0": hours(n - 1)}
    assert [position.quantity for position in ledger.positions(PAPER)] == [Decimal(n - 1)]
    assert {order.status for order in ledger.orders(PAPER)} == {OrderStatus.FILLED}
    mark = ledger.last_mark(PAPER)
    assert mark is not None
    assert mark.equity == Decimal(n - 1)
    return n
