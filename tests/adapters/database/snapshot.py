"""One of everything, as it was written by a released version: `snapshots/REVISION.json` holds the raw rows.

At a release: `python -m tests.adapters.database.snapshot` writes the file of the latest revision. It is never changed
afterwards; later revisions must still read it.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, select

from engine.adapters.database.database import Database, open_database
from engine.adapters.database.engine import reading
from engine.adapters.database.migrate import migrate
from engine.adapters.database.schema import REVISION
from engine.domain.account import Source
from engine.domain.command import CommandState
from engine.domain.drift import Drift, DriftKind
from engine.domain.halt import HaltKind
from engine.domain.interval import Interval
from engine.domain.job import JobState
from engine.domain.model import Check, Origin, Promotion, Stage
from engine.domain.order import ExitReason, OrderStatus, OrderType, Purpose
from engine.domain.outcome import MaturedCall, Outcome
from engine.domain.sleeve import Sleeve, SleeveState
from engine.domain.trade import Trade
from engine.ports import Heartbeat, OrderUpdate
from tests.contracts.test_board import a_command, a_job
from tests.contracts.test_model_store import a_model, a_version
from tests.contracts.test_trials import a_trial
from tests.contracts.wall import (
    LONG_DECIMAL,
    NOON,
    PAPER,
    Wall,
    a_decision,
    a_fill,
    a_guard,
    a_halt,
    a_mark,
    a_position,
    a_prediction,
    a_step,
    an_account,
    an_exit,
    an_order,
    hours,
    leased,
)

ENTRY = replace(an_order(), status=OrderStatus.FILLED, filled_quantity=Decimal(2))
STOP = an_exit("aa2", type=OrderType.STOP, purpose=Purpose.STOP, stop_price=LONG_DECIMAL, list_id="oco1")
SLEEVE = Sleeve(
    sleeve_id="s1", account_id=PAPER, strategy="model:m1.1", symbol="BTCUSDT", interval=Interval.H1,
    state=SleeveState.ACTIVE, created_at=NOON,
)  # fmt: skip
TRADE = Trade(
    account_id=PAPER, sleeve_id="s1", symbol="BTCUSDT", quantity=Decimal(1), opened_at=NOON, closed_at=hours(1),
    entry_price=Decimal(10), exit_price=Decimal(9), fees=Decimal("0.5"), profit=Decimal("-1.5"),
    exit_reason=ExitReason.STOP,
)  # fmt: skip

EXPECTED: dict[str, Any] = {
    "accounts": [an_account()],
    "sleeves": [SLEEVE],
    "orders": [ENTRY, STOP],
    "fills": [a_fill(quantity="2")],
    "decisions": [a_decision(), a_decision(hours(1), prediction=None)],
    "trades": [TRADE],
    "positions": [a_position()],
    "mark": a_mark(),
    "cursors": {"s1": NOON},
    "guards": [a_guard("k1")],
    "flows": [(NOON, LONG_DECIMAL, "deposit")],
    "halts": [a_halt("drawdown")],
    "command": a_command(state=CommandState.DONE, message="placed", answered_at=NOON, result={"client_id": "aa1"}),
    "pending": [a_command("k2")],
    "heartbeat": Heartbeat(owner="engine-1", at=NOON, status={"equity": "10000.00"}),
    "setting": {"drawdown": "0.20"},
    "state_version": 1,
    "jobs": [a_job(state=JobState.RUNNING, started_at=NOON, progress=0.5, pid=4711)],
    "models": [a_model()],
    "versions": [
        a_version(
            2, stage=Stage.CHAMPION, origin=Origin.REFIT, parent_id="m1.1", data_sha256="ef", parameters={"seed": 7},
            checks=(Check(name="newer data", passed=True, detail="a week more"),),
        ),
        a_version(1, stage=Stage.RETIRED),
    ],
    "promotions": [
        Promotion(
            version_id="m1.2", at=hours(5), promoted_by="operator", words="it sleeps better", replaced_id="m1.1"
        ),
        Promotion(version_id="m1.1", at=hours(1), promoted_by="first version"),
    ],
    "predictions": [a_prediction()],
    "matured": [
        MaturedCall(
            symbol="BTCUSDT", as_of=NOON, signal=a_prediction().signal, probability=a_prediction().probability,
            confidence=a_prediction().confidence, realised=0.01,
        )
    ],
    "drift": [
        Drift(
            version_id="m1.2", at=NOON, kind=DriftKind.SKILL, score=0.6, limit=0.5, drifted=True, detail="it misses"
        )
    ],
    "trials": [a_trial("r2", sharpe=None, skew=None, kurtosis=None), a_trial("r1")],
}


def everything(database: Database) -> dict[str, Any]:
    """What the ports give back of it."""
    ledger, board, models = database.ledger, database.board, database.models
    return {
        "accounts": ledger.accounts(),
        "sleeves": ledger.sleeves(PAPER),
        "orders": ledger.orders(PAPER),
        "fills": ledger.fills(PAPER),
        "decisions": ledger.decisions(PAPER),
        "trades": ledger.trades(PAPER),
        "positions": ledger.positions(PAPER),
        "mark": ledger.last_mark(PAPER),
        "cursors": ledger.cursors(PAPER),
        "guards": ledger.guards(PAPER),
        "flows": ledger.flows(PAPER),
        "halts": ledger.halts(PAPER),
        "command": board.command("k1"),
        "pending": board.pending(),
        "heartbeat": board.heartbeat(),
        "setting": board.setting("limits:paper"),
        "state_version": board.state_version(),
        "jobs": board.jobs(),
        "models": models.models(),
        "versions": models.versions("m1"),
        "promotions": models.promotions("m1"),
        "predictions": models.predictions("m1.1"),
        "matured": models.matured("m1.1"),
        "drift": models.drift("m1.2"),
        "trials": database.trials.of("BTCUSDT", Source.BINANCE),
    }


def write(database: Database) -> None:
    """Write one of everything."""
    ledger, board, models = database.ledger, database.board, database.models
    lease = leased(ledger)
    ledger.put_sleeve(SLEEVE)
    ledger.move_cash(PAPER, LONG_DECIMAL, NOON, "deposit", key="k2")
    filled = OrderUpdate(order=ENTRY, cause="filled", at=NOON)
    ledger.commit(
        a_step(
            intents=[an_order(), STOP], updates=[filled], fills=[a_fill(quantity="2")], trades=[TRADE],
            decisions=EXPECTED["decisions"], positions=[a_position()], mark=a_mark(), cursors={"s1": NOON},
            guards=[a_guard("k1")],
        ),
        lease,
    )  # fmt: skip
    ledger.raise_halt(a_halt("stale_data", HaltKind.PAUSE))
    ledger.clear_halts(PAPER, HaltKind.PAUSE, None, hours(1), "engine")
    ledger.raise_halt(a_halt("drawdown"))
    _write_board(database, NOON)
    models.add_model(a_model())
    newer, older = EXPECTED["versions"]
    models.add_version(older)
    models.add_version(replace(newer, stage=Stage.CANDIDATE))
    models.promote("m1.2", hours(5), "operator", "it sleeps better")
    models.save_predictions("m1.1", [a_prediction()])
    models.follow({}, [
        Outcome(version_id="m1.1", symbol="BTCUSDT", as_of=NOON, realised=0.01, matured_at=hours(24))
    ])  # fmt: skip
    models.record_drift(EXPECTED["drift"])
    database.trials.add(EXPECTED["trials"][::-1])
    assert board.pending() == [a_command("k2")]


def _write_board(database: Database, at: datetime) -> None:
    board = database.board
    board.ask(a_command("k1"))
    board.ask(a_command("k2"))
    board.answer("k1", CommandState.DONE, "placed", at, {"client_id": "aa1"})
    board.beat("engine-1", at, {"equity": "10000.00"})
    board.put_setting("limits:paper", {"drawdown": "0.20"})
    board.alert(at, "warning", "the stop of BTCUSDT was moved", PAPER)
    board.add_job(a_job())
    board.update_job("j1", at, state=JobState.RUNNING, progress=0.5, pid=4711)


def dump(database: Database) -> dict[str, list[dict[str, Any]]]:
    """The raw rows of every table, without the numbers that the database gives out itself."""
    raw = MetaData()
    with reading(database.engine) as connection:
        raw.reflect(connection)
        found = {}
        for table in raw.sorted_tables:
            columns = [column for column in table.c if column.name != "row"]
            rows = connection.execute(select(*columns).order_by(*table.primary_key)).mappings()
            found[table.name] = [dict(row) for row in rows]
    del found["alembic_version"]
    return found


def main() -> None:
    """Write the snapshot of the latest revision."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/aaiti.db"
        migrate(url)
        database = open_database(url, now=Wall().now)
        write(database)
        rows = dump(database)
        database.close()
    path = Path(__file__).parent / "snapshots" / f"{REVISION}.json"
    path.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
