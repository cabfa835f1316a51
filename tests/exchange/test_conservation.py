"""Whatever is done, in whatever order: no coin appears or vanishes, and what is locked is what open orders need."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from tests.exchange.client import Trader
from tests.exchange.exchange import Exchange
from tests.exchange.orders import STOPS, PlacedOrder
from tests.exchange.test_lists import OCO, OTOCO
from tests.exchange.wallet import FeeRates

D = Decimal
HELD = {"USDT": "20000", "BTC": "1", "BNB": "0.05"}


def _price(dice: random.Random, last: Decimal) -> Decimal:
    return (last * (1 + Decimal(dice.randrange(-300, 301)) / 10_000)).quantize(D("0.01"))


def _order(trader: Trader, dice: random.Random, last: Decimal) -> None:
    side, quantity = dice.choice(("BUY", "SELL")), Decimal(dice.randrange(1, 60)) / 1000
    kind = dice.choice(("MARKET", "LIMIT", "LIMIT", "LIMIT_MAKER", "STOP_LOSS", "TAKE_PROFIT", "STOP_LOSS_LIMIT"))
    values: dict[str, Any] = {"quantity": quantity}
    if kind in ("LIMIT", "LIMIT_MAKER", "STOP_LOSS_LIMIT"):
        values["price"] = _price(dice, last)
    if kind in ("LIMIT", "STOP_LOSS_LIMIT"):
        values["timeInForce"] = dice.choice(("GTC", "GTC", "IOC", "FOK"))
    if kind in STOPS:
        values["stopPrice"] = _price(dice, last)
    if kind == "MARKET" and side == "BUY" and dice.random() < 0.3:
        values = {"quoteOrderQty": dice.randrange(10, 2000)}
    trader.order(side, kind, **values)


def _list(trader: Trader, dice: random.Random, last: Decimal) -> None:
    n = trader.exchange.floor.orders
    ids = {name: f"{name}-{n}" for name in ("entry", "target", "stop", "list")}
    stop, target = last - dice.randrange(50, 900), last + dice.randrange(50, 900)
    if dice.random() < 0.5:
        named = {"aboveClientOrderId": ids["target"], "belowClientOrderId": ids["stop"]}
        changed = {"abovePrice": target, "belowStopPrice": stop, "listClientOrderId": ids["list"]}
        trader.ask("POST", "orderList/oco", **OCO | named | changed)
        return
    named = {"pendingAboveClientOrderId": ids["target"], "pendingBelowClientOrderId": ids["stop"]}
    entry = {
        "workingPrice": last + dice.randrange(-300, 200), "workingTimeInForce": dice.choice(("FOK", "GTC")),
        "workingClientOrderId": ids["entry"],
    }  # fmt: skip
    quantity = dice.choice(("0.0999", "0.1", "0.05"))
    changed = {"pendingAbovePrice": target, "pendingBelowStopPrice": stop, "listClientOrderId": ids["list"]}
    trader.ask("POST", "orderList/otoco", **OTOCO | named | changed | entry | {"pendingQuantity": quantity})


def _market(trader: Trader, dice: random.Random, last: Decimal) -> None:
    exchange, moved = trader.exchange, _price(dice, last)
    turn = dice.randrange(4)
    if turn == 0:
        exchange.move("BTCUSDT", moved)
    elif turn == 1:
        exchange.trade_through("BTCUSDT", moved, Decimal(dice.randrange(1, 80)) / 1000)
    elif turn == 2:
        exchange.thin("BTCUSDT", Decimal(dice.randrange(0, 101)) / 100)
    else:
        level = Decimal(dice.randrange(1, 50)) / 1000
        exchange.show("BTCUSDT", [(moved, level), (moved - 5, level)], [(moved + 1, level), (moved + 6, level)])
    exchange.clock.turn(dice.random() * 5)


def _cancel(trader: Trader, dice: random.Random, last: Decimal) -> None:
    if rows := list(trader.account.open_orders()):
        trader.cancel(orderId=dice.choice(rows).id)


def _needs(orders: list[PlacedOrder]) -> dict[str, Decimal]:
    """What open orders need by asset: the legs of an OCO together, the larger of the two; pending ones nothing."""
    needed = {"USDT": D(0), "BTC": D(0), "BNB": D(0)}
    groups: dict[int, list[PlacedOrder]] = {}
    for order in orders:
        if order.status in ("NEW", "PARTIALLY_FILLED"):
            pair = order.list is not None and order is not order.list.working
            groups.setdefault(-order.list_id if pair else order.id, []).append(order)
    for legs in groups.values():
        asset = "USDT" if legs[0].buys else "BTC"
        needed[asset] += max(leg.needs(leg.left) for leg in legs)
    return needed


def _check(trader: Trader) -> None:
    truth, account = trader.exchange.truth(trader.account), trader.account
    total = {asset: Decimal(amount) for asset, amount in HELD.items()}
    for fill in truth.fills:
        sign = 1 if fill.buyer else -1
        total["BTC"] += sign * fill.quantity
        total["USDT"] -= sign * fill.quote
        total[fill.commission_asset] -= fill.commission
    assert {asset: truth.total(asset) for asset in HELD} == total
    assert min(truth.free.values()) >= 0
    assert truth.locked == _needs(list(account.orders.values()))
    for order in account.orders.values():
        assert order.executed == sum(fill.quantity for fill in order.executions)
        assert order.quote == sum(fill.quote for fill in order.executions)
        assert (order.status == "FILLED") == (order.left == 0)
    for listed in account.lists.values():
        traded = [order for order in listed.orders if order.executed and order is not listed.working]
        assert len(traded) <= 1
        if traded:
            assert all(not leg.open for leg in listed.siblings(traded[0]))
    last = trader.exchange.books["BTCUSDT"].last(trader.exchange.now_ms)
    for order in account.open_orders("BTCUSDT"):
        if order.type in STOPS and not order.working and order.status == "NEW":
            assert not order.triggered_by(last)


@pytest.mark.parametrize("in_bnb", [False, True])
@pytest.mark.parametrize("seed", range(25))
def test_nothing_appears_or_vanishes(seed: int, in_bnb: bool) -> None:
    dice = random.Random(seed)
    exchange = Exchange.quoted()
    trader = Trader(exchange, exchange.open_account("main", HELD, rates=FeeRates(in_bnb=in_bnb)))
    for _ in range(60):
        last = exchange.books["BTCUSDT"].last(exchange.now_ms)
        dice.choice((_order, _order, _list, _market, _market, _cancel))(trader, dice, last)
        _check(trader)
    assert trader.account.executions
