"""The register: which orders this venue has in hand, and everything known of each until all its fills are told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from engine.adapters.binance.reports import Execution, OrderNews
from engine.domain.fill import Fill
from engine.domain.order import Order, OrderStatus, Side
from engine.ports import OrderReport

_TOO_OLD_TO_ARRIVE = timedelta(minutes=1)
"""An order that is not known by then never will be: its stamp is long out of the window, and lookups have caught up."""
_NAME = 6
"""So many characters of an order's id, a hash, tell its fills from those of an order before a reset."""
_KEPT = 2000
"""Orders that are over and stay known, for news that comes late."""


@dataclass(slots=True)
class Tracked:
    """One order. `sent`: a request may have left for it, so that none may leave again (law 3)."""

    order: Order
    base: str
    quote: str
    sent: bool = False
    order_id: int | None = None
    status: OrderStatus = OrderStatus.SENT
    executed: Decimal = Decimal(0)
    fills: dict[str, Fill] = field(default_factory=dict)
    message: str = ""
    told: OrderReport | None = None
    absent: bool = False
    """Binance does not know it, and it is too old to arrive."""

    @property
    def filled(self) -> Decimal:
        """How much of it the known fills make."""
        return sum((fill.quantity for fill in self.fills.values()), Decimal(0))

    @property
    def complete(self) -> bool:
        """True where every fill that Binance counted is known."""
        return self.filled >= self.executed

    @property
    def over(self) -> bool:
        """True where nothing more is to be learned of it."""
        return self.status.terminal and self.complete

    def take(self, news: OrderNews) -> None:
        """Fold in a message. After the end one that says that it goes on is older: it adds its fills, nothing else."""
        self.sent = True
        self.absent = False
        self.order_id = news.order_id
        self.executed = max(self.executed, news.executed)
        self.add(news.executions)
        if self.status.terminal:
            return
        if news.status is OrderStatus.ACKNOWLEDGED and self.status is OrderStatus.WORKING:
            return
        self.status = news.status
        self.message = news.message or self.message

    def not_found(self, at: datetime) -> None:
        """Binance did not know it, asked at `at`."""
        self.absent = self.order_id is None and at - self.order.intent_at > _TOO_OLD_TO_ARRIVE

    def add(self, executions: Iterable[Execution]) -> None:
        """Make fills of executions; what is known stays as it is. The testnet's trades are numbered anew after each of
        its resets: their numbers tell fills of one order apart, and need its own name beside them elsewhere."""
        known = {self._trade(fill_id) for fill_id in self.fills}
        for execution in executions:
            fill_id = f"{self.order.symbol}-{execution.trade_id}-{self.order.client_id[-_NAME:]}"
            if self._trade(fill_id) not in known:
                known.add(self._trade(fill_id))
                self.fills[fill_id] = self._fill(fill_id, execution)

    def _trade(self, fill_id: str) -> str:
        """The trade's number; ids that were stored by earlier releases end with it."""
        return fill_id.removeprefix(f"{self.order.symbol}-").partition("-")[0]

    def report(self) -> OrderReport:
        """What is known, as the book wants it. An end is told only with all fills: nobody asks after it."""
        return OrderReport(
            client_id=self.order.client_id,
            status=self.status if self.complete or not self.status.terminal else OrderStatus.WORKING,
            fills=tuple(self.fills.values()),
            message=self.message,
            symbol=self.order.symbol,
        )

    def _fill(self, fill_id: str, execution: Execution) -> Fill:
        order = self.order
        # Without a fee Binance may name no asset; it would have been what the order brought.
        received = self.base if order.side is Side.BUY else self.quote
        return Fill(
            fill_id=fill_id, client_id=order.client_id, account_id=order.account_id, sleeve_id=order.sleeve_id,
            symbol=order.symbol, side=order.side, quantity=execution.quantity, price=execution.price,
            fee=execution.fee, fee_asset=execution.fee_asset or received, filled_at=execution.at,
        )  # fmt: skip


class Register:
    """Tracked orders by client id. Only the engine's thread touches it."""

    def __init__(self, assets: dict[str, tuple[str, str]], quote: str) -> None:
        self._assets = assets
        self._quote = quote
        self._tracked: dict[str, Tracked] = {}
        self._live: dict[str, Tracked] = {}

    def __contains__(self, client_id: str) -> bool:
        return client_id in self._tracked

    def __len__(self) -> int:
        return len(self._tracked)

    def add(self, order: Order) -> Tracked:
        """The tracked order of this id, new where it was not known."""
        found = self._tracked.get(order.client_id)
        if found is None:
            base, quote = self._assets.get(order.symbol, (order.symbol.removesuffix(self._quote), self._quote))
            found = self._tracked[order.client_id] = self._live[order.client_id] = Tracked(order, base, quote)
            self._prune()
        return found

    def take(self, news: OrderNews) -> Tracked | None:
        """Fold a message into its order; None where the order is not in hand."""
        tracked = self._tracked.get(news.client_id)
        if tracked is not None:
            tracked.take(news)
            self._live[news.client_id] = tracked
        return tracked

    def get(self, client_id: str) -> Tracked | None:
        """The tracked order of this id."""
        return self._tracked.get(client_id)

    def open(self) -> list[Tracked]:
        """Orders that were sent, are not over, and may still be there."""
        self._let_go()
        return [t for t in self._live.values() if t.sent]

    def lacking(self) -> list[Tracked]:
        """Orders of which Binance has counted more fills than are known."""
        self._let_go()
        return [t for t in self._live.values() if not t.complete]

    def _let_go(self) -> None:
        for client_id in [client_id for client_id, t in self._live.items() if t.over or t.absent]:
            del self._live[client_id]

    def _prune(self) -> None:
        if len(self._tracked) > 2 * _KEPT:
            over = [client_id for client_id in self._tracked if client_id not in self._live]
            for client_id in over[: len(over) - _KEPT]:
                del self._tracked[client_id]
