"""Prices of this moment, read off a tape: book, tickers, average."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Protocol

from tests.exchange.fields import decimal8, percent
from tests.exchange.tape import Tape

_DAY = 86_400_000
FIRST_UPDATE = 80_000_000_000


class Book(Protocol):
    """Where offers come from: the tape of this moment, or what a test has given."""

    tape: Tape
    version: int

    def offers(self, taker: str, now_ms: int, limit: int) -> list[tuple[Decimal, Decimal]]: ...


def best(tape: Tape, now_ms: int) -> tuple[int, int]:
    """Best bid and ask in ticks: the last trade hit one of them."""
    i = tape.known(now_ms) - 1
    last = tape.ticks[i]
    return (last, last + 1) if tape.buyer_rested[i] else (last - 1, last)


def resting_lots(price_ticks: int, update: int) -> int:
    """How much rests at a price: any fixed rule would do, this one looks like a book."""
    return 1 + (price_ticks * 7919 + update * 104_729) % 99_991


def side(tape: Tape, now_ms: int, taker: str, limit: int) -> list[tuple[Decimal, Decimal]]:
    """Price and quantity that somebody who buys or sells meets, best first."""
    update, (bid, ask) = tape.known(now_ms), best(tape, now_ms)
    ticks = range(ask, ask + limit) if taker == "BUY" else range(bid, max(0, bid - limit), -1)
    return [(n * tape.listing.tick, resting_lots(n, update) * tape.listing.lot) for n in ticks]


def depth(book: Book, now_ms: int, limit: int) -> dict[str, Any]:
    offers = {taker: book.offers(taker, now_ms, limit) for taker in ("SELL", "BUY")}
    bids, asks = ([[decimal8(price), decimal8(quantity)] for price, quantity in rows] for rows in offers.values())
    return {"lastUpdateId": FIRST_UPDATE + book.tape.known(now_ms) + book.version, "bids": bids, "asks": asks}


def book_ticker(book: Book, now_ms: int) -> dict[str, Any]:
    """Zeros where a side is empty."""
    shown = depth(book, now_ms, 1)
    nothing = ["0.00000000", "0.00000000"]
    bid, ask = (shown[name][0] if shown[name] else nothing for name in ("bids", "asks"))
    symbol = book.tape.listing.symbol
    return {"symbol": symbol, "bidPrice": bid[0], "bidQty": bid[1], "askPrice": ask[0], "askQty": ask[1]}


def price_ticker(book: Book, now_ms: int) -> dict[str, Any]:
    tape = book.tape
    return {"symbol": tape.listing.symbol, "price": decimal8(tape.price(tape.known(now_ms) - 1))}


def average(tape: Tape, now_ms: int) -> dict[str, Any]:
    """Volume-weighted over five minutes; the last price where nothing traded."""
    last = tape.known(now_ms)
    base, quote, _, _ = tape.sums(tape.first_after(now_ms - 300_000), last)
    price = quote / base if base else tape.price(last - 1)
    return {"mins": 5, "price": decimal8(price), "closeTime": int(tape.times[last - 1])}


def day(market: Book, now_ms: int, kind: str = "FULL") -> dict[str, Any]:
    """The rolling 24 hours, FULL or MINI."""
    tape = market.tape
    last = tape.known(now_ms)
    first = min(tape.first_after(now_ms - _DAY), last - 1)
    path = tape.ticks[first:last]
    tick = tape.listing.tick
    base, quote, _, _ = tape.sums(first, last)
    opened, closed = path[0] * tick, path[-1] * tick
    span = {"openPrice": opened, "highPrice": max(path) * tick, "lowPrice": min(path) * tick}
    ends = {
        "openTime": now_ms - _DAY, "closeTime": now_ms, "firstId": first, "lastId": last - 1, "count": last - first,
    }  # fmt: skip
    volumes = {"volume": decimal8(base), "quoteVolume": decimal8(quote)}
    prices = {key: decimal8(value) for key, value in span.items()}
    if kind == "MINI":
        return {"symbol": tape.listing.symbol, **prices, "lastPrice": decimal8(closed), **volumes, **ends}
    book = book_ticker(market, now_ms)
    return {
        "symbol": tape.listing.symbol,
        "priceChange": decimal8(closed - opened),
        "priceChangePercent": percent((closed / opened - 1) * 100),
        "weightedAvgPrice": decimal8(quote / base if base else Decimal(0)),
        "prevClosePrice": decimal8(tape.price(max(0, first - 1))),
        "lastPrice": decimal8(closed),
        "lastQty": decimal8(tape.quantity(last - 1)),
        **{key: book[key] for key in ("bidPrice", "bidQty", "askPrice", "askQty")},
        **prices,
        **volumes,
        **ends,
    }


def trade(tape: Tape, i: int) -> dict[str, Any]:
    price, quantity = tape.price(i), tape.quantity(i)
    return {
        "id": i,
        "price": decimal8(price),
        "qty": decimal8(quantity),
        "quoteQty": decimal8(price * quantity),
        "time": int(tape.times[i]),
        "isBuyerMaker": bool(tape.buyer_rested[i]),
        "isBestMatch": True,
    }


def aggregate(tape: Tape, i: int) -> dict[str, Any]:
    """Each of our trades is an aggregate of one."""
    price, quantity = decimal8(tape.price(i)), decimal8(tape.quantity(i))
    rested = bool(tape.buyer_rested[i])
    return {"a": i, "p": price, "q": quantity, "f": i, "l": i, "T": int(tape.times[i]), "m": rested, "M": True}
