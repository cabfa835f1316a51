"""Orders that guard or close a position, made from what the sleeve holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from engine.domain.errors import LedgerError
from engine.domain.money import to_ppm
from engine.domain.order import (
    ExitReason,
    Order,
    OrderStatus,
    OrderType,
    Purpose,
    Side,
    client_order_id,
    hashed_id,
)
from engine.execution.book import Book
from engine.kernel.prices import protect


def protection_for(book: Book, sleeve_id: str, at: datetime) -> list[Order]:
    """The stop (and target, as its OCO) for everything the sleeve holds: where the operator wants them, else priced
    from its entry's fills.

    Empty where the entry asked for no stop.
    """
    entry = book.sleeve(sleeve_id).last_entry
    stop_price, target_price = wanted_prices(book, sleeve_id)
    if entry is None or stop_price is None:
        return []
    stop = _sell(book, sleeve_id, Purpose.STOP, entry.bar_close_at, at)
    stop = replace(stop, type=OrderType.STOP, stop_price=stop_price)
    if target_price is None:
        return [stop]
    target = _sell(book, sleeve_id, Purpose.TARGET, entry.bar_close_at, at)
    target = replace(target, type=OrderType.LIMIT, price=target_price)
    list_id = hashed_id("al", stop.client_id)
    return [replace(stop, list_id=list_id), replace(target, list_id=list_id)]


def wanted_prices(book: Book, sleeve_id: str) -> tuple[Decimal | None, Decimal | None]:
    """Where stop and target of what the sleeve holds belong; None where there is to be none."""
    page = book.sleeve(sleeve_id)
    entry, guard = page.last_entry, page.guard
    stop, target = (None, None) if entry is None else _by_ratio(book, sleeve_id, entry)
    if guard is None:
        return stop, target
    if guard.entry_id is None:
        return guard.stop_price, guard.target_price
    return guard.stop_price or stop, guard.target_price or target


def _by_ratio(book: Book, sleeve_id: str, entry: Order) -> tuple[Decimal | None, Decimal | None]:
    holding = book.sleeve(sleeve_id).holding
    if holding is None or entry.stop_ratio is None:
        return None, None
    instrument = book.instruments[holding.symbol]
    target_ppm = 0 if entry.target_ratio is None else to_ppm(entry.target_ratio)
    stop_ticks, target_ticks = protect(holding.entry_ticks(instrument), to_ppm(entry.stop_ratio), target_ppm)
    return instrument.price(stop_ticks), None if entry.target_ratio is None else instrument.price(target_ticks)


def closing(book: Book, sleeve_id: str, reason: ExitReason, bar_close_at: datetime, at: datetime) -> Order:
    """A market order that sells every whole lot the sleeve holds."""
    order = _sell(book, sleeve_id, Purpose.EXIT, bar_close_at, at)
    return replace(order, exit_reason=reason)


def _sell(book: Book, sleeve_id: str, purpose: Purpose, bar_close_at: datetime, at: datetime) -> Order:
    holding = book.sleeve(sleeve_id).holding
    if holding is None:
        raise LedgerError(f"sleeve {sleeve_id} holds nothing that could be sold")
    generation = book.sleeve(sleeve_id).generation(purpose, bar_close_at)
    account_id = book.account.account_id
    return Order(
        client_id=client_order_id(
            account_id=account_id, sleeve_id=sleeve_id, symbol=holding.symbol,
            bar_close_at=bar_close_at, purpose=purpose, generation=generation,
        ),
        account_id=account_id, sleeve_id=sleeve_id, symbol=holding.symbol, side=Side.SELL, type=OrderType.MARKET,
        purpose=purpose, quantity=book.sleeve(sleeve_id).quantity, price=None, stop_price=None, list_id=None,
        bar_close_at=bar_close_at, intent_at=at, status=OrderStatus.INTENT,
        exit_reason=_REASONS.get(purpose),
    )  # fmt: skip


_REASONS = {Purpose.STOP: ExitReason.STOP, Purpose.TARGET: ExitReason.TARGET}
