"""A small venue that does as it is told, and remembers what really reached it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum, auto

from engine.domain.errors import OrderOutcomeUnknown, VenueUnavailable
from engine.domain.fill import Fill
from engine.domain.order import Order, OrderStatus, OrderType, Purpose, Side, TimeInForce
from engine.execution.volley import one_by_one
from engine.ports import Balance, Ledger, OrderReport, Outcome, Standing

PRICE = Decimal(50_000)


class Word(Enum):
    """What the venue does with one request."""

    FILL = auto()
    HALF = auto()
    WORK = auto()
    REJECT = auto()
    ANSWER_LOST = auto()
    REQUEST_LOST = auto()
    AWAY = auto()


class ScriptedVenue:
    """Implements ports.Broker. `words` are used up by placements; without one, market orders fill and others work.

    Every placement is checked against law 1: the ledger must have the order already.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.words: deque[Word] = deque()
        self.cancel_words: deque[Word] = deque()
        self.find_words: deque[Word] = deque()
        self.reached: list[str] = []
        """Ids of the orders that reached the venue, in order, repeats included."""
        self.requests: list[tuple[str, str]] = []
        """(verb, id) of every request, lost ones included."""
        self.failing: set[str] = set()
        """Ids whose requests find nobody."""
        self.keeps_siblings = False
        self.balances = {"USDT": Decimal(10_000), "BTC": Decimal(1)}
        self.strangers: list[OrderReport] = []
        """Open orders that nobody placed here."""
        self.standing_words: deque[Exception] = deque()
        self._reports: dict[str, OrderReport] = {}
        self._orders: dict[str, Order] = {}
        self._news: list[str] = []

    # ------------------------------------------------------------------ Broker

    @property
    def not_found_is_proof(self) -> bool:
        """Its lookups may miss what is there."""
        return False

    def place(self, orders: Sequence[Order]) -> Sequence[OrderReport]:
        committed = {o.client_id for o in self._ledger.orders(orders[0].account_id)}
        assert {o.client_id for o in orders} <= committed, "law 1: the intent is committed before it is sent"
        self.requests += [("place", o.client_id) for o in orders]
        self._fail(orders)
        word = self.words.popleft() if self.words else None
        if word is Word.AWAY:
            raise VenueUnavailable("no connection")
        if word is not Word.REQUEST_LOST:
            for order in orders:
                self._take(order, word)
        if word in (Word.ANSWER_LOST, Word.REQUEST_LOST):
            raise OrderOutcomeUnknown("no answer within 5 s")
        return [self._reports[o.client_id] for o in orders]

    def place_all(self, lists: Sequence[Sequence[Order]]) -> Sequence[Outcome]:
        return one_by_one(self.place, lists)

    def cancel(self, orders: Sequence[Order]) -> Sequence[OrderReport]:
        self.requests += [("cancel", o.client_id) for o in orders]
        self._fail(orders)
        word = self.cancel_words.popleft() if self.cancel_words else None
        if word is Word.AWAY:
            raise VenueUnavailable("no connection")
        if word not in (Word.REQUEST_LOST, Word.WORK):
            for order in orders:
                self.end(order.client_id, OrderStatus.CANCELLED)
        if word in (Word.ANSWER_LOST, Word.REQUEST_LOST):
            raise OrderOutcomeUnknown("no answer within 5 s")
        return [self._reports[o.client_id] for o in orders if o.client_id in self._reports]

    def cancel_all(self, lists: Sequence[Sequence[Order]]) -> Sequence[Outcome]:
        return one_by_one(self.cancel, lists)

    def standing(self) -> Standing:
        """Its open orders, and what the test says there is."""
        if self.standing_words:
            raise self.standing_words.popleft()
        reports = [self._reports[i] for i in sorted(self._reports) if not self._reports[i].status.terminal]
        balances = {asset: Balance(free=amount, locked=Decimal(0)) for asset, amount in self.balances.items()}
        return Standing(
            as_of=datetime(2025, 1, 1, tzinfo=UTC), balances=balances, open_orders=[*reports, *self.strangers]
        )

    def find(self, order: Order) -> OrderReport | None:
        self.requests.append(("find", order.client_id))
        word = self.find_words.popleft() if self.find_words else None
        if word is Word.AWAY:
            raise VenueUnavailable("no connection")
        if word is Word.ANSWER_LOST:
            raise OrderOutcomeUnknown("no answer within 5 s")
        return None if word is Word.REQUEST_LOST else self._reports.get(order.client_id)

    def poll(self) -> Sequence[OrderReport]:
        news, self._news = self._news, []
        return [self._reports[client_id] for client_id in dict.fromkeys(news)]

    # ------------------------------------------------------------------ what a test lets happen

    def fill(self, client_id: str, quantity: str | None = None) -> None:
        """Execute an order that works, whole or in part; the other leg of its OCO ends."""
        order, before = self._orders[client_id], self._reports[client_id]
        done = sum((f.quantity for f in before.fills), Decimal(0))
        amount = order.quantity - done if quantity is None else Decimal(quantity)
        status = OrderStatus.FILLED if done + amount == order.quantity else OrderStatus.WORKING
        fills = (*before.fills, _fill(order, amount, len(before.fills) + 1))
        self._reports[client_id] = replace(before, status=status, fills=fills)
        self._news.append(client_id)
        if order.list_id is None or self.keeps_siblings:
            return
        for other in self._orders.values():
            if other.list_id == order.list_id and other is not order and order.purpose is not Purpose.ENTRY:
                self.end(other.client_id, OrderStatus.EXPIRED)

    def end(self, client_id: str, status: OrderStatus) -> None:
        """An open order is over, whoever wanted that."""
        report = self._reports.get(client_id)
        if report is not None and not report.status.terminal:
            self._reports[client_id] = replace(report, status=status)
            self._news.append(client_id)

    def reports(self, client_id: str, status: OrderStatus) -> None:
        """It says this of the order from now on, and forgets its fills."""
        self._reports[client_id] = OrderReport(client_id=client_id, status=status)

    def _fail(self, orders: Sequence[Order]) -> None:
        if any(o.client_id in self.failing for o in orders):
            raise VenueUnavailable("no connection")

    def orders(self, chosen: Callable[[Order], bool] = lambda _: True) -> list[Order]:
        """Orders that reached the venue."""
        return [o for o in self._orders.values() if chosen(o)]

    def placed_once(self) -> bool:
        """No id was ever sent twice, whether it arrived or not."""
        sent = [i for verb, i in self.requests if verb == "place"]
        return len(sent) == len(set(sent))

    def fill_ids(self) -> set[str]:
        """Everything that was ever executed here."""
        return {f.fill_id for r in self._reports.values() for f in r.fills}

    def resting(self) -> dict[str, Decimal]:
        """Stops that work now: id -> quantity."""
        return {
            i: o.quantity
            for i, o in self._orders.items()
            if o.type is OrderType.STOP and not self._reports[i].status.terminal
        }

    def _take(self, order: Order, word: Word | None) -> None:
        assert order.client_id not in self._orders, f"law 3: {order.client_id} was placed twice"
        self.reached.append(order.client_id)
        self._orders[order.client_id] = order
        fills = word in (None, Word.FILL, Word.HALF, Word.ANSWER_LOST) and _at_once(order)
        status = OrderStatus.REJECTED if word is Word.REJECT else OrderStatus.WORKING
        message = "the venue does not want it" if word is Word.REJECT else ""
        self._reports[order.client_id] = OrderReport(client_id=order.client_id, status=status, message=message)
        if fills and word is Word.HALF:
            self.fill(order.client_id, str(order.quantity / 2))
        elif fills:
            self.fill(order.client_id)
        self._news.clear()


def _at_once(order: Order) -> bool:
    return order.type is OrderType.MARKET or order.time_in_force is TimeInForce.FOK


def _fill(order: Order, quantity: Decimal, number: int) -> Fill:
    price = order.price or order.stop_price or PRICE
    buying = order.side is Side.BUY
    return Fill(
        fill_id=f"{order.client_id}-{number}", client_id=order.client_id, account_id=order.account_id,
        sleeve_id=order.sleeve_id, symbol=order.symbol, side=order.side, quantity=quantity, price=price,
        fee=(quantity if buying else (quantity * price).quantize(Decimal("0.00000001"))) / 1000,
        fee_asset="BTC" if buying else "USDT", filled_at=order.bar_close_at,
    )  # fmt: skip
