"""An instrument's rules as an archive shows them: the finest price and volume ever printed.

Archives carry no exchange rules. The tick is the finest decimal place seen in a price, so that every price is a whole
number of ticks; the lot is the finest place seen in a volume, but never worth more than the smallest order. Atoms
(1e-8) must hold tick x lot: where they cannot, the lot is made coarser, never the tick.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np

from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError, MarketDataError
from engine.domain.instrument import Instrument
from engine.market.columns import Floats, values

QUOTES = (
    "FDUSD", "USDT", "USDC", "BUSD", "TUSD", "USDP", "DAI", "BTC", "ETH", "BNB", "EUR", "GBP", "USD", "TRY", "BRL",
    "JPY", "AUD", "RUB", "UAH", "ZAR", "PLN", "ARS", "MXN", "IDR", "CHF", "CAD",
)  # fmt: skip
"""Assets that prices are quoted in, those that end in another one first."""
MIN_NOTIONAL = Decimal(5)
"""Smallest order, in the quote asset: what Binance asks for on its large pairs."""
ATOM_PLACES = 8
_ROUNDING = 4e-16
"""A decimal number read as a float64 lies within two roundings of the decimal."""


def split_symbol(symbol: str) -> tuple[str, str]:
    """Split a symbol into base and quote by the quote assets we know; MarketDataError where none fits.

    >>> split_symbol("BTCUSDT")
    ('BTC', 'USDT')
    """
    for quote in QUOTES:
        base = symbol.removesuffix(quote)
        if base and base != symbol:
            return base, quote
    raise MarketDataError(f"{symbol}: its quote asset is unknown; write the pair with an underscore, like ABC_XYZ")


def decimal_places(column: Floats, most: int = ATOM_PLACES) -> int | None:
    """Count the decimal places that write every number of `column` exactly; None where `most` are too few.

    >>> decimal_places(np.array([1.5, 0.25, 3.0]))
    2
    """
    rest = column
    for places in range(most + 1):
        rest = rest[np.abs(np.round(rest, places) - rest) > _ROUNDING * np.abs(rest)]
        if not len(rest):
            return places
    return None


def infer_instrument(series: Sequence[BarSeries], pair: tuple[str, str] | None = None) -> Instrument:
    """Infer one symbol's rules from all its series (intervals); MarketDataError where no rules can hold its prices."""
    columns = [values(one) for one in series]
    symbol = series[0].symbol
    tick_places = max((_price_places(symbol, column) for one in columns for column in one[:4]), default=0)
    lot_places = max((_lot_places(one) for one in columns), default=0)
    base, quote = pair or split_symbol(symbol)
    return _instrument(symbol, (base, quote), tick_places, lot_places)


def merge_rules(old: Instrument | None, new: Instrument) -> Instrument:
    """Unite what two imports of one symbol showed: the finest tick and lot of both."""
    if old is None:
        return new
    tick = min(old.tick_size, new.tick_size)
    lot = min(old.lot_step, new.lot_step)
    if (tick, lot) == (old.tick_size, old.lot_step):
        return old
    return replace(_instrument(new.symbol, (new.base, new.quote), _places(tick), _places(lot)), trading=old.trading)


def _instrument(symbol: str, pair: tuple[str, str], tick_places: int, lot_places: int) -> Instrument:
    reason = ""
    # From the finest lot that atoms can hold to coarser ones, until the kernel's integers cannot overflow.
    for places in range(min(lot_places, ATOM_PLACES - tick_places), -ATOM_PLACES, -1):
        try:
            return Instrument(
                symbol=symbol, base=pair[0], quote=pair[1], tick_size=_step(tick_places), lot_step=_step(places),
                min_notional=MIN_NOTIONAL,
            )  # fmt: skip
        except ConfigurationError as error:
            reason = str(error)
    raise MarketDataError(f"{symbol}: no lot fits a tick of {_step(tick_places)} ({reason}); not tradable")


def _price_places(symbol: str, column: Floats) -> int:
    places = decimal_places(column)
    if places is None:
        finest = next(float(price) for price in column if decimal_places(np.array([price])) is None)
        raise MarketDataError(
            f"{symbol}: price {finest!r} has more than {ATOM_PLACES} decimals; round the prices to the venue's tick"
        )
    return places


def _lot_places(columns: Sequence[Floats]) -> int:
    # Summed volumes carry float noise beyond the last true place; eight places are all an atom can tell.
    seen = decimal_places(columns[4])
    worth = math.log10(float(columns[1].max()) / float(MIN_NOTIONAL)) if len(columns[1]) else 0.0
    return max(ATOM_PLACES if seen is None else seen, math.ceil(worth))


def _step(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def _places(step: Decimal) -> int:
    return -step.normalize().adjusted()
