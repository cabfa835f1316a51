"""The order desk: what is looked at before an order reaches the floor, and how one is taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from tests.exchange import filters, quotes
from tests.exchange.account import Account
from tests.exchange.floor import Floor
from tests.exchange.listing import Listing
from tests.exchange.orders import STOPS, OrderList, PlacedOrder
from tests.exchange.refusal import Refusal
from tests.exchange.user_events import list_status
from tests.exchange.wallet import Reserve, insufficient


def unknown_order() -> Refusal:
    return Refusal(-2011, "Unknown order sent.")


@dataclass(slots=True, eq=False)
class Desk:
    floor: Floor

    def place(self, account: Account, order: PlacedOrder, *, test: bool = False) -> None:
        """Check it, lock its money, let it meet the book."""
        listing = self._listing(order.symbol)
        account.counts.allow(1, self.floor.now)
        self._check(account, [order], listing)
        self._against_market(order)
        if order.quote_quantity:
            order.quantity = sum((quantity for _, quantity in self.floor.offered(order)), Decimal(0))
            if not order.quantity:
                raise Refusal(-2010, "Order book liquidity is less than symbol minimum quantity.")
        need = order.needs(order.quantity)
        if order.type == "MARKET" and order.buys:
            need = sum((price * quantity for price, quantity in self.floor.offered(order)), Decimal(0))
        asset = listing.quote if order.buys else listing.base
        if need > account.wallet.available(asset):
            raise insufficient()
        if test:
            return
        order.reserve = Reserve(asset)
        if order.type != "MARKET":
            account.wallet.hold(order.reserve, need)
        account.counts.placed(1, self.floor.now)
        self.floor.enter(account, order)
        self.floor.start(account, order)
        self.floor.position(account, order.symbol)

    def place_list(
        self, account: Account, kind: Literal["OCO", "OTO"], orders: Sequence[PlacedOrder], client_id: str
    ) -> OrderList:
        """An OCO goes live at once; of an OTO its first order does, the others wait for it."""
        floor, symbol = self.floor, orders[0].symbol
        listing = self._listing(symbol)
        account.counts.allow(len(orders), floor.now)
        listed = OrderList(
            id=floor.lists + 1, contingency=kind, client_id=client_id, symbol=symbol, time=floor.now
        )
        for order in orders:
            order.list = listed
        self._list_name(account, listed, orders)
        self._check(account, orders, listing)
        live = orders if kind == "OCO" else orders[:1]
        self._live_now(kind, live)
        reserve = Reserve(listing.quote if live[0].buys else listing.base)
        account.wallet.hold(reserve, max(order.needs(order.quantity) for order in live))
        floor.lists += 1
        listed.orders.extend(orders)
        account.keep_list(listed)
        account.counts.placed(len(orders), floor.now)
        for order in orders:
            order.reserve = reserve if order in live else None
            order.status = "NEW" if order in live else "PENDING_NEW"
            floor.enter(account, order)
        account.inbox.tell(list_status(listed, floor.now))
        for order in orders[len(live) :]:
            floor.report(account, order, "NEW")
        for order in live:
            if order.open:
                floor.start(account, order)
        floor.position(account, symbol)
        return listed

    def cancel(self, account: Account, order: PlacedOrder | None, cancel_id: str, only: str | None = None) -> None:
        """Take it back; with it goes the list that it is in."""
        if order is None or not order.open:
            raise unknown_order()
        if only is not None and order.status != only:
            raise Refusal(-2011, "Order was not canceled due to cancel restrictions.")
        if self.floor.listings[order.symbol].status == "BREAK":
            raise Refusal(-2011, "Market is closed.")
        for leg in order.list.orders if order.list else [order]:
            if leg.open:
                leg.cancel_id = cancel_id or f"cancel{leg.id}"
        first = order if order.list is None or order.list.working in (None, order) else order.list.orders[0]
        if first.open:
            self.floor.end(account, first, "CANCELED")
        for leg in order.list.orders if order.list else []:
            if leg.open:
                self.floor.end(account, leg, "CANCELED")

    def _listing(self, symbol: str) -> Listing:
        listing = self.floor.listings.get(symbol)
        if listing is None:
            raise Refusal(-1121, "Invalid symbol.")
        return listing

    def _check(self, account: Account, orders: Sequence[PlacedOrder], listing: Listing) -> None:
        """Filters first; they are looked at before the matching engine hears of the order."""
        book, now = self.floor.books[listing.symbol], self.floor.now
        average = Decimal(quotes.average(book.tape, now)["price"])
        for order in orders:
            filters.check(order, listing, average=average)
        filters.check_room(orders, account.open_orders(listing.symbol))
        if listing.status != "TRADING":
            raise Refusal(-2010, "Market is closed.")
        used = {order.client_id for order in account.open_orders()}
        for i, order in enumerate(orders):
            order.client_id = order.client_id or self._own_id(i)
            if order.client_id in used:
                raise Refusal(-2010, "Duplicate order sent.")
            used.add(order.client_id)

    def _against_market(self, order: PlacedOrder) -> None:
        if order.type in STOPS and order.triggered_by(self.floor.books[order.symbol].last(self.floor.now)):
            raise Refusal(-2010, "Order would trigger immediately.")
        if order.type == "LIMIT_MAKER" and self.floor.offered(order):
            raise Refusal(-2010, "Order would immediately match and take.")

    def _live_now(self, kind: str, live: Sequence[PlacedOrder]) -> None:
        if kind == "OCO":
            last = self.floor.books[live[0].symbol].last(self.floor.now)
            below, above = ((leg.stop_price or leg.price) for leg in live)
            if not below < last < above:
                raise Refusal(-2010, "The relationship of the prices for the orders is not correct.")
        for order in live:
            self._against_market(order)

    def _list_name(self, account: Account, listed: OrderList, orders: Sequence[PlacedOrder]) -> None:
        listed.client_id = listed.client_id or self._own_id(len(orders))
        if any(known.client_id == listed.client_id for known in account.open_lists()):
            raise Refusal(-2010, "Duplicate order sent.")

    def _own_id(self, i: int) -> str:
        """22 characters, as the exchange makes them up where none is given."""
        return hashlib.sha256(f"{self.floor.orders}:{i}:{self.floor.reports}".encode()).hexdigest()[:22]
