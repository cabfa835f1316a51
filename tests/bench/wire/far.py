"""The exchange in a process of its own, so that its work is not counted as ours: REST and streams on loopback."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from multiprocessing.connection import Connection

from engine.domain.interval import from_ms
from tests.bench.wire.market import FarClock, Traded
from tests.exchange.account import Account
from tests.exchange.exchange import Exchange
from tests.exchange.limits import Limits
from tests.exchange.server import LoopbackServer
from tests.exchange.socket_server import SocketServer
from tests.exchange.tape import from_bars
from tests.exchange.wallet import FeeRates
from tests.exchange.wire import Reply, Request

FEE = Decimal(0)
"""No fee: a call is worth its costs at any bar, and no dust is left of a position to be dealt with at the next."""
ENTRY = "/api/v3/orderList/otoco"
"""What an entry asks for, with its stop and target."""
_DEEP = Decimal(10**9)
PATIENCE = 8.0
"""Seconds after which a close that brings fewer orders than were asked for is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it answers, and the key that it knows."""

    rest: str
    sockets: str
    key: str
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One close, in seconds of the machine's monotonic clock: each closed bar just before it was sent, each order's
    request as soon as it was read."""

    bars: tuple[float, ...]
    orders: tuple[float, ...]


class Wide(Limits):
    """More orders in ten seconds than Binance allows: fifty instruments with stop and target are 150."""

    def rate_limits(self) -> list[dict[str, object]]:
        return [row | {"limit": 100_000} if row["rateLimitType"] == "ORDERS" else row for row in super().rate_limits()]


@dataclass(slots=True, kw_only=True)
class Watch:
    """Notes when bars left and orders came."""

    exchange: Exchange
    bars: list[float] = field(default_factory=list)
    orders: list[float] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    def handle(self, request: Request) -> Reply:
        if request.method == "POST" and request.path == ENTRY:
            self.orders.append(time.monotonic())
        else:
            self.others.append(request.path)
        return self.exchange.handle(request)

    def sending(self, text: str) -> None:
        if '"e":"kline"' in text and json.loads(text)["data"]["k"]["x"]:
            self.bars.append(time.monotonic())

    def round(self, n: int) -> Round:
        """Wait for `n` orders; then for what may follow them."""
        deadline = time.monotonic() + PATIENCE
        while len(self.orders) < n and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.05)  # none is to follow
        return Round(bars=tuple(self.bars), orders=tuple(self.orders))


def serve(pipe: Connection, clock: FarClock, instruments: Sequence[Traded]) -> None:
    """The process: answer until the other end says that it is over."""
    sys.setswitchinterval(1e-4)  # what comes while another request is dealt with is noted when it comes
    exchange = Exchange([from_bars(one.listing, one.played) for one in instruments], clock, limits=Wide())
    account = exchange.open_account("main", {"USDT": "100000000"}, rates=FeeRates(maker=FEE, taker=FEE))
    account.counts.limits = (100_000, 100_000_000)
    watch = Watch(exchange=exchange)
    with LoopbackServer(watch.handle, idle=120) as rest, SocketServer(exchange, sending=watch.sending) as sockets:
        pipe.send(Place(rest=rest.url, sockets=sockets.url, key=account.key.api_key, secret=account.key.secret))
        for word, value in iter(pipe.recv, ("end", 0)):
            pipe.send(_answer(word, value, watch, account))


def _answer(word: str, value: int, watch: Watch, account: Account) -> object:
    """`quote`: the books of this moment, deep and a tick wide. `fresh`: a new round. `round`: how it went, so many
    orders awaited. `stops`: every stop goes off, as if there had been a trade below it. `open`: how many rest."""
    exchange = watch.exchange
    if word == "quote":
        for symbol, book in exchange.books.items():
            last, tick = book.last(exchange.now_ms), exchange.listings[symbol].tick
            exchange.quote(symbol, last - tick, last, bid_quantity=_DEEP, ask_quantity=_DEEP)
    elif word == "fresh":
        watch.bars.clear()
        watch.orders.clear()
        watch.others.clear()
    elif word == "round":
        return watch.round(value)
    elif word == "others":
        return list(watch.others)
    elif word == "stops":
        with exchange.door:
            exchange.settle()
            for symbol in exchange.books:
                exchange.floor.trigger_stops(symbol, Decimal("1e-8"))
    elif word == "open":
        return len(exchange.truth(account).open_orders())
    return from_ms(exchange.now_ms)
