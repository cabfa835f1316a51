"""Fees in BNB, and what happens when the BNB ends in the middle: fees then leave the coins, and stops still fit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.domain.account import Costs
from engine.domain.money import to_atoms
from engine.domain.order import ApprovedOrder, Order, OrderStatus, Purpose
from engine.domain.quote import Quote
from engine.domain.signal import Signal
from engine.execution.book import Book
from engine.execution.bundle import bundled
from engine.execution.draft import StepDraft
from engine.execution.machine import Send
from engine.execution.protect import protection_for
from engine.execution.reconcile import claims
from engine.portfolio.portfolio import opened
from engine.risk.approve import approve_entry, approve_exit
from tests.adapters.binance.trading import Trading
from tests.contracts.wall import a_decision
from tests.exchange.wallet import FeeRates

DISCOUNTED = Costs(fee_ratio=Decimal("0.00075"))
ONE_FEE = Decimal("0.00063")
"""A little more BNB than one purchase of 0.01 BTC costs at 0.012 BTC a BNB: 0.01 x 0.00075 / 0.012 = 0.000625."""


class Shop:
    """A book at the test exchange whose key pays in BNB, of which there is enough for one purchase."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, bnb: Decimal) -> None:
        self.trading = Trading()
        exchange, held = self.trading.exchange, self.trading.held
        held.rates = FeeRates(in_bnb=True)
        held.wallet.add("BNB", bnb)
        prices = {"BTC": Decimal("0.012"), "USDT": Decimal(600)}
        monkeypatch.setattr(type(exchange.floor), "bnb_prices", lambda _: prices)
        account = replace(self.trading.account, costs=DISCOUNTED, cash=Decimal(5000))
        self.book = Book(account, self.trading.instruments, opened(account))
        self.coins = held.wallet.available("BTC")

    def buy(self, sleeve_id: str, *, bundle: bool) -> list[Order]:
        """Buy 0.01 for a sleeve, with stop and target in the request or after the fill; all orders as the book has
        them in the end."""
        entry = self.trading.order(sleeve_id=sleeve_id, stop_ratio=Decimal("0.02"), target_ratio=Decimal("0.05"))
        orders = bundled(self.book, entry, self._quote()) if bundle else [entry]
        self._send(orders)
        if not bundle:
            orders += protection_for(self.book, sleeve_id, self.trading.clock.now())
            self._send(orders[1:])
        known = {**self.book.lately_over, **self.book.orders}
        return [known[o.client_id] for o in orders]

    def promised(self) -> Decimal:
        """Coins that resting stops would sell."""
        return sum((o.quantity for o in self.book.orders.values() if o.purpose is Purpose.STOP), Decimal(0))

    def gained(self) -> Decimal:
        """Coins that the exchange holds more than before."""
        wallet = self.trading.held.wallet
        return wallet.available("BTC") + wallet.locked["BTC"] - self.coins

    def settle(self) -> None:
        """Take in what the exchange has to tell."""
        self.trading.clock.turn(3)
        draft = StepDraft(account_id="t1", at=self.trading.clock.now())
        self.book.absorb(self.trading.venue.poll(), draft)

    def _quote(self) -> Quote:
        return Quote(symbol="BTCUSDT", bid=Decimal(49_999), ask=Decimal(50_001), as_of=self.trading.clock.now())

    def _send(self, orders: list[Order]) -> None:
        draft = StepDraft(account_id="t1", at=self.trading.clock.now())
        for order in orders:
            self.book.add(_approved(order), draft)
        reports = self.trading.venue.place(orders)
        for order in orders:
            self.book.take(order, Send(), "sent", draft)
        self.book.absorb(reports, draft)
        self.book.absorb(self.trading.venue.poll(), draft)


def _approved(order: Order) -> ApprovedOrder:
    if order.purpose is not Purpose.ENTRY:
        return approve_exit(order)
    bought = a_decision(
        order.bar_close_at, account_id="t1", sleeve_id=order.sleeve_id, action=Signal.BUY, quantity=order.quantity,
        gates=(), held_by=None,
    )  # fmt: skip
    return approve_entry(order, bought)


@pytest.mark.parametrize("bundle", [True, False], ids=["stop in the request", "stop after the fill"])
def test_stops_fit_before_and_after_the_bnb_is_used_up(monkeypatch: pytest.MonkeyPatch, bundle: bool) -> None:
    shop, expected = Shop(monkeypatch, bnb=ONE_FEE), Decimal(0)
    for sleeve_id, fee_asset, left in (("s1", "BNB", "0.01"), ("s2", "BTC", "0.00999"), ("s3", "BTC", "0.00999")):
        orders = shop.buy(sleeve_id, bundle=bundle)
        assert [o.status for o in orders] == [OrderStatus.FILLED, OrderStatus.WORKING, OrderStatus.WORKING]
        fill = shop.trading.exchange.truth(shop.trading.held).fills[-1]
        assert fill.commission_asset == fee_asset
        assert shop.book.sleeve(sleeve_id).quantity == Decimal(left)
        expected += Decimal(left)
        assert shop.gained() == expected
        assert claims(shop.book)["BTC"] == to_atoms(expected), "the ledger claims what there is, to the last digit"
        assert shop.promised() <= expected
    wanted = ["0.00999"] * 3 if bundle else ["0.01", "0.00999", "0.00999"]
    assert shop.promised() == sum(map(Decimal, wanted), Decimal(0))


def test_a_sale_whose_fee_bnb_paid_brings_all_of_its_price(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sold at market with BNB, then without: the cash that the ledger claims is the cash that came."""
    shop = Shop(monkeypatch, bnb=Decimal(1))
    shop.buy("s1", bundle=True)
    shop.buy("s2", bundle=True)
    usdt = shop.trading.held.wallet
    before, claimed = usdt.available("USDT"), claims(shop.book)["USDT"]
    shop.trading.exchange.trade_through("BTCUSDT", Decimal(48_000))
    shop.settle()
    assert claims(shop.book)["USDT"] - claimed == to_atoms(usdt.available("USDT") - before)
    assert shop.promised() == 0
