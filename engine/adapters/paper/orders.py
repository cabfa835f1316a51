"""What the paper account keeps about one order, and the rules of the venue that it must meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.domain.bar import BarSeries
from engine.domain.errors import InvalidOrder
from engine.domain.fill import Fill
from engine.domain.instrument import Instrument
from engine.domain.interval import to_ms
from engine.domain.money import plain
from engine.domain.order import Order, OrderStatus, OrderType, Purpose, Side
from engine.execution.impact import STILL
from engine.execution.within import finer_rows, settled, torn
from engine.kernel.grid import Grid, grid_of, notional
from engine.ports import OrderReport


@dataclass(slots=True, kw_only=True)
class Held:
    """An order at the venue. Prices in ticks, 0 where the order has none."""

    order: Order
    instrument: Instrument
    grid: Grid
    lots: int
    limit: int
    stop: int
    status: OrderStatus = OrderStatus.WORKING
    fills: list[Fill] = field(default_factory=list)
    message: str = ""

    @property
    def working(self) -> bool:
        """True while it may still fill."""
        return not self.status.terminal

    @property
    def resting(self) -> bool:
        """True for a working order that waits for its price (a market order waits for any)."""
        return self.working and self.order.type is not OrderType.MARKET

    def report(self) -> OrderReport:
        """What the venue says about it."""
        return OrderReport(
            client_id=self.order.client_id, status=self.status, fills=tuple(self.fills), message=self.message
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A price, or a bar that has closed, as orders meet it: ticks, from when to when, what a market order costs there
    before its impact, the flow that impact is reckoned from, and the shorter bars inside it, where there are any."""

    opened: int
    high: int
    low: int
    begin_at: datetime
    at: datetime
    cost_ppm: int
    flow: tuple[float, float] = STILL
    finer: BarSeries | None = None

    def touches(self, stop: int, target: int, instrument: Instrument) -> tuple[int, int]:
        """(what happened, price in ticks before costs) to a resting stop and target, 0: there is none."""
        split = torn(self.opened, self.high, self.low, stop, target)
        rows = finer_rows(self.finer if split else None, instrument)
        begin_ms, end_ms = to_ms(self.begin_at), to_ms(self.at)
        kind, ticks, _ = settled(self.opened, self.high, self.low, stop, target, rows, 0, begin_ms, end_ms)
        return kind, ticks


def take_in(order: Order, instrument: Instrument) -> Held:
    """Read an order in the instrument's integers; InvalidOrder says which rule it breaks."""
    if order.type is OrderType.STOP and order.side is Side.BUY:
        raise InvalidOrder(f"{order.symbol}: a stop sells; place a LIMIT or MARKET order to buy")
    if not instrument.trading and order.purpose is Purpose.ENTRY:
        raise InvalidOrder(f"{order.symbol} is not trading now; only exits are taken")
    limit = stop = 0
    if order.type is OrderType.LIMIT:
        if order.price is None:
            raise InvalidOrder(f"{order.symbol}: a LIMIT order needs a price")
        limit = instrument.ticks(order.price)
    if order.type is OrderType.STOP:
        if order.stop_price is None:
            raise InvalidOrder(f"{order.symbol}: a STOP order needs a stop price")
        stop = instrument.ticks(order.stop_price)
    lots = instrument.lots(order.quantity)
    held = Held(order=order, instrument=instrument, grid=grid_of(instrument), lots=lots, limit=limit, stop=stop)
    _check_notional(held)
    return held


def _check_notional(held: Held) -> None:
    """Resting buys must be worth the venue's minimum. Exits are let through: an entry's gate keeps them above it."""
    resting_buy = held.order.side is Side.BUY and held.limit > 0
    if resting_buy and notional(held.lots, held.limit, held.grid) < held.grid.min_notional:
        raise InvalidOrder(too_small(held, held.limit))


def too_small(held: Held, ticks: int) -> str:
    """Why a buy at this price is below the minimum."""
    value = plain(held.order.quantity * held.instrument.price(ticks))
    least = held.instrument.min_notional
    return f"{held.order.symbol}: {value:f} {held.instrument.quote} is below the smallest order of {least:f}"


def check_list(held: Sequence[Held]) -> None:
    """An OCO is one STOP and one LIMIT sale of the same quantity, the stop below the limit; InvalidOrder otherwise."""
    if len(held) == 1:
        return
    kinds = {(h.order.type, h.order.side) for h in held}
    if len(held) != 2 or kinds != {(OrderType.STOP, Side.SELL), (OrderType.LIMIT, Side.SELL)}:
        raise InvalidOrder("orders placed together must be one STOP and one LIMIT sale")
    first = held[0]
    shared = {(h.order.symbol, h.lots, h.order.list_id) for h in held}
    if len(shared) != 1 or first.order.list_id is None:
        raise InvalidOrder(f"{first.order.symbol}: an OCO's orders share symbol, quantity and list_id")
    if max(h.stop for h in held) >= max(h.limit for h in held):
        raise InvalidOrder(f"{first.order.symbol}: an OCO's stop must lie below its limit")
