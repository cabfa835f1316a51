"""BinanceBroker: orders at Binance Spot, on the testnet or with live money. Implements ports.Broker."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from engine.adapters.binance import reports
from engine.adapters.binance.errors import OrderArchived
from engine.adapters.binance.placement import placement
from engine.adapters.binance.register import Register, Tracked
from engine.adapters.binance.reports import OrderNews
from engine.adapters.binance.signed import SURELY_NOTHING, OrderRequest, SignedTransport, Value, Values
from engine.adapters.binance.user_stream import UserStream
from engine.domain.account import Account
from engine.domain.errors import (
    AaitiError,
    ConfigurationError,
    InvalidOrder,
    MarketDataError,
    OrderError,
    OrderNotFound,
    OrderOutcomeUnknown,
    OrderRejected,
    VenueError,
    VenueUnavailable,
)
from engine.domain.fill import Fill
from engine.domain.instrument import Instrument
from engine.domain.money import exact, plain
from engine.domain.order import Order, OrderStatus
from engine.execution.volley import one_by_one
from engine.ports import Balance, Clock, OrderReport, Outcome, Standing

T = TypeVar("T")
OURS = re.compile(r"aa[a-z2-7]{25}")
"""What a client id of ours looks like; any other order is the operator's own and never touched."""
SWEEP_EVERY = timedelta(seconds=2)
"""How often orders are asked for while the user stream does not tell of them."""
FILL_IN_EVERY = timedelta(seconds=0.5)
_ALL_SYMBOLS_WEIGHT, _SYMBOL_WEIGHT = 80, 6


class BinanceBroker:
    """Places, cancels and looks up; hears of fills by the user stream, and asks wherever it may have missed any.

    Only the engine's thread calls it. Without a stream it asks every two seconds.
    """

    def __init__(
        self,
        account: Account,
        instruments: Mapping[str, Instrument],
        transport: SignedTransport,
        *,
        clock: Clock,
        stream: UserStream | None = None,
    ) -> None:
        self.account = account
        self._transport = transport
        self._clock = clock
        self._stream = stream
        self._register = Register({i.symbol: (i.base, i.quote) for i in instruments.values()}, account.quote)
        self._untold: dict[str, Tracked] = {}
        self._swept_at: datetime | None = None
        self._filled_in_at: datetime | None = None
        self._swept_for: int | None = None
        self._mended = 0

    def remember(self, orders: Sequence[Order], fills: Sequence[Fill] = ()) -> None:
        """Take over the ledger's orders after a restart. Whatever is past INTENT may have been sent; an INTENT of a
        process before this one as well, and is never sent again."""
        known: dict[str, list[Fill]] = {}
        for fill in fills:
            known.setdefault(fill.client_id, []).append(fill)
        for order in orders:
            tracked = self._register.add(order)
            tracked.sent = True
            tracked.fills.update({fill.fill_id: fill for fill in known.get(order.client_id, ())})
            if order.status.terminal:
                tracked.status = order.status

    @property
    def gap(self) -> str | None:
        """Why news of orders may have been missed, until they were all asked for; None where none can have been."""
        if self._stream is None:
            return None
        if not self._stream.up:
            return f"the user stream is down: {self._stream.why}"
        if self._stream.breaks != self._mended:
            return "the user stream was interrupted; orders are being asked for"
        return None

    @property
    def not_found_is_proof(self) -> bool:
        """False: right after a fill Binance may not know an order for seconds."""
        return False

    # ------------------------------------------------------------------ Broker

    def place(self, orders: Sequence[Order]) -> Sequence[OrderReport]:
        """Place one order, an OCO, or an entry with its protection. An id that may have left never leaves again."""
        request = self._taken_on(orders)
        if not isinstance(request, OrderRequest):
            return request
        try:
            body = self._transport.place(
                request.path, request.values, orders=request.orders, entry=request.entry, decided_at=request.decided_at
            )
        except (VenueError, OrderError) as error:
            return self._placed(orders, error)
        return self._placed(orders, body)

    def place_all(self, lists: Sequence[Sequence[Order]]) -> Sequence[Outcome]:
        """Side by side where the line allows that; an outcome for each."""
        if len(lists) == 1 or not self._transport.side_by_side:
            return one_by_one(self.place, lists)
        taken = [_caught(partial(self._taken_on, orders)) for orders in lists]
        answers = iter(self._transport.place_all([one for one in taken if isinstance(one, OrderRequest)]))
        return [
            _caught(partial(self._placed, orders, next(answers))) if isinstance(one, OrderRequest) else one
            for orders, one in zip(lists, taken, strict=True)
        ]

    def _taken_on(self, orders: Sequence[Order]) -> OrderRequest | Sequence[OrderReport]:
        """The request that places them, from now on known as sent; a refusal where there is none."""
        try:
            wanted = placement(orders)
        except InvalidOrder as error:
            return [_rejected(order, error) for order in orders]
        tracked = [self._register.add(order) for order in orders]
        if any(t.sent for t in tracked):
            raise OrderOutcomeUnknown(f"{orders[0].symbol} {orders[0].client_id} was sent before; look it up")
        for t in tracked:
            t.sent = True
        return OrderRequest(
            path=wanted.path, values=wanted.values, orders=len(orders), entry=wanted.entry, decided_at=wanted.decided_at
        )  # fmt: skip

    def _placed(self, orders: Sequence[Order], answer: Any | Exception) -> Sequence[OrderReport]:
        """What the exchange's answer, or its lack, says of orders that were taken on."""
        tracked = [self._register.add(order) for order in orders]
        if isinstance(answer, InvalidOrder | OrderRejected):
            for t in tracked:
                t.status, t.message = OrderStatus.REJECTED, str(answer)
            return [t.report() for t in tracked]
        if isinstance(answer, Exception):
            for t in tracked:
                t.sent = not isinstance(answer, SURELY_NOTHING)
            raise answer
        # Fills that the answer lacks come by the stream before anybody could ask for them: the next order goes first.
        for news in _read(answer):
            self._take(news, complete=False)
        return [self._tell(t) for t in tracked]

    def cancel(self, orders: Sequence[Order]) -> Sequence[OrderReport]:
        """Cancel orders, and the whole list of one that has any. What is not open any more is looked up."""
        if not orders:
            return []
        try:
            body = self._transport.cancel(*_withdrawal(orders[0]))
        except (VenueError, OrderError) as error:
            return self._cancelled(orders, error)
        return self._cancelled(orders, body)

    def cancel_all(self, lists: Sequence[Sequence[Order]]) -> Sequence[Outcome]:
        """Side by side where the line allows that. What is not open any more is looked up once all were asked for."""
        if len(lists) == 1 or not self._transport.side_by_side:
            return one_by_one(self.cancel, lists)
        answers = self._transport.cancel_all([_withdrawal(orders[0]) for orders in lists])
        return [_caught(partial(self._cancelled, *of)) for of in zip(lists, answers, strict=True)]

    def find(self, order: Order) -> OrderReport | None:
        """Look an order up by its client id, with all its fills. None proves nothing by itself."""
        tracked = self._register.add(order)
        query = {"symbol": order.symbol, "origClientOrderId": order.client_id}
        try:
            news = self._ask("/api/v3/order", query, weight=4, read=reports.order)
        except OrderArchived as error:
            tracked.status, tracked.message = OrderStatus.CANCELLED, str(error)
        except OrderNotFound:
            tracked.not_found(self._clock.now())
            return None
        else:
            self._register.take(replace(news, client_id=order.client_id))
            self._complete(tracked)
        return self._tell(tracked)

    def poll(self) -> Sequence[OrderReport]:
        """What the user stream brought; while it is down, or was, what comes of asking. VenueError loses no news."""
        for news in reports.in_order(self._news()):
            self._take(news, complete=False)
        trouble: VenueError | None = None
        try:
            self._fill_in()
            if self._sweep_due():
                self._sweep()
        except VenueError as error:
            trouble = error
        untold, self._untold = list(self._untold.values()), {}
        if trouble is not None and not untold:
            raise trouble
        return [self._tell(t) for t in untold]

    def standing(self) -> Standing:
        """Balances and open orders of the whole key: an order of ours may lie in a symbol that we do not use now."""
        open_orders = self._ask("/api/v3/openOrders", weight=_ALL_SYMBOLS_WEIGHT, read=reports.orders)
        balances = self._ask("/api/v3/account", {"omitZeroBalances": "true"}, weight=20, read=_balances)
        ours = [news for news in open_orders if self._is_ours(news.client_id)]
        for news in ours:
            self._take(news, complete=False)
        return Standing(
            as_of=self._clock.now(),
            balances=balances,
            open_orders=[self._open_report(news) for news in ours],
            foreign_orders=len(open_orders) - len(ours),
        )

    # ------------------------------------------------------------------ inside

    def _ask(self, path: str, values: Values | None = None, *, weight: int, read: Callable[[Any], T]) -> T:
        """A question whose answer is needed: one that cannot be asked, or not be read, is as good as none."""
        try:
            return read(self._transport.ask(path, values, weight=weight))
        except (MarketDataError, ConfigurationError) as error:
            raise VenueUnavailable(str(error)) from error

    def _cancelled(self, orders: Sequence[Order], answer: Any | Exception) -> Sequence[OrderReport]:
        """What the exchange's answer says of the first and of its list. Others go each by itself."""
        first, told = orders[0], dict[str, OrderReport]()
        self._register.add(first)
        if isinstance(answer, Exception) and not isinstance(answer, OrderNotFound | OrderRejected):
            raise answer
        if not isinstance(answer, Exception):
            found = [t for t in (self._take(news) for news in _read(answer)) if t is not None]
            told = {t.order.client_id: self._tell(t) for t in found}
        report = None if first.client_id in told else self.find(first)
        if report is not None:
            told[first.client_id] = report
        for order in orders[1:]:
            if order.client_id not in told:
                told.update({report.client_id: report for report in self.cancel([order])})
        return list(told.values())

    def _take(self, news: OrderNews, *, complete: bool = True) -> Tracked | None:
        """Fold in what was said of an order of ours; remember it as untold where it changes anything."""
        tracked = self._register.take(news)
        if tracked is None:
            return None
        if complete:
            self._complete(tracked)
        self._note(tracked)
        return tracked

    def _note(self, tracked: Tracked) -> None:
        if tracked.report() != tracked.told:
            self._untold[tracked.order.client_id] = tracked

    def _tell(self, tracked: Tracked) -> OrderReport:
        tracked.told = tracked.report()
        self._untold.pop(tracked.order.client_id, None)
        return tracked.told

    def _complete(self, tracked: Tracked) -> None:
        """Ask for the fills that are counted but not known. Where that fails now, `poll` asks again."""
        with suppress(VenueError):
            self._ask_for_fills(tracked)

    def _ask_for_fills(self, tracked: Tracked) -> None:
        if tracked.complete or tracked.order_id is None:
            return
        query: Values = {"symbol": tracked.order.symbol, "orderId": tracked.order_id}
        found = self._ask("/api/v3/myTrades", query, weight=5, read=reports.trades)
        tracked.add(found.get(tracked.order_id, ()))
        self._note(tracked)

    def _fill_in(self) -> None:
        """Ask for the fills that neither an answer nor the stream has brought."""
        now = self._clock.now()
        if self._filled_in_at is None or not timedelta(0) <= now - self._filled_in_at < FILL_IN_EVERY:
            for tracked in self._register.lacking():
                self._filled_in_at = now
                self._ask_for_fills(tracked)

    def _news(self) -> list[OrderNews]:
        return [] if self._stream is None else self._stream.drain()

    def _sweep_due(self) -> bool:
        """Every two seconds while there is no stream or a gap, and at once when the stream is back."""
        stream = self._stream
        if stream is not None and stream.up and stream.breaks == self._mended:
            return False
        if stream is not None and stream.up and stream.breaks != self._swept_for:
            return True
        now = self._clock.now()
        return self._swept_at is None or not timedelta(0) <= now - self._swept_at < SWEEP_EVERY

    def _sweep(self) -> None:
        """Ask how every order in hand stands, and thereby mend a gap."""
        self._swept_at = self._clock.now()
        breaks = self._stream.breaks if self._stream is not None and self._stream.up else None
        self._swept_for = breaks
        waiting = self._register.open()
        resting: set[str] = set()
        for news in self._open_orders({t.order.symbol for t in waiting}):
            resting.add(news.client_id)
            self._take(news)
        for tracked in waiting:
            if tracked.order.client_id not in resting and not tracked.over:
                self._ask_after(tracked)
        if breaks is not None:
            self._mended = breaks

    def _ask_after(self, tracked: Tracked) -> None:
        before = tracked.told
        if self.find(tracked.order) is not None and tracked.report() != before:
            self._untold[tracked.order.client_id] = tracked

    def _open_orders(self, symbols: set[str]) -> list[OrderNews]:
        if len(symbols) * _SYMBOL_WEIGHT > _ALL_SYMBOLS_WEIGHT:
            return self._ask("/api/v3/openOrders", weight=_ALL_SYMBOLS_WEIGHT, read=reports.orders)
        found: list[OrderNews] = []
        for symbol in sorted(symbols):
            found += self._ask("/api/v3/openOrders", {"symbol": symbol}, weight=_SYMBOL_WEIGHT, read=reports.orders)
        return found

    def _is_ours(self, client_id: str) -> bool:
        return client_id in self._register or OURS.fullmatch(client_id) is not None

    def _open_report(self, news: OrderNews) -> OrderReport:
        tracked = self._register.get(news.client_id)
        if tracked is None:
            return OrderReport(
                client_id=news.client_id, status=news.status, message="not in our books", symbol=news.symbol
            )
        return tracked.report()


def _withdrawal(order: Order) -> tuple[str, dict[str, Value]]:
    """The request that cancels an order, and the whole list of one that has any."""
    if order.list_id is not None:
        return "/api/v3/orderList", {"symbol": order.symbol, "listClientOrderId": order.list_id}
    return "/api/v3/order", {"symbol": order.symbol, "origClientOrderId": order.client_id}


def _caught(act: Callable[[], T]) -> T | VenueError | OrderOutcomeUnknown:
    """What it gives, or why it gives nothing."""
    try:
        return act()
    except (VenueError, OrderOutcomeUnknown) as error:
        return error


def _read(body: Any) -> list[OrderNews]:
    """Orders in the reply to an order. A reply that cannot be read leaves the outcome unknown."""
    try:
        return reports.order_list(body) if "orders" in body else [reports.order(body)]
    except AaitiError as error:
        raise OrderOutcomeUnknown(f"{error}. Look the order up by its client id.") from error


def _rejected(order: Order, error: Exception) -> OrderReport:
    return OrderReport(client_id=order.client_id, status=OrderStatus.REJECTED, message=str(error))


def _balances(body: Any) -> dict[str, Balance]:
    try:
        return {
            row["asset"]: Balance(free=plain(exact(row["free"])), locked=plain(exact(row["locked"])))
            for row in body["balances"]
        }
    except (KeyError, TypeError) as error:
        raise MarketDataError(f"account: balances are not as Binance documents them ({error!r})") from error
