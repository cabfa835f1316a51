"""Each door: what it answers when there is something, nothing, and something wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from engine.api.errors import NotReady
from engine.api.routes import create_api
from engine.domain.account import Account
from engine.domain.equity import EquityMark
from engine.domain.order import Order, OrderStatus, OrderType, Purpose, Side
from engine.ports import Step
from engine.queries.console import Console
from tests.api.conftest import NOW, StillClock


def test_health_without_an_engine_says_so(client: TestClient) -> None:
    answer = client.get("/api/health")

    assert answer.status_code == 503
    assert answer.json() == {"engine": "none", "beat_at": None, "age_seconds": None}


def test_health_follows_the_heartbeat(client: TestClient, console: Console, clock: StillClock) -> None:
    console.board.beat("me", NOW, {})
    clock.at = NOW + timedelta(seconds=2)
    live = client.get("/api/health")
    clock.at = NOW + timedelta(minutes=1)
    late = client.get("/api/health")

    assert (live.status_code, live.json()) == (
        200,
        {"engine": "live", "beat_at": "2025-04-01T12:00:00Z", "age_seconds": 2.0},
    )
    assert (late.status_code, late.json()["engine"]) == (503, "late")


def test_health_of_an_engine_that_is_still_starting_is_not_an_error_of_ours() -> None:
    def not_yet() -> Console:
        raise NotReady("the engine is starting; ask again in a second")

    app = Starlette(routes=[Mount("/api", app=create_api(not_yet))])
    answer = TestClient(app, base_url="http://127.0.0.1").get("/api/health")

    assert answer.status_code == 503
    assert answer.json() == {"error": "NotReady", "message": "the engine is starting; ask again in a second"}


def test_an_account_is_told_exactly(client: TestClient, account: Account) -> None:
    (told,) = client.get("/api/accounts").json()

    assert told["account_id"] == account.account_id
    assert told["cash"] == "10000"
    assert told["costs"]["fee_ratio"] == "0.001"
    assert told["created_at"] == "2025-04-01T12:00:00Z"
    assert told["closed_at"] is None


def test_orders_and_equity_come_from_the_ledger(client: TestClient, console: Console, account: Account) -> None:
    lease = console.ledger.take_lease(account.account_id, "me", NOW, 30)
    assert lease is not None
    mark = EquityMark(
        account_id=account.account_id, at=NOW, equity=Decimal("10000"), cash=Decimal("10000"), exposure=Decimal(0),
        peak=Decimal("10000"), day_start=Decimal("10000"), drawdown=Decimal(0),
    )  # fmt: skip
    console.ledger.commit(Step(account_id=account.account_id, at=NOW, intents=[_buy(account)], mark=mark), lease)

    (order,) = client.get("/api/accounts/paper-1/orders").json()
    (told,) = client.get("/api/accounts/paper-1/equity?limit=10").json()

    assert (order["client_id"], order["quantity"], order["status"]) == ("aaone", "0.015", "INTENT")
    assert (told["equity"], told["at"]) == ("10000", "2025-04-01T12:00:00Z")
    assert client.get("/api/accounts/paper-1/positions").json() == []
    assert client.get("/api/accounts/paper-1/trades").json() == []


def test_status_and_models_answer_before_there_is_anything(client: TestClient) -> None:
    status = client.get("/api/status").json()

    assert status["account"] is None
    assert status["alive"] is False
    assert client.get("/api/models").json() == []


@pytest.mark.parametrize("limit", ["0", "-1", "5001", "many", "²", "9" * 5000])
def test_a_limit_that_is_none_is_refused_by_name(client: TestClient, account: Account, limit: str) -> None:
    answer = client.get(f"/api/accounts/{account.account_id}/orders", params={"limit": limit})

    assert answer.status_code == 400
    assert answer.json()["message"] == f"limit={limit[:40]!r}; use a whole number from 1 to 5000"


@pytest.mark.parametrize("what", ["positions", "orders", "trades", "equity"])
def test_an_unknown_account_is_not_found(client: TestClient, what: str) -> None:
    answer = client.get(f"/api/accounts/nobody/{what}")

    assert answer.status_code == 404
    assert answer.json() == {"error": "Not Found", "message": "no account 'nobody'; /api/accounts lists them"}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_no_door_writes(client: TestClient, method: str) -> None:
    assert client.request(method, "/api/accounts").status_code == 405


def test_a_name_that_was_rebound_to_this_machine_reads_nothing(client: TestClient) -> None:
    for host in ("evil.example", "evil.example:80", "[", "127.0.0.1.evil.example"):
        answer = client.get("/api/accounts", headers={"Host": host})
        assert answer.status_code == 400
        assert answer.json()["error"] == "Bad Request"
        assert "127.0.0.1 or localhost" in answer.json()["message"]
    assert client.get("/api/accounts", headers={"Host": "LOCALHOST:8501"}).status_code == 200


@pytest.fixture
def faulty() -> Iterator[TestClient]:
    def fault() -> Console:
        raise ZeroDivisionError("secret detail")

    app = Starlette(routes=[Mount("/api", app=create_api(fault))])
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client


def test_a_fault_shows_no_detail(faulty: TestClient) -> None:
    answer = faulty.get("/api/status")

    assert answer.status_code == 500
    assert answer.json()["error"] == "Fault"
    assert "secret" not in answer.text


def _buy(account: Account) -> Order:
    return Order(
        client_id="aaone", account_id=account.account_id, sleeve_id="manual", symbol="BTCUSDT", side=Side.BUY,
        type=OrderType.MARKET, purpose=Purpose.ENTRY, quantity=Decimal("0.01500"), price=None, stop_price=None,
        list_id=None, bar_close_at=NOW, intent_at=NOW, status=OrderStatus.INTENT,
    )  # fmt: skip
