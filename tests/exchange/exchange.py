"""The exchange without a socket: a request in, a reply out."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from functools import cache
from typing import Any

from tests.exchange import signature
from tests.exchange.account import Account
from tests.exchange.account_routes import ACCOUNT_ROUTES
from tests.exchange.book import DEEP, Book
from tests.exchange.call import Call, SignedRoute
from tests.exchange.clock import TurnedClock
from tests.exchange.desk import Desk
from tests.exchange.faults import Faults, Moment
from tests.exchange.floor import Floor
from tests.exchange.keys import Key
from tests.exchange.limits import Limits
from tests.exchange.line import Line
from tests.exchange.listing import BNBUSDT, BTCUSDT, DOGEUSDT, ETHUSDT, Listing
from tests.exchange.order_routes import ORDER_ROUTES
from tests.exchange.parameters import check
from tests.exchange.refusal import Refusal
from tests.exchange.routes import ROUTES
from tests.exchange.tape import Tape, one_trade, seeded
from tests.exchange.truth import Truth, truth
from tests.exchange.user_events import balance_update
from tests.exchange.wallet import FeeRates, Wallet
from tests.exchange.wire import Reply, Request

OPENED_AT = datetime(2025, 3, 1, tzinfo=UTC)
NOW = datetime(2025, 3, 4, 10, 17, 23, 456000, tzinfo=UTC)
"""Where the clock of the seeded market stands: 3 days and some hours in, in the middle of a minute."""
SIGNED_ROUTES: dict[tuple[str, str], SignedRoute] = {**ORDER_ROUTES, **ACCOUNT_ROUTES}
_KEPT = 100_000
Levels = Sequence[tuple[Decimal, Decimal]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that somebody has signed: `way` is method and path, `payload` what the signature covers."""

    way: tuple[str, str]
    sent: tuple[tuple[str, str], ...]
    api_key: str | None
    payload: str
    address: str


class Exchange:
    """Listings, prices, accounts, limits and faults behind one door. Requests are answered one at a time."""

    def __init__(self, tapes: Iterable[Tape], clock: TurnedClock, *, limits: Limits | None = None) -> None:
        self.books: dict[str, Book] = {tape.listing.symbol: Book(tape=tape) for tape in tapes}
        self.listings: dict[str, Listing] = {symbol: book.tape.listing for symbol, book in self.books.items()}
        self.clock = clock
        self.limits = limits or Limits()
        self.faults = Faults()
        self.testnet = False
        """The testnet has no /sapi: nobody can ask for a key's rights there."""
        self.floor = Floor(books=self.books, listings=self.listings, now=clock.ms)
        self.desk = Desk(self.floor)
        self.accounts: dict[str, Account] = {}
        self.keys: dict[str, tuple[Account, Key]] = {}
        self.requests: list[Request] = []
        self.lines: list[Line] = []
        self._late: list[tuple[int, Request]] = []
        self._as_of: int | None = None
        self.door = threading.RLock()

    @classmethod
    def seeded(cls, *, seed: int = 7, clock: TurnedClock | None = None, limits: Limits | None = None) -> Exchange:
        """Three instruments with four days of one-minute bars; the clock stands in the fourth."""
        return cls(_seeded_tapes(seed), clock or TurnedClock(NOW), limits=limits)

    @classmethod
    def quoted(
        cls, prices: Mapping[Listing, str] | None = None, *, clock: TurnedClock | None = None,
        limits: Limits | None = None,
    ) -> Exchange:  # fmt: skip
        """A market that only moves when told to: one trade at each price, a quote one tick wide around it."""
        clock = clock or TurnedClock(NOW)
        prices = prices or {BTCUSDT: "50000", ETHUSDT: "2500", BNBUSDT: "600"}
        tapes = [one_trade(listing, Decimal(price), clock.ms - 60_000) for listing, price in prices.items()]
        exchange = cls(tapes, clock, limits=limits)
        for listing, price in prices.items():
            exchange.quote(listing.symbol, Decimal(price) - listing.tick, Decimal(price) + listing.tick)
        return exchange

    # ------------------------------------------------------------------ accounts

    def open_account(
        self, name: str = "main", balances: Mapping[str, str | Decimal] | None = None, *, key: Key | None = None,
        rates: FeeRates | None = None,
    ) -> Account:  # fmt: skip
        """An account with an HMAC key made of its name, unless one is given."""
        key = key or Key.hmac(name)
        key.created = key.created or self.clock.ms
        held = {"USDT": "10000"} if balances is None else balances
        wallet = Wallet({asset: Decimal(amount) for asset, amount in held.items()})
        account = Account(uid=365_000_000 + len(self.accounts), name=name, key=key, wallet=wallet)
        account.rates = rates or FeeRates()
        self.accounts[name] = account
        self.floor.accounts.append(account)
        self.add_key(account, key)
        return account

    def add_key(self, account: Account, key: Key) -> None:
        self.keys[key.api_key] = (account, key)

    def deposit(self, account: Account, asset: str, amount: Decimal) -> None:
        """Coins from outside, or to outside where the amount is negative."""
        with self.door:
            self.settle()
            account.wallet.add(asset, amount)
            account.inbox.tell(balance_update(asset, format(amount, "f"), self.floor.now))
            self.floor.position(account, next(s for s, row in self.listings.items() if asset in (row.base, row.quote)))

    def truth(self, account: Account) -> Truth:
        """What has really happened to it by now."""
        with self.door:
            self.settle()
            return truth(account)

    # ------------------------------------------------------------------ prices

    def quote(
        self, symbol: str, bid: Decimal, ask: Decimal, *, bid_quantity: Decimal = DEEP, ask_quantity: Decimal = DEEP
    ) -> None:
        """From now on this is the book, and the tape is not followed. It triggers no stop: only trades do."""
        self.show(symbol, [(bid, bid_quantity)], [(ask, ask_quantity)])

    def show(self, symbol: str, bids: Levels, asks: Levels) -> None:
        """A book of several levels, best first. What crosses our resting orders trades with them at their price."""
        with self.door:
            self.settle()
            self.books[symbol].give(bids, asks)
            self.floor.quoted(symbol)

    def trade_through(self, symbol: str, price: Decimal, quantity: Decimal | None = None) -> None:
        """Others trade at `price`: ours that rest there or better are hit first, for `quantity` in all (None: whole);
        stops that it touches trigger; a quote that it leaves behind follows it."""
        with self.door:
            self.settle()
            book = self.books[symbol]
            book.write(price, quantity or self.listings[symbol].lot, self.now_ms)
            self.floor.seen[symbol] = book.tape.known(self.now_ms)
            book.shift(price)
            self.floor.traded(symbol, price, quantity)

    def move(self, symbol: str, price: Decimal) -> None:
        """The market stands at `price` now: a quote one tick wide around it, and a trade there."""
        tick = self.listings[symbol].tick
        with self.door:
            self.settle()
            self.books[symbol].give([(price - tick, DEEP)], [(price + tick, DEEP)])
            self.trade_through(symbol, price)

    def thin(self, symbol: str, share: Decimal) -> None:
        """The next order that takes finds only this part of itself on the book: a partial fill of any size."""
        self.floor.shares[symbol] = share

    def relist(self, listing: Listing) -> None:
        """Other rules for a symbol from now on: filters, or a status such as HALT."""
        self.listings[listing.symbol] = listing

    def halt(self, symbol: str, status: str = "HALT") -> None:
        self.relist(replace(self.listings[symbol], status=status))

    # ------------------------------------------------------------------ time

    @property
    def now_ms(self) -> int:
        """The exchange's own time; while a late request is answered, the moment it came in."""
        return self.clock.ms + self.faults.drift_ms if self._as_of is None else self._as_of

    def settle(self) -> None:
        """Live through everything up to now: late requests, then the tapes."""
        with self.door:
            due = sorted((row for row in self._late if row[0] <= self.now_ms), key=lambda row: row[0])
            for row in due:
                self._late.remove(row)
                self._as_of = row[0]
                self._answer_or_refuse(row[1])
                self._as_of = None
            self.floor.advance(self.now_ms)

    def reset(self) -> None:
        """The testnet's monthly reset: orders, trades and balances are gone, keys stay."""
        with self.door:
            for account in self.accounts.values():
                account.inbox.terminate(self.now_ms)
                account.wallet = Wallet({asset: Decimal(10_000) for asset in account.wallet.assets()})
                account.forget()
            self.floor.orders, self.floor.trades, self.floor.lists = 0, 0, 0

    # ------------------------------------------------------------------ requests

    def handle(self, request: Request) -> Reply:
        with self.door:
            self.settle()
            if len(self.requests) >= 2 * _KEPT:
                del self.requests[:_KEPT]  # a soak must not grow without end
            self.requests.append(request)
            fault = self.faults.next(request)
            if fault is None:
                return self._answer_or_refuse(request)
            if fault.moment is Moment.LATER:
                self._late.append((self.now_ms + round(fault.seconds * 1000), request))
            elif fault.moment is not Moment.INSTEAD:
                answered = self._answer_or_refuse(request)
                if fault.moment is Moment.SLOW:
                    return replace(answered, stall=fault.seconds)
            return fault.reply

    def paths(self) -> list[str]:
        """Endpoints asked for so far, in order."""
        return [request.path.removeprefix("/api/v3/") for request in self.requests]

    def _answer_or_refuse(self, request: Request) -> Reply:
        self.floor.advance(self.now_ms)
        headers: Mapping[str, str]
        try:
            body, status = None, 200
            body, headers = self._answer(request)
        except Refusal as refusal:
            body, status, headers = refusal.body, refusal.status, refusal.headers
        return self._reply(request, body, status, headers)

    def _answer(self, request: Request) -> tuple[Any, Mapping[str, str]]:
        way = (request.method, request.path)
        if way in SIGNED_ROUTES and not (self.testnet and request.path.startswith("/sapi")):
            names = {name.lower(): value for name, value in request.headers.items()}
            text = signature.payload(request)
            return self._signed(Asked(way, signature.sent(request), names.get("x-mbx-apikey"), text, request.address))
        route = ROUTES.get(request.path) if request.method == "GET" else None
        if route is None:
            raise Refusal(-1, "Not found.", status=404)
        values = check(request.query, route.parameters)
        self.limits.charge(request.address, route.weight(self, values), self.now_ms)
        return route.answer(self, values), {}

    def signed(
        self, way: tuple[str, str], values: Mapping[str, str], api_key: str | None, payload: str, address: str
    ) -> Any:
        """The same over the WebSocket API. An empty payload comes from a line that has logged on."""
        with self.door:
            self.settle()
            return self._signed(Asked(way, tuple(values.items()), api_key, payload, address))[0]

    def _signed(self, asked: Asked) -> tuple[Any, Mapping[str, str]]:
        """Key, words, weight, time, signature, then the thing itself. A placed or cancelled order weighs nothing."""
        route, address = SIGNED_ROUTES[asked.way], asked.address
        known = {api_key: key for api_key, (_, key) in self.keys.items()}
        key = signature.check_key(known, asked.api_key, route.right, address)
        account = self.keys[key.api_key][0]
        values = check(asked.sent, route.parameters)
        weight = route.weight(values)
        self.limits.charge(address, weight, self.now_ms)
        signature.check_time(values, self.now_ms)
        if asked.payload:
            signature.check_signature(key, asked.payload, values["signature"])
        body = route.answer(Call(self, account, key, values))
        if not route.orders:
            return body, {}
        self.limits.used[address] -= weight
        return body, account.counts.headers(self.now_ms)

    def _reply(self, request: Request, body: Any, status: int, headers: Mapping[str, str]) -> Reply:
        used = str(self.limits.used.get(request.address, 0))
        date = format_datetime(self.clock.now().replace(microsecond=0), usegmt=True)
        common = {"Date": date, "x-mbx-used-weight": used, "x-mbx-used-weight-1m": used}
        text = json.dumps(body, separators=(",", ":")).encode()
        return Reply(status=status, body=text, headers={**common, **headers})


@cache
def _seeded_tapes(seed: int) -> tuple[Tape, ...]:
    """Made once: nobody writes on a tape."""
    prices = ((BTCUSDT, "86000"), (ETHUSDT, "2210"), (DOGEUSDT, "0.20311"))
    return tuple(
        seeded(listing, start=OPENED_AT, minutes=4 * 1440, price=Decimal(price), seed=seed) for listing, price in prices
    )
