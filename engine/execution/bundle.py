"""Bundle: an entry that brings its stop and target in one request, so that no fill is ever bare (law 4)."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING, Decimal

from engine.domain.money import to_ppm
from engine.domain.order import (
    ExitReason,
    Order,
    OrderType,
    Purpose,
    Side,
    TimeInForce,
    client_order_id,
    hashed_id,
)
from engine.domain.quote import Quote
from engine.execution.book import Book
from engine.kernel.grid import grid_of
from engine.kernel.prices import market_buy, protect, sellable

REACH = 5
"""How many times the usual slippage an entry may pay above the best ask before it would rather not be made."""
USUAL_FEE = Decimal("0.001")


def bundled(book: Book, entry: Order, quote: Quote) -> list[Order]:
    """The entry as a LIMIT that fills at once as a whole or not at all, with the stop (and target) that wait for it.

    Just the entry as it was, where it asks for no stop or too little would be left of it to guard. The stop is priced
    from the ask, and sized for what the fee leaves of the coins.
    """
    instrument = book.instruments[entry.symbol]
    costs, grid = book.account.costs, grid_of(instrument)
    left = sellable(instrument.lots(entry.quantity), to_ppm(_worst_fee(costs.fee_ratio)), grid)
    ask = max(1, int((quote.ask / instrument.tick_size).to_integral_value(ROUND_CEILING)))
    if entry.stop_ratio is None or not left:
        return [entry]
    target_ppm = 0 if entry.target_ratio is None else to_ppm(entry.target_ratio)
    stop_ticks, target_ticks = protect(ask, to_ppm(entry.stop_ratio), target_ppm)
    if instrument.quantity(left) * instrument.price(stop_ticks) < instrument.min_notional:
        return [entry]  # the venue would refuse its stop, and with it the whole list
    highest = instrument.price(market_buy(ask, to_ppm(REACH * costs.slippage_ratio)))
    list_id = hashed_id("al", entry.client_id)
    entry = replace(
        entry, type=OrderType.LIMIT, price=highest, time_in_force=TimeInForce.FOK, list_id=list_id
    )  # fmt: skip
    stop = replace(
        _leg(book, entry, Purpose.STOP, instrument.quantity(left)), type=OrderType.STOP,
        stop_price=instrument.price(stop_ticks), exit_reason=ExitReason.STOP,
    )  # fmt: skip
    if entry.target_ratio is None:
        return [entry, stop]
    target = replace(
        _leg(book, entry, Purpose.TARGET, instrument.quantity(left)), type=OrderType.LIMIT,
        price=instrument.price(target_ticks), exit_reason=ExitReason.TARGET,
    )  # fmt: skip
    return [entry, stop, target]


def _worst_fee(ratio: Decimal) -> Decimal:
    """Below the usual rate it may be the discount for paying in BNB, which ends when there is no BNB: to guard more
    than is left would promise coins that are not ours."""
    return ratio if ratio >= USUAL_FEE else (ratio * 4 / 3).quantize(Decimal("0.000001"), ROUND_CEILING)


def _leg(book: Book, entry: Order, purpose: Purpose, quantity: Decimal) -> Order:
    generation = book.sleeve(entry.sleeve_id).generation(purpose, entry.bar_close_at)
    client_id = client_order_id(
        account_id=entry.account_id, sleeve_id=entry.sleeve_id, symbol=entry.symbol, bar_close_at=entry.bar_close_at,
        purpose=purpose, generation=generation,
    )  # fmt: skip
    return replace(
        entry, client_id=client_id, side=Side.SELL, purpose=purpose, quantity=quantity, price=None, stop_price=None,
        time_in_force=TimeInForce.GTC, stop_ratio=None, target_ratio=None,
    )  # fmt: skip
