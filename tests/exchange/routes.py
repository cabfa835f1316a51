"""The table of endpoints: parameters, weight, answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tests.exchange import quotes
from tests.exchange.book import Book
from tests.exchange.limits import Limits
from tests.exchange.listing import Listing
from tests.exchange.parameters import ANY, NUMBER, SYMBOL, WORD, ZONE, Parameter, limit, number, symbols
from tests.exchange.refusal import invalid_interval, invalid_symbol
from tests.exchange.tape import INTERVALS, Tape

Values = Mapping[str, str]


class State(Protocol):
    """What an endpoint may see of the exchange."""

    limits: Limits

    @property
    def books(self) -> Mapping[str, Book]: ...

    @property
    def listings(self) -> Mapping[str, Listing]: ...

    @property
    def now_ms(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Route:
    parameters: tuple[Parameter, ...]
    weight: Callable[[State, Values], int]
    answer: Callable[[State, Values], Any]


_ONE = Parameter("symbol", SYMBOL, mandatory=True)
_SOME = (Parameter("symbol", SYMBOL), Parameter("symbols", ANY), Parameter("symbolStatus", WORD))
_LIMIT = Parameter("limit", NUMBER)
_SPAN = (Parameter("startTime", NUMBER), Parameter("endTime", NUMBER))
_KLINES = (_ONE, Parameter("interval", ANY, mandatory=True), *_SPAN, Parameter("timeZone", ZONE), _LIMIT)


def _book(state: State, symbol: str) -> Book:
    if symbol not in state.books:
        raise invalid_symbol()
    return state.books[symbol]


def _tape(state: State, symbol: str) -> Tape:
    return _book(state, symbol).tape


def _fixed(weight: int) -> Callable[[State, Values], int]:
    return lambda state, values: weight


def _depth_weight(state: State, values: Values) -> int:
    count = limit(values, 100, 5000)
    return 5 if count <= 100 else 25 if count <= 500 else 50 if count <= 1000 else 250


def _ticker_weight(state: State, values: Values) -> int:
    return 2 if "symbol" in values else 4


def _day_weight(state: State, values: Values) -> int:
    count = len(symbols(values) or range(101))
    return 2 if count <= 20 else 40 if count <= 100 else 80


def _one_or_many(quote: Callable[[Book, int], Any]) -> Callable[[State, Values], Any]:
    """An object for `symbol`, a list for `symbols` and for all."""

    def answer(state: State, values: Values) -> Any:
        if "symbol" in values:
            symbols(values)
            return quote(_book(state, values["symbol"]), state.now_ms)
        return [quote(_book(state, name), state.now_ms) for name in symbols(values) or state.books]

    return answer


def _day(state: State, values: Values) -> Any:
    kind = values.get("type", "FULL")
    return _one_or_many(lambda book, now: quotes.day(book, now, kind))(state, values)


def _exchange_info(state: State, values: Values) -> dict[str, Any]:
    shown = values.get("showPermissionSets", "true") == "true"
    names = symbols(values) or list(state.books)
    if any(name not in state.listings for name in names):
        raise invalid_symbol()
    return {
        "timezone": "UTC",
        "serverTime": state.now_ms,
        "rateLimits": state.limits.rate_limits(),
        "exchangeFilters": [],
        "symbols": [state.listings[name].row(permission_sets=shown) for name in names],
    }


def _klines(state: State, values: Values) -> list[list[Any]]:
    """Without start the newest rows, with start the oldest from there; ascending; the last may be unfinished."""
    tape, interval = _tape(state, values["symbol"]), values["interval"]
    if interval not in INTERVALS:
        raise invalid_interval()
    start, end, count = number(values, "startTime"), number(values, "endTime"), limit(values, 500, 1000)
    opens = tape.opens(interval, state.now_ms)
    if end is not None:
        opens = opens[: max(0, (end - opens.start) // opens.step + 1)] if opens else opens
    if start is not None:
        opens = opens[max(0, -((opens.start - start) // opens.step)) :] if opens else opens
        opens = opens[:count]
    return [tape.kline(interval, opened, state.now_ms) for opened in opens[-count:]]


def _depth(state: State, values: Values) -> Any:
    return quotes.depth(_book(state, values["symbol"]), state.now_ms, limit(values, 100, 5000))


def _average(state: State, values: Values) -> Any:
    return quotes.average(_tape(state, values["symbol"]), state.now_ms)


def _trades(state: State, values: Values) -> Any:
    tape, last = _tape(state, values["symbol"]), limit(values, 500, 1000)
    known = tape.known(state.now_ms)
    return [quotes.trade(tape, i) for i in range(max(0, known - last), known)]


def _agg_trades(state: State, values: Values) -> Any:
    tape, count = _tape(state, values["symbol"]), limit(values, 500, 1000)
    start, end, known = number(values, "startTime"), number(values, "endTime"), tape.known(state.now_ms)
    if end is not None:
        known = min(known, tape.first_after(end + 1))
    if "fromId" in values:
        first = int(values["fromId"])
    else:
        first = known - count if start is None else tape.first_after(start)
    return [quotes.aggregate(tape, i) for i in range(max(0, first), min(known, max(0, first) + count))]


_INFO = (*_SOME, Parameter("permissions", ANY), Parameter("showPermissionSets", r"^(true|false)$"))

ROUTES: dict[str, Route] = {
    "/api/v3/ping": Route((), _fixed(1), lambda state, values: {}),
    "/api/v3/time": Route((), _fixed(1), lambda state, values: {"serverTime": state.now_ms}),
    "/api/v3/exchangeInfo": Route(_INFO, _fixed(20), _exchange_info),
    "/api/v3/klines": Route(_KLINES, _fixed(2), _klines),
    "/api/v3/uiKlines": Route(_KLINES, _fixed(2), _klines),
    "/api/v3/depth": Route((_ONE, _LIMIT), _depth_weight, _depth),
    "/api/v3/trades": Route((_ONE, _LIMIT), _fixed(25), _trades),
    "/api/v3/aggTrades": Route((_ONE, Parameter("fromId", NUMBER), *_SPAN, _LIMIT), _fixed(4), _agg_trades),
    "/api/v3/avgPrice": Route((_ONE,), _fixed(2), _average),
    "/api/v3/ticker/price": Route(_SOME, _ticker_weight, _one_or_many(quotes.price_ticker)),
    "/api/v3/ticker/bookTicker": Route(_SOME, _ticker_weight, _one_or_many(quotes.book_ticker)),
    "/api/v3/ticker/24hr": Route((*_SOME, Parameter("type", r"^(FULL|MINI)$")), _day_weight, _day),
}
