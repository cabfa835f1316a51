"""The trading floor: orders meet the book, stops trigger, the legs of a list know of one another.

Orders of ours never meet one another: the other side is always the book.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

from tests.exchange.account import Account
from tests.exchange.book import Book
from tests.exchange.listing import Listing
from tests.exchange.orders import STOPS, Execution, OrderList, PlacedOrder
from tests.exchange.refusal import Refusal
from tests.exchange.user_events import account_position, execution_report, list_status
from tests.exchange.wallet import ZERO, Reserve, fee

_FIRST_ORDER, _FIRST_TRADE, _FIRST_EXECUTION = 55_472_337_221, 65_044_223, 117_599_651_999


@dataclass(slots=True, kw_only=True, eq=False)
class Floor:
    """`now` is the moment of what happens. `shares`: which part of itself the next taker finds on the book, once."""

    books: Mapping[str, Book]
    listings: dict[str, Listing]
    accounts: list[Account] = field(default_factory=list)
    now: int = 0
    seen: dict[str, int] = field(default_factory=dict)
    shares: dict[str, Decimal] = field(default_factory=dict)
    orders: int = _FIRST_ORDER
    trades: int = _FIRST_TRADE
    reports: int = _FIRST_EXECUTION
    lists: int = 91_590

    # ------------------------------------------------------------------ telling

    def report(self, account: Account, order: PlacedOrder, kind: str, execution: Execution | None = None) -> None:
        order.update_time = account.update_time = self.now
        self.reports += 1
        account.inbox.tell(execution_report(order, kind, now=self.now, number=self.reports, execution=execution))

    def position(self, account: Account, symbol: str) -> None:
        listing = self.listings[symbol]
        touched = [a for a in (listing.base, "BNB", listing.quote) if a in account.wallet.free]
        account.inbox.tell(account_position(account.wallet, dict.fromkeys(touched), self.now))

    # ------------------------------------------------------------------ orders

    def enter(self, account: Account, order: PlacedOrder) -> None:
        """Give it its number and keep it."""
        self.orders += 1
        order.id, order.time = self.orders, self.now
        order.reserve = order.reserve or Reserve(self._spent(order))
        account.keep(order)

    def start(self, account: Account, order: PlacedOrder) -> None:
        """From here on it is live: it rests as a stop, or meets the book. What it needs has been locked."""
        order.status = "NEW"
        if order.type in STOPS:
            self.report(account, order, "NEW")
            if order.triggered_by(self.books[order.symbol].last(self.now)):
                self.trigger(account, order)
            return
        self._work(account, order)

    def trigger(self, account: Account, order: PlacedOrder) -> None:
        """The other leg goes; then this one is NEW a second time, now on the book."""
        self.expire_siblings(account, order)
        self._work(account, order)

    def _work(self, account: Account, order: PlacedOrder) -> None:
        order.working, order.working_time = True, self.now
        self.report(account, order, "NEW")
        self.match(account, order)

    def match(self, account: Account, order: PlacedOrder) -> None:
        """Take what the book offers within its limit. What is left rests, or expires."""
        offered = self.offered(order)
        self.shares.pop(order.symbol, None)
        if order.time_in_force == "FOK" and sum(q for _, q in offered) < order.left:
            offered = []
        maker = False
        for price, quantity in offered:
            if not order.open or not self.fill(account, order, price, quantity, maker=maker):
                break
        if order.open and (order.limit is None or order.time_in_force in ("IOC", "FOK")):
            self.end(account, order, "EXPIRED")

    def offered(self, order: PlacedOrder, *, maker: bool = False) -> list[tuple[Decimal, Decimal]]:
        """Prices and quantities that it would take now, its money allowing."""
        book, listing = self.books[order.symbol], self.listings[order.symbol]
        share = None if maker or order.quote_quantity else self.shares.get(order.symbol)
        left, money = order.left, order.quote_quantity or None
        if share is not None:
            left = (left * share / listing.lot).to_integral_value(ROUND_DOWN) * listing.lot
        rows = []
        for price, available in book.offers(order.side, self.now):
            if order.limit is not None and (price > order.limit if order.buys else price < order.limit):
                break
            if money is None:
                quantity = min(available, left)
            else:
                affordable = (money / price / listing.lot).to_integral_value(ROUND_DOWN) * listing.lot
                quantity = min(available, affordable)
                money -= quantity * price
            if quantity <= 0:
                break
            rows.append((price, quantity))
            left -= quantity
        return rows

    def fill(self, account: Account, order: PlacedOrder, price: Decimal, quantity: Decimal, *, maker: bool) -> bool:
        """One match. False where the money is not there."""
        listing, wallet, reserve = self.listings[order.symbol], account.wallet, order.reserve
        assert reserve is not None
        paid, received = (quantity * price, quantity) if order.buys else (quantity, quantity * price)
        try:
            wallet.pay(reserve, paid)
        except Refusal:
            return False
        asset = listing.base if order.buys else listing.quote
        prices = self.bnb_prices()
        wallet.add(asset, received)
        commission, charged = fee(
            account.rates, wallet, received=asset, amount=received, maker=maker, bnb_prices=prices
        )
        wallet.add(charged, -commission)
        if not maker:
            self.books[order.symbol].take(price, quantity)
        self.trades += 1
        execution = Execution(
            id=self.trades, order_id=order.id, list_id=order.list_id, client_id=order.client_id, symbol=order.symbol,
            price=price, quantity=quantity, commission=commission, commission_asset=charged, time=self.now,
            buyer=order.buys, maker=maker,
        )  # fmt: skip
        self._book_in(account, order, execution)
        return True

    def _book_in(self, account: Account, order: PlacedOrder, execution: Execution) -> None:
        if not order.executions:
            account.counts.first_fill(maker=execution.maker, now_ms=self.now)
            self.expire_siblings(account, order)
        order.executions.append(execution)
        account.executions.append(execution)
        order.executed += execution.quantity
        order.quote += execution.quote
        order.status = "PARTIALLY_FILLED" if order.left > 0 else "FILLED"
        self.report(account, order, "TRADE", execution)
        self.settle(account, order)
        if order.status == "FILLED":
            self._list_moves(account, order)

    def end(self, account: Account, order: PlacedOrder, status: str, reason: str = "NONE") -> None:
        """CANCELED or EXPIRED, whatever it has traded."""
        order.status, order.reject_reason = status, reason
        self.report(account, order, status)
        self.settle(account, order)
        self._list_moves(account, order)

    def settle(self, account: Account, order: PlacedOrder) -> None:
        """Free what is no longer needed. The legs of an OCO share one reserve."""
        assert order.reserve is not None
        legs = [order, *(order.list.siblings(order) if order.list else [])]
        needs = [leg.needs(leg.left) for leg in legs if leg.status in ("NEW", "PARTIALLY_FILLED")]
        needed = max(needs, default=ZERO)
        if needed < order.reserve.left:
            account.wallet.hold(order.reserve, needed)
        self.position(account, order.symbol)

    # ------------------------------------------------------------------ lists

    def expire_siblings(self, account: Account, order: PlacedOrder) -> None:
        for leg in order.list.siblings(order) if order.list else []:
            if leg.open:
                leg.status = "EXPIRED"
                self.report(account, leg, "EXPIRED")

    def _list_moves(self, account: Account, order: PlacedOrder) -> None:
        """After an order of a list is done: pending legs wake or go with it; the list may be done."""
        orders = order.list
        if orders is None:
            return
        if order is orders.working:
            if order.status == "FILLED":
                self._wake(account, orders)
            else:
                for leg in orders.pending:
                    if leg.open:
                        leg.status = order.status
                        leg.cancel_id = order.cancel_id
                        self.report(account, leg, order.status)
        if orders.done and not orders.told_done:
            orders.told_done = True
            account.inbox.tell(list_status(orders, self.now))

    def _wake(self, account: Account, orders: OrderList) -> None:
        """Pending legs go live. Where the coins for them are not there (the fee took some), they expire."""
        legs = [leg for leg in orders.pending if leg.open]
        reserve = Reserve(self._spent(legs[0])) if legs else None
        try:
            if reserve is not None:
                account.wallet.hold(reserve, max(leg.needs(leg.quantity) for leg in legs))
        except Refusal:
            for leg in legs:
                leg.status, leg.reject_reason = "EXPIRED", "INSUFFICIENT_BALANCE"
                self.report(account, leg, "EXPIRED")
            return
        for leg in legs:
            leg.reserve, leg.status = reserve, "NEW"
        for leg in sorted(legs, key=lambda leg: leg.type not in STOPS):
            if leg.open:
                self.start(account, leg)
        self.position(account, orders.symbol)

    def _spent(self, order: PlacedOrder) -> str:
        listing = self.listings[order.symbol]
        return listing.quote if order.buys else listing.base

    # ------------------------------------------------------------------ the market moves

    def bnb_prices(self) -> dict[str, Decimal]:
        """What a BNB costs in each asset that it is traded against."""
        prices = {"BNB": Decimal(1)}
        for symbol, listing in self.listings.items():
            if listing.base == "BNB":
                prices[listing.quote] = self.books[symbol].last(self.now)
            if listing.quote == "BNB":
                prices[listing.base] = 1 / self.books[symbol].last(self.now)
        return prices

    def resting(self, symbol: str) -> list[tuple[Account, PlacedOrder]]:
        """Limit orders on the book, best price first, then oldest."""
        rows = [
            (account, order)
            for account in self.accounts
            for order in account.open_orders(symbol)
            if order.working and order.limit is not None
        ]
        return sorted(rows, key=lambda row: (-row[1].price if row[1].buys else row[1].price, row[1].id))

    def quoted(self, symbol: str) -> None:
        """The book has come to our resting orders: they trade at their own price."""
        if self.listings[symbol].status != "TRADING":
            return
        book = self.books[symbol]
        for account, order in self.resting(symbol):
            for price, quantity in self.offered(order, maker=True):
                if order.open:
                    book.take(price, min(quantity, order.left))
                    self.fill(account, order, order.price, min(quantity, order.left), maker=True)

    def traded(self, symbol: str, price: Decimal, quantity: Decimal | None, *, sweep: bool = False) -> None:
        """Somebody traded at `price`: resting orders there or better were hit first; then stops look at it.

        `quantity` bounds what ours get of it; None is no bound. `sweep`: what is better than the price fills whole.
        """
        if self.listings[symbol].status != "TRADING":
            return
        left = quantity
        for account, order in self.resting(symbol):
            if not order.open or (order.price < price if order.buys else order.price > price):
                continue
            whole = left is None or (sweep and order.price != price)
            share = order.left if whole or left is None else min(left, order.left)
            if share > 0 and self.fill(account, order, order.price, share, maker=True) and not whole:
                left = None if left is None else left - share
        self.trigger_stops(symbol, price)

    def trigger_stops(self, symbol: str, last: Decimal) -> None:
        if self.listings[symbol].status != "TRADING":
            return
        for account in self.accounts:
            for order in list(account.open_orders(symbol)):
                waits = order.type in STOPS and order.status == "NEW" and not order.working
                if waits and order.triggered_by(last):
                    self.trigger(account, order)

    def advance(self, now: int) -> None:
        """Live through the tapes up to `now`: every trade on them is looked at where we have an order."""
        happened: list[tuple[int, str, int]] = []
        for symbol, book in self.books.items():
            known = book.tape.known(now)
            first = self.seen.get(symbol, known)
            self.seen[symbol] = max(known, first)
            if book.given is None and known > first and self._watched(symbol):
                happened.extend((int(book.tape.times[i]), symbol, i) for i in range(first, known))
        for at, symbol, i in sorted(happened):
            tape = self.books[symbol].tape
            self.now = max(self.now, at)
            self.traded(symbol, tape.price(i), tape.quantity(i), sweep=True)
        self.now = now

    def _watched(self, symbol: str) -> bool:
        return any(True for account in self.accounts for _ in account.open_orders(symbol))


def told_placed(floor: Floor, account: Account, orders: Iterable[PlacedOrder]) -> None:
    """After a placement: what is locked now."""
    for symbol in {order.symbol for order in orders}:
        floor.position(account, symbol)
