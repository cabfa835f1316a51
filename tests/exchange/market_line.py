"""Market streams: what one line has subscribed to, and the frames that are due."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from tests.exchange import quotes
from tests.exchange.book import Book
from tests.exchange.tape import INTERVALS, Tape

_NAME = re.compile(r"^([a-z0-9]+)@(aggTrade|trade|bookTicker|kline_(\w+))$")
_KLINE_EVERY = {"1s": 1000}
_USUAL = 2000
LIFE_MS = 24 * 3_600_000
Frame = dict[str, Any]


class State(Protocol):
    """What streams read of the exchange."""

    books: dict[str, Book]

    @property
    def now_ms(self) -> int: ...

    def settle(self) -> None: ...


@dataclass(slots=True)
class Cursor:
    """How far a stream has been told: the next trade, the bar that is open, when it was last told, the last book."""

    trade: int
    bar: int = -1
    told_at: int = 0
    told_trades: int = -1
    book: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class MarketLine:
    """One connection to /ws or /stream. `silent`: half open. `closed`: the exchange has ended it."""

    exchange: State
    path: str
    cursors: dict[str, Cursor] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    silent: bool = False
    closed: bool = False
    wrapped: bool = False
    opened_at: int = 0

    def __post_init__(self) -> None:
        url = urlsplit(self.path)
        self.wrapped = url.path.startswith("/stream")
        self.opened_at = self.exchange.now_ms
        asked = parse_qs(url.query).get("streams", [""])[0]
        listed = asked if self.wrapped else url.path.removeprefix("/ws").strip("/")
        for name in filter(None, listed.split("/")):
            self._subscribe(name)

    def hear(self, text: str) -> None:
        """SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS."""
        try:
            asked = json.loads(text)
            number, method, names = asked.get("id"), asked.get("method"), asked.get("params", [])
        except (ValueError, AttributeError):
            self._answer({"error": {"code": 3, "msg": "Invalid JSON: expected value at line 1 column 1"}})
            return
        if not isinstance(names, list):
            self._answer({"error": {"code": 2, "msg": "Invalid request: streams must be an array"}, "id": number})
        elif method == "LIST_SUBSCRIPTIONS":
            self._answer({"result": list(self.cursors), "id": number})
        elif method in ("SUBSCRIBE", "UNSUBSCRIBE"):
            for name in names:
                if method == "SUBSCRIBE":
                    self._subscribe(str(name))
                else:
                    self.cursors.pop(str(name), None)
            self._answer({"result": None, "id": number})
        else:
            self._answer({"error": {"code": 2, "msg": f"Invalid request: unknown variant `{method}`"}, "id": number})

    def pump(self) -> list[str]:
        """What is to be sent now."""
        if self.silent:
            return []
        self.exchange.settle()
        now = self.exchange.now_ms
        if now - self.opened_at >= LIFE_MS:
            self.closed = True
            return []
        texts, self.answers = self.answers, []
        for name, cursor in list(self.cursors.items()):
            texts.extend(self._text(name, frame) for frame in self._due(name, cursor, now))
        return texts

    def shut_down(self) -> list[str]:
        """The exchange announces that it restarts, and ends the line."""
        self.closed = True
        return [self._text("!serverShutdown", {"e": "serverShutdown", "E": self.exchange.now_ms})]

    def _answer(self, body: Frame) -> None:
        self.answers.append(json.dumps(body, separators=(",", ":")))

    def _text(self, name: str, frame: Frame) -> str:
        return json.dumps({"stream": name, "data": frame} if self.wrapped else frame, separators=(",", ":"))

    def _subscribe(self, name: str) -> None:
        """A name that is none is taken too, and never says anything: that is how the real one is."""
        found = _NAME.match(name)
        book = self.exchange.books.get(found[1].upper()) if found else None
        trades = book.tape.known(self.exchange.now_ms) if book else 0
        self.cursors[name] = Cursor(trade=trades)

    def _due(self, name: str, cursor: Cursor, now: int) -> list[Frame]:
        found = _NAME.match(name)
        book = self.exchange.books.get(found[1].upper()) if found else None
        if found is None or book is None:
            return []
        if found[3]:
            return _klines(book.tape, found[3], cursor, now) if found[3] in INTERVALS else []
        if found[2] == "bookTicker":
            return _book_ticker(book, cursor, now)
        known = book.tape.known(now)
        rows = range(cursor.trade, known)
        cursor.trade = known
        return [(_trade if found[2] == "trade" else _aggregate)(book.tape, i, now) for i in rows]


def _aggregate(tape: Tape, i: int, now: int) -> Frame:
    row = quotes.aggregate(tape, i)
    return {"e": "aggTrade", "E": now, "s": tape.listing.symbol, **row}


def _trade(tape: Tape, i: int, now: int) -> Frame:
    row = quotes.aggregate(tape, i)
    kept = {name: row[name] for name in ("p", "q", "T", "m", "M")}
    return {"e": "trade", "E": now, "s": tape.listing.symbol, "t": i, **kept}


def _book_ticker(book: Book, cursor: Cursor, now: int) -> list[Frame]:
    row = quotes.book_ticker(book, now)
    best = (row["bidPrice"], row["bidQty"], row["askPrice"], row["askQty"])
    if best == cursor.book:
        return []
    cursor.book = best
    update = quotes.FIRST_UPDATE + book.tape.known(now) + book.version
    return [{"u": update, "s": row["symbol"], **dict(zip("bBaA", best, strict=True))}]


def _klines(tape: Tape, interval: str, cursor: Cursor, now: int) -> list[Frame]:
    """Bars that have closed since the last time, each once with x true; the open one when it has moved."""
    length, anchor = INTERVALS[interval]
    current = (now - anchor) // length * length + anchor
    first = current if cursor.bar < 0 else cursor.bar
    closed = [_kline(tape, interval, opened, now, final=True) for opened in range(first, current, length)]
    cursor.bar = current
    known = tape.known(now)
    if known == cursor.told_trades or now - cursor.told_at < _KLINE_EVERY.get(interval, _USUAL):
        return closed
    cursor.told_trades, cursor.told_at = known, now
    return [*closed, _kline(tape, interval, current, now, final=False)]


def _kline(tape: Tape, interval: str, opened: int, now: int, *, final: bool) -> Frame:
    length, _ = INTERVALS[interval]
    row = tape.kline(interval, opened, now)
    first, last = tape.first_after(opened), min(tape.first_after(opened + length), tape.known(now)) - 1
    symbol = tape.listing.symbol
    bar = {
        "t": opened, "T": row[6], "s": symbol, "i": interval, "f": first if last >= first else -1,
        "L": last if last >= first else -1, "o": row[1], "c": row[4], "h": row[2], "l": row[3], "v": row[5],
        "n": row[8], "x": final, "q": row[7], "V": row[9], "Q": row[10], "B": "0",
    }  # fmt: skip
    return {"e": "kline", "E": now, "s": symbol, "k": bar}
