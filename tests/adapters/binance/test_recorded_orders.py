"""Recorded live answers and user-data sequences of 2019 to 2026, each with the result it has to have for an order."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.binance import reports
from engine.adapters.binance.register import Register, Tracked
from engine.adapters.binance.reports import OrderNews
from engine.domain.order import OrderStatus, Side
from engine.ports import OrderReport
from tests.adapters.binance.trading import Trading, filled

pytestmark = pytest.mark.market_data
WORKING, FILLED, EXPIRED, CANCELLED = (
    OrderStatus.WORKING, OrderStatus.FILLED, OrderStatus.EXPIRED, OrderStatus.CANCELLED,
)  # fmt: skip


@pytest.fixture(scope="session")
def recorded(shared: Path) -> Path:
    return shared / "recorded"


def tracked(news: OrderNews, side: Side) -> tuple[Register, Tracked]:
    """An order of ours, of the id and symbol that were recorded."""
    register = Register({}, "USDT")
    order = replace(Trading().order(), client_id=news.client_id, symbol=news.symbol, side=side, quantity=Decimal(10**6))
    return register, register.add(order)


def sequence(recorded: Path, name: str) -> list[dict[str, Any]]:
    lines = (recorded / "wsapi" / f"userdata_{name}_2026-03.jsonl").read_text().splitlines()
    return [json.loads(line)["event"] for line in lines]


def told(events: list[dict[str, Any]]) -> list[OrderReport]:
    """What is known of the order after each event."""
    news = [reports.execution_report(event) for event in events]
    register, order = tracked(news[0], Side(events[0]["S"]))
    after = []
    for one in news:
        assert register.take(one) is order
        after.append(order.report())
    return after


def test_a_limit_that_is_filled_at_once(recorded: Path) -> None:
    events = sequence(recorded, "GlobalSpotLimitSubmittedFilled")
    first, last = told(events)
    assert (first.status, first.fills) == (WORKING, ())
    (fill,) = last.fills
    assert (last.status, fill.fill_id) == (FILLED, f"ACHUSDT-65044226-{fill.client_id[-6:]}")
    assert (fill.quantity, fill.price, fill.fee, fill.fee_asset) == (
        Decimal(800), Decimal("0.00656"), Decimal("0.00000632"), "BNB",
    )  # fmt: skip


def test_a_market_sale_in_two_parts_of_one_moment(recorded: Path) -> None:
    events = sequence(recorded, "GlobalSpotMarketSubmitPartiallyFilledFilled")
    after = told(events)
    assert [r.status for r in after] == [WORKING, WORKING, FILLED]
    assert [filled(r) for r in after] == [0, 765, 800]
    news = [reports.execution_report(event) for event in events]
    assert reports.in_order(news[::-1]) == news, "they share their times: only I tells their order"
    assert [r.status for r in told(events[::-1])] == [WORKING, FILLED, FILLED], "no end before all its fills are there"


def test_a_stop_that_says_new_twice(recorded: Path) -> None:
    after = told(sequence(recorded, "GlobalSpotStopLimitSubmittedTriggerFilled"))
    assert [r.status for r in after] == [WORKING, WORKING, FILLED]
    assert filled(after[-1]) == 200


def test_a_fok_that_finds_too_little(recorded: Path) -> None:
    after = told(sequence(recorded, "SpotLimitFillOrKillSubmittedExpired"))
    assert [(r.status, r.fills) for r in after] == [(WORKING, ()), (EXPIRED, ())]


@pytest.mark.parametrize(
    ("name", "client_id", "status"),
    [
        ("wsapi/event_executionReport_NEW_2026-01", "1wAChGqJuEwAAQAAAAAA", WORKING),
        ("ws/executionReport_NEW_BNBUSDT_2025-10", "x-B3AUXNYV827cefbc0c9748448b195b", WORKING),
        ("ws/executionReport_CANCELED_2021", "qQAC6gMAAQAAS-jxw4MW", CANCELLED),
        ("ws/executionReport_TRADE_FILLED_combined_2021", "SwAC6wMAAQAA8foJ1iQX", FILLED),
    ],
)
def test_single_events(recorded: Path, name: str, client_id: str, status: OrderStatus) -> None:
    body = json.loads((recorded / f"{name}.json").read_text())
    event = body.get("event") or body.get("data") or body
    (report,) = told([event])
    assert (report.client_id, report.status) == (client_id, status)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("wsapi/order_place_2026-01", [("4AACYCgVtUwAAQAAAAAA", WORKING, 0)]),
        ("wsapi/order_cancel_2026-01", [("4AACYCgVtUwAAQAAAAAA", CANCELLED, 0)]),
        ("rest/GET_order_MARKET_FILLED_ETHBTC_2019", [("gzcLIkn86ag3FycOCEl6Vi", FILLED, Decimal("0.107"))]),
        (
            "rest/ccxt_GET_order_MARKET_FILLED_LTCUSDT_2023-03",
            [("x-R4BD3S825806ed40c861260428a48c", FILLED, Decimal("0.1"))],
        ),
        (
            "rest/ccxt_order_POST_LIMIT_NEW_iceberg_SOLUSDT_2025-01",
            [("x-R4BD3S824d31be3228a348eaa0a303", WORKING, 0)],
        ),
        (
            "rest/orderList_otoco_POST_testnet_2026-08_trimmed",
            [
                ("tb1-BTCUSDT-1786693560000-0-W", WORKING, 0),
                ("tb1-BTCUSDT-1786693560000-0-SL", OrderStatus.ACKNOWLEDGED, 0),
                ("tb1-BTCUSDT-1786693560000-0-TP", OrderStatus.ACKNOWLEDGED, 0),
            ],
        ),
        (
            "rest/order_oco_legacy_POST_RESULT_ADAUSDT_2021-10",
            [("x-U5D79M5BJ4N3E78os6gpbyr", WORKING, 0), ("x-U5D79M5BR4kQUTLU1fezsIE", WORKING, 0)],
        ),
        (
            "docs-samples/rest/DELETE_orderList__0",
            [("pO9ufTiFGg3nw2fOdgeOXa", CANCELLED, 0), ("TXOvglzXuaubXAaENpaRCB", CANCELLED, 0)],
        ),
        ("docs-samples/rest/DELETE_order__0", [("myOrder1", CANCELLED, 0)]),
        ("docs-samples/rest/POST_order__0", [("6gCrw2kRUAF9CvJDGP16IP", OrderStatus.ACKNOWLEDGED, 0)]),
        (
            "docs-samples/rest/POST_orderList.otoco__0",
            [
                ("fM9Y4m23IFJVCQmIrlUmMK", WORKING, 0),
                ("6pcQbFIzTXGZQ1e2MkGDq4", WORKING, 0),
                ("r4JMv9cwAYYUwwBZfbussx", WORKING, 0),
            ],
        ),
    ],
)
def test_answers(recorded: Path, name: str, expected: list[tuple[str, OrderStatus, Decimal]]) -> None:
    body = json.loads((recorded / f"{name}.json").read_text())
    body = body.get("result", body)
    news = reports.order_list(body) if "orders" in body else [reports.order(body)]
    assert [(n.client_id, n.status, n.executed) for n in news] == expected


def test_the_answer_to_a_market_order_with_its_five_fills(recorded: Path) -> None:
    news = reports.order(json.loads((recorded / "docs-samples/rest/POST_order__2.json").read_text()))
    assert news.executed == sum(e.quantity for e in news.executions) == 10
    assert [e.trade_id for e in news.executions] == [56, 57, 58, 59, 60]
    assert sum(e.fee for e in news.executions) == Decimal("39.983")


def test_open_orders_and_trades(recorded: Path) -> None:
    (resting,) = reports.orders(
        json.loads((recorded / "rest/ccxt_openOrders_LIMIT_MAKER_LTCUSDT_2023-11.json").read_text())
    )
    assert (resting.order_id, resting.status) == (3811057334, WORKING)
    ((order_id, (trade,)),) = reports.trades(
        json.loads((recorded / "rest/ccxt_myTrades_LTCUSDT_2024-01.json").read_text())
    ).items()
    assert (order_id, trade.trade_id, trade.fee, trade.fee_asset) == (
        3949667670, 320530367, Decimal("0.01200447"), "USDT",
    )  # fmt: skip


def test_every_recorded_sequence_is_read_here(recorded: Path) -> None:
    assert len(list((recorded / "wsapi").glob("userdata_*.jsonl"))) == 4
