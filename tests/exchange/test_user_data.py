"""What an account hears: the field sets of the recordings, in the order things happen; over the WebSocket API."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.client import Trader
from tests.exchange.exchange import Exchange
from tests.exchange.keys import Key
from tests.exchange.lines import InProcessLine, LineClosed
from tests.exchange.switchboard import Kind, Switchboard
from tests.exchange.test_dialect import same, shape
from tests.exchange.test_lists import OCO, OTOCO

D = Decimal
API = "wss://ws-api.binance.com:443/ws-api/v3"


@pytest.fixture
def trader() -> Trader:
    exchange = Exchange.quoted()
    return Trader(exchange, exchange.open_account("main", {"USDT": "10000", "BTC": "1", "BNB": "1"}))


def hear_all(line: InProcessLine) -> list[Any]:
    rows = []
    while True:
        try:
            rows.append(json.loads(line.recv(0)))
        except TimeoutError:
            return rows


def ask(line: InProcessLine, method: str, **params: Any) -> Any:
    line.send(json.dumps({"id": method, "method": method, "params": params}))
    return next(row for row in hear_all(line) if row.get("id") == method)


def signed(trader: Trader, **params: Any) -> dict[str, Any]:
    params |= {"apiKey": trader.account.key.api_key, "timestamp": trader.exchange.clock.ms}
    text = "&".join(f"{name}={params[name]}" for name in sorted(params))
    return params | {"signature": trader.sign(text)}


def subscribed(trader: Trader) -> InProcessLine:
    line = InProcessLine(trader.exchange, API)
    reply = ask(line, "userDataStream.subscribe.signature", **signed(trader))
    assert (reply["status"], reply["result"]) == (200, {"subscriptionId": 0})
    assert [row["rateLimitType"] for row in reply["rateLimits"]] == ["REQUEST_WEIGHT"]
    return line


def events(line: InProcessLine) -> list[Any]:
    rows = hear_all(line)
    assert all(row["subscriptionId"] == 0 for row in rows)
    return [row["event"] for row in rows]


def reports(line: InProcessLine) -> list[tuple[str, str, str]]:
    return [(row["c"], row["x"], row["X"]) for row in events(line) if row["e"] == "executionReport"]


def test_a_resting_order_then_its_cancel(trader: Trader) -> None:
    line = subscribed(trader)
    trader.order("BUY", "LIMIT", timeInForce="GTC", quantity="0.1", price="49000", newClientOrderId="mine")
    new, position = events(line)
    assert (new["x"], new["X"], new["w"], new["C"], new["N"], new["t"]) == ("NEW", "NEW", True, "", None, -1)
    assert [row["a"] for row in position["B"]] == ["BTC", "BNB", "USDT"]
    assert position["B"][2] == {"a": "USDT", "f": "5100.00000000", "l": "4900.00000000"}
    trader.cancel(origClientOrderId="mine", newClientOrderId="away")
    cancel, position = events(line)
    assert (cancel["x"], cancel["c"], cancel["C"]) == ("CANCELED", "away", "mine")
    assert position["B"][2]["l"] == "0.00000000"


def test_fills_carry_price_fee_and_sums(trader: Trader) -> None:
    line = subscribed(trader)
    trader.exchange.show("BTCUSDT", [(D(49999), D(1))], [(D(50000), D("0.01")), (D(50010), D("0.02"))])
    trader.order("BUY", "MARKET", quantity="0.03", newClientOrderId="mine")
    new, first, second = [event for event in events(line) if event["e"] == "executionReport"]
    assert (new["X"], first["X"], second["X"]) == ("NEW", "PARTIALLY_FILLED", "FILLED")
    assert [first[key] for key in "lzLnNZY"] == [
        "0.01000000", "0.01000000", "50000.00000000", "0.00001000", "BTC", "500.00000000", "500.00000000",
    ]  # fmt: skip
    assert [second[key] for key in "lzLnZY"] == [
        "0.02000000", "0.03000000", "50010.00000000", "0.00002000", "1500.20000000", "1000.20000000",
    ]  # fmt: skip
    assert new["I"] < first["I"] < second["I"]
    assert first["t"] < second["t"]


def test_a_fok_that_misses_is_new_then_expired(trader: Trader) -> None:
    line = subscribed(trader)
    trader.order("BUY", "LIMIT", timeInForce="FOK", quantity="0.1", price="49000", newClientOrderId="a")
    assert reports(line) == [("a", "NEW", "NEW"), ("a", "EXPIRED", "EXPIRED")]


def test_an_oco_is_told_leg_by_leg(trader: Trader) -> None:
    line = subscribed(trader)
    trader.ask("POST", "orderList/oco", **OCO)
    told = events(line)
    assert [row["e"] for row in told] == [
        "listStatus", "executionReport", "executionReport", "outboundAccountPosition",
    ]  # fmt: skip
    assert (told[0]["c"], told[0]["l"], told[0]["L"], len(told[0]["O"])) == ("OCO", "EXEC_STARTED", "EXECUTING", 2)
    trader.exchange.move("BTCUSDT", D(47990))
    told = events(line)
    assert [(row["c"], row["x"]) for row in told if row["e"] == "executionReport"] == [
        ("target-1", "EXPIRED"), ("stop-1", "NEW"), ("stop-1", "TRADE"),
    ]  # fmt: skip
    assert [row["L"] for row in told if row["e"] == "listStatus"] == ["ALL_DONE"]


def test_an_otoco_wakes_its_legs(trader: Trader) -> None:
    line = subscribed(trader)
    trader.ask("POST", "orderList/otoco", **OTOCO)
    assert reports(line) == [
        ("stop-1", "NEW", "PENDING_NEW"), ("target-1", "NEW", "PENDING_NEW"), ("entry-1", "NEW", "NEW"),
        ("entry-1", "TRADE", "FILLED"), ("stop-1", "NEW", "NEW"), ("target-1", "NEW", "NEW"),
    ]  # fmt: skip


def test_requests_over_the_same_line(trader: Trader) -> None:
    line = subscribed(trader)
    assert ask(line, "ping")["result"] == {}
    assert ask(line, "time")["result"] == {"serverTime": trader.exchange.now_ms}
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
    assert ask(line, "order.place", **signed(trader, **order))["result"]["status"] == "FILLED"
    reply = ask(line, "order.place", **signed(trader, **order | {"quantity": "9"}))
    assert (reply["status"], reply["error"]["code"]) == (400, -2010)
    assert ask(line, "userDataStream.subscribe.signature", **signed(trader) | {"signature": "00"})["error"] == {
        "code": -1022, "msg": "Signature for this request is not valid.",
    }  # fmt: skip
    assert ask(line, "userDataStream.start")["status"] == 400  # the listen key is gone
    assert ask(line, "userDataStream.unsubscribe", subscriptionId=0)["result"] == {}
    trader.order("BUY", "MARKET", quantity="0.01")
    assert hear_all(line) == []


def test_only_ed25519_keys_log_on() -> None:
    exchange = Exchange.quoted()
    key, private = Key.ed25519()
    trader = Trader(exchange, exchange.open_account("main", key=key), private_key=private)
    line = InProcessLine(exchange, API)
    assert ask(line, "session.logon", **signed(trader))["result"]["apiKey"] == key.api_key
    assert ask(line, "userDataStream.subscribe")["result"] == {"subscriptionId": 0}
    assert ask(line, "account.status")["result"]["canTrade"] is True
    other = Trader(exchange, exchange.open_account("other"))
    assert ask(InProcessLine(exchange, API), "session.logon", **signed(other))["status"] == 401


def test_a_half_open_line_answers_nothing_and_a_new_one_works(trader: Trader) -> None:
    line = subscribed(trader)
    board = Switchboard(trader.exchange, trader.account, "BTCUSDT", 1)
    board.throw(Kind.HALF_OPEN)
    line.send(json.dumps({"id": 1, "method": "ping"}))
    trader.order("BUY", "MARKET", quantity="0.01")
    assert hear_all(line) == []
    assert ask(subscribed(trader), "ping")["status"] == 200


def test_a_revoked_key_and_a_day_end_it(trader: Trader) -> None:
    line = subscribed(trader)
    Switchboard(trader.exchange, trader.account, "BTCUSDT", 1).throw(Kind.KEY_REVOKED)
    rows = hear_all(line)
    assert rows[0]["event"]["e"] == "eventStreamTerminated"
    assert (rows[1]["id"], rows[1]["status"], rows[1]["error"]["code"]) == (None, 401, -2015)
    trader.exchange.clock.turn(24 * 3600)
    with pytest.raises(LineClosed):
        hear_all(line)


@pytest.mark.market_data
@pytest.mark.parametrize(
    "name",
    [
        "wsapi/userdata_GlobalSpotLimitSubmittedFilled_2026-03.jsonl",
        "wsapi/userdata_GlobalSpotMarketSubmitPartiallyFilledFilled_2026-03.jsonl",
        "wsapi/userdata_GlobalSpotStopLimitSubmittedTriggerFilled_2026-03.jsonl",
        "wsapi/userdata_SpotLimitFillOrKillSubmittedExpired_2026-03.jsonl",
    ],
)
def test_the_recorded_sequences_of_2026(shared: Path, trader: Trader, name: str) -> None:
    """The same order of the same kind, and everything that is said about it: fields, order, types, and what moves."""
    theirs = [json.loads(row)["event"] for row in (shared / "recorded" / name).read_text().splitlines()]
    line = subscribed(trader)
    _replay(trader, name)
    ours = [event for event in events(line) if event["e"] == "executionReport"]
    assert [[row[key] for key in ("x", "X", "o", "f", "w", "m")] for row in ours] == [
        [row[key] for key in ("x", "X", "o", "f", "w", "m")] for row in theirs
    ]
    for mine, live in zip(ours, theirs, strict=True):
        same(shape(mine), shape(live), name, ordered=True)


def _replay(trader: Trader, name: str) -> None:
    if "LimitSubmittedFilled" in name:
        trader.order("BUY", "LIMIT", timeInForce="GTC", quantity="0.01", price="50100")
    elif "Market" in name:
        trader.exchange.show("BTCUSDT", [(D(49999), D("0.008")), (D(49998), D(1))], [(D(50000), D(1))])
        trader.order("SELL", "MARKET", quantity="0.01")
    elif "FillOrKill" in name:
        trader.order("BUY", "LIMIT", timeInForce="FOK", quantity="0.01", price="49000")
    else:
        prices = {"price": "50200", "stopPrice": "50400"}
        trader.order("BUY", "STOP_LOSS_LIMIT", timeInForce="GTC", quantity="0.01", **prices)
        trader.exchange.move("BTCUSDT", D(50400))
        trader.exchange.move("BTCUSDT", D(50190))


@pytest.mark.market_data
@pytest.mark.parametrize(
    ("name", "kind"),
    [("wsapi/event_executionReport_NEW_2026-01", "executionReport"),
     ("wsapi/event_outboundAccountPosition_2026-01", "outboundAccountPosition"),
     ("wsapi/event_eventStreamTerminated_2026-02", "eventStreamTerminated"),
     ("ws/listStatus_OTO_EXEC_STARTED_2024-10", "listStatus")],
)  # fmt: skip
def test_single_events_are_as_recorded(shared: Path, trader: Trader, name: str, kind: str) -> None:
    live = json.loads((shared / "recorded" / f"{name}.json").read_text())
    line = subscribed(trader)
    trader.order("BUY", "LIMIT", timeInForce="GTC", quantity="0.001", price="49000")
    trader.ask("POST", "orderList/oco", **OCO)
    trader.account.inbox.terminate(trader.exchange.now_ms)
    mine = next(row for row in hear_all(line) if row["event"]["e"] == kind)
    same(shape(mine["event"]), shape(live.get("event", live)), name, ordered=True)
