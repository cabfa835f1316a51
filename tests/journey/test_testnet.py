"""A testnet account from its opening to a closed trade: the engine, its commands and both streams over real sockets."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from engine import settings
from engine.adapters.bars import ParquetBars
from engine.adapters.clock import WallClock
from engine.adapters.database.database import open_database
from engine.adapters.database.reads import DatabaseReads
from engine.autotrader.jobs import JobStarter
from engine.bootstrap import Stores, make_engine
from engine.domain.account import AccountKind
from engine.domain.command import Command, CommandKind, CommandState
from engine.domain.order import ExitReason, OrderType, Purpose
from engine.domain.venue import OTOCO
from engine.queries.papers import read_papers
from engine.queries.readiness import read_readiness
from tests.autotrader.town import Spawned
from tests.exchange import Exchange, LoopbackServer
from tests.exchange.clock import RunningClock
from tests.exchange.keys import Rights
from tests.exchange.socket_server import SocketServer
from tests.sqlite_file import migrated_file

K, S = CommandKind, CommandState
BEFORE_A_CLOSE = datetime(2025, 3, 4, 10, 16, 52, tzinfo=UTC)
PATIENCE = 30.0


class Abroad:
    """An engine whose testnet and live exchange is the test exchange; exchange and engine go by one clock."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.clock = RunningClock(BEFORE_A_CLOSE)
        self.exchange = Exchange.seeded(clock=self.clock)
        self.held = self.exchange.open_account("main", {"USDT": "10000", "BTC": "0.5"})
        rest = stack.enter_context(LoopbackServer(self.exchange.handle))
        sockets = stack.enter_context(SocketServer(self.exchange))
        where = {
            f"AAITI_{name}_{part}": value
            for name in ("TESTNET", "BINANCE")
            for part, value in {
                "KEY": self.held.key.api_key, "SECRET": self.held.key.secret, "URL": rest.url,
                "STREAM_URL": sockets.url, "WS_API_URL": f"{sockets.url}/ws-api/v3",
            }.items()
        }  # fmt: skip
        chosen = settings.load({"AAITI_HOME": str(folder), **where})
        database = open_database(migrated_file(folder), now=self.clock.now)
        self.stores = Stores(
            settings=chosen, database=database, reads=DatabaseReads(database.engine),
            bars=ParquetBars(chosen.bars_folder), clock=cast(WallClock, self.clock),
        )  # fmt: skip
        stack.callback(database.close)
        self.engine = make_engine(self.stores, cast(JobStarter, Spawned()))
        self.thread = threading.Thread(target=self.engine.run, name="engine", daemon=True)
        self.thread.start()
        stack.callback(self.stop)

    def stop(self) -> None:
        self.engine.stop()
        self.thread.join(10)
        assert not self.thread.is_alive()

    def ask(self, kind: CommandKind, payload: Mapping[str, Any] | None = None) -> Command:
        """Ask as a page does, and wait for the answer."""
        now, key = self.clock.now(), uuid.uuid4().hex
        command = Command(
            key=key, kind=kind, payload=payload or {}, asked_by="ada", asked_at=now,
            expires_at=now + timedelta(seconds=30), state_version=None,
        )  # fmt: skip
        self.stores.board.ask(command)
        self.soon(lambda: (c := self.stores.board.command(key)) is not None and c.state is not S.PENDING, "an answer")
        answered = self.stores.board.command(key)
        assert answered is not None
        return answered

    def soon(self, what: Callable[[], object], name: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < deadline, f"{name} did not come: {[a.text for a in self.stores.reads.alerts()]}"
            time.sleep(0.02)

    def approach_a_close(self) -> None:
        """Let the minute pass quickly, in steps that the engine can follow."""
        while 55 - self.clock.now().second % 60 > 5:
            self.clock.turn(5)
            time.sleep(0.6)

    def open(self, kind: str, cash: str = "5000") -> str:
        """Open an account and wait until its line stands; its id."""
        opened = self.ask(K.OPEN_ACCOUNT, {"name": kind, "kind": kind, "cash": cash})
        assert opened.result is not None, opened.message
        account_id = str(opened.result["account_id"])
        self.soon(lambda: self.line.get("user_stream") == "LIVE", "the user stream")
        return account_id

    @property
    def status(self) -> Mapping[str, Any]:
        beat = self.stores.board.heartbeat()
        return beat.status if beat is not None else {}

    @property
    def line(self) -> Mapping[str, Any]:
        return self.status.get("line") or {}

    def causes(self, account_id: str) -> list[str]:
        return [h.cause for h in self.stores.ledger.halts(account_id)]

    def agreed(self, account_id: str) -> None:
        """Law 6: our orders' fills are the exchange's, to the last digit."""
        there = {
            (f"{f.symbol}-{f.id}-{f.client_id[-6:]}", f.quantity, f.price, f.commission, f.commission_asset)
            for f in self.exchange.truth(self.held).fills
            if f.client_id.startswith("aa")
        }
        here = {(f.fill_id, f.quantity, f.price, f.fee, f.fee_asset) for f in self.stores.ledger.fills(account_id)}
        assert here == there


@pytest.fixture
def abroad(tmp_path: Path) -> Iterator[Abroad]:
    """The engine runs; no account is open."""
    with ExitStack() as stack:
        yield Abroad(tmp_path, stack)
    assert not [t.name for t in threading.enumerate() if t.name.startswith("aaiti-")]


def test_a_testnet_account_trades_from_its_opening_to_its_stop(abroad: Abroad) -> None:
    account_id = abroad.open("TESTNET")
    ledger, exchange = abroad.stores.ledger, abroad.exchange
    canary = read_papers(abroad.stores.board, account_id).canary
    assert canary is not None
    assert all(canary.passed.values()), canary.details
    assert canary.proved(OTOCO)

    abroad.ask(K.START_SLEEVE, {"strategy": "rule:buy_hold", "symbol": "BTCUSDT", "interval": "1m"})
    abroad.ask(K.SWITCH_TRADING, {"on": True})
    abroad.approach_a_close()
    abroad.soon(lambda: [p for p in ledger.positions(account_id) if p.covered], "a covered position")

    [position] = ledger.positions(account_id)
    orders = {o.purpose: o for o in ledger.orders(account_id)}
    assert set(orders) == {Purpose.ENTRY, Purpose.STOP, Purpose.TARGET}
    assert orders[Purpose.ENTRY].type is OrderType.LIMIT  # it brought stop and target in the same request
    assert len({o.list_id for o in orders.values()}) == 1
    resting = {o.client_id: o.quantity for o in exchange.truth(abroad.held).open_orders()}
    assert resting == {orders[p].client_id: orders[p].quantity for p in (Purpose.STOP, Purpose.TARGET)}
    assert Decimal(0) <= position.quantity - orders[Purpose.STOP].quantity < Decimal("0.00001")  # net of the fee; dust
    abroad.agreed(account_id)

    stop = orders[Purpose.STOP].stop_price
    assert stop is not None
    exchange.move("BTCUSDT", stop - 1)
    abroad.soon(lambda: ledger.trades(account_id), "the closed trade")
    [trade] = ledger.trades(account_id)
    assert trade.exit_reason is ExitReason.STOP
    assert ledger.positions(account_id) == []
    assert exchange.truth(abroad.held).open_orders() == ()
    assert exchange.truth(abroad.held).total("BTC") >= Decimal("0.5")  # the operator's coins were never sold
    abroad.agreed(account_id)
    assert abroad.causes(account_id) == []


def test_a_live_account_buys_nothing_before_it_is_armed_and_sells_after_it_was_disarmed(abroad: Abroad) -> None:
    abroad.held.key.rights = Rights(withdrawals=True)
    refused = abroad.ask(K.OPEN_ACCOUNT, {"name": "real", "kind": "LIVE", "cash": "5000"})
    assert "may withdraw" in refused.message
    abroad.held.key.rights = Rights(addresses=("127.0.0.1",))
    account_id = abroad.open("LIVE")
    ledger = abroad.stores.ledger
    assert ledger.account(account_id).kind is AccountKind.LIVE
    ticket = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
    assert abroad.ask(K.PLACE_ORDER, ticket).state is S.REFUSED
    abroad.ask(K.SET_LIMITS, {"limits": {"max_positions": "2"}})
    abroad.soon(lambda: abroad.causes(account_id) == ["not_armed"], "the end of every other pause")
    armed = abroad.ask(K.ARM, {"typed": "LIVE", "at_risk": "5000", "hours": 1})
    assert armed.state is S.DONE, armed.message
    abroad.soon(lambda: not abroad.causes(account_id), "the end of every pause")
    bought = abroad.ask(K.PLACE_ORDER, ticket)
    assert bought.state is S.DONE, bought.message
    abroad.soon(lambda: [p for p in ledger.positions(account_id) if p.covered], "a covered position")
    assert [c.name for c in read_readiness(abroad.stores, ledger.account(account_id)) if not c.ok] == []
    assert not [o for o in abroad.exchange.truth(abroad.held).orders if o.client_id.startswith("ac")]  # no real canary

    abroad.ask(K.DISARM)
    assert abroad.causes(account_id) == ["not_armed"]
    assert abroad.ask(K.PLACE_ORDER, ticket).state is S.REFUSED
    assert abroad.ask(K.FLATTEN, {"typed": "FLATTEN"}).state is S.DONE
    abroad.soon(lambda: ledger.positions(account_id) == [], "the sale")
    abroad.agreed(account_id)
