"""Which symbol and interval a file holds: told by its name, its columns, or neither."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.domain.errors import MarketDataError
from engine.domain.interval import Interval
from engine.market.rules import split_symbol

WAY_OUT = "rename it like BTCUSDT-1h.csv"
_INTERVALS = {
    **{interval.value: interval for interval in Interval},
    "minute": Interval.M1, "hour": Interval.H1, "hourly": Interval.H1, "day": Interval.D1, "daily": Interval.D1,
    "d": Interval.D1, "24h": Interval.D1, "60m": Interval.H1, "60": Interval.H1,
}  # fmt: skip
_NOT_SPOT = {"futures", "mark", "funding", "funding_rate", "index"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a name told: symbol, its two assets where a separator showed them, and the interval."""

    symbol: str | None = None
    pair: tuple[str, str] | None = None
    interval: Interval | None = None


def from_file_name(name: str) -> Named:
    """Read `BTCUSDT-1h-2025-01.csv`, `BTC_USDT-1h.feather`, `Binance_BTCUSDT_1h.csv` and their like.

    >>> from_file_name("BTC_USDT-1h.feather")
    Named(symbol='BTCUSDT', pair=('BTC', 'USDT'), interval=<Interval.H1: '1h'>)
    """
    stem = name.split(".", maxsplit=1)[0]
    blocks = stem.split("-")
    if _NOT_SPOT & {block.lower() for block in blocks[1:]}:
        raise MarketDataError(f"{name}: holds futures data; AAITI trades spot, give spot bars")
    interval = None
    for word in re.split(r"[-_ ]", stem)[1:]:
        # 1M is a month, and no interval of ours; 1H and 1D are spelled so by some.
        interval = interval or _INTERVALS.get(word if word.endswith("M") else word.lower())
    named = from_pair(blocks[0]) if len(blocks) > 1 else _from_words(stem.split("_"))
    return Named(symbol=named.symbol, pair=named.pair, interval=interval)


def from_pair(text: str) -> Named:
    """Read a pair as people write it: BTCUSDT, BTC/USDT, BTC_USDT, btc-usdt."""
    parts = re.split(r"[/_-]", text.strip().upper())
    if not all(re.fullmatch(r"\w+", part) for part in parts):
        return Named()
    if len(parts) == 2:
        return Named(symbol="".join(parts), pair=(parts[0], parts[1]))
    return Named(symbol=parts[0]) if len(parts) == 1 and _known(parts[0]) else Named()


def _from_words(words: list[str]) -> Named:
    """Find the symbol among words such as Binance, BTCUSDT, 2023, minute; or a bare BTC_USDT."""
    if len(words) == 2 and words[1].lower() not in _INTERVALS and not _known(words[1].upper()):
        return from_pair("_".join(words))
    symbols = [word.upper() for word in words if _known(word.upper())]
    return Named(symbol=symbols[-1]) if symbols else Named()


def _known(symbol: str) -> bool:
    try:
        split_symbol(symbol)
    except MarketDataError:
        return False
    return symbol.isalnum()
