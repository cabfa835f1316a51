"""Every fault by name, thrown with dice: the same seed throws the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from tests.exchange.account import Account
from tests.exchange.exchange import Exchange
from tests.exchange.faults import CLOUDFRONT_403, NGINX_502, Fault
from tests.exchange.listing import Listing
from tests.exchange.orders import STOPS


class Kind(StrEnum):
    """One column of the fault matrix."""

    REPLY_LOST = "reply lost after accept"
    REQUEST_LOST = "request lost"
    REPLY_SLOW = "reply past the timeout"
    REQUEST_LATE = "request past the timeout"
    ERROR_BEFORE = "5xx before acceptance"
    ERROR_AFTER = "5xx after acceptance"
    UNEXPECTED = "-1006"
    BACKEND_TIMEOUT = "-1007"
    NOT_FOUND_YET = "-2013 after a fill"
    TOO_FAST = "429"
    BANNED = "418"
    CLOCK_AHEAD = "-1021 ahead"
    CLOCK_OUTSIDE = "-1021 outside"
    CLOCK_DRIFT = "clock drift"
    HALF_OPEN = "half-open socket"
    STREAM_ENDED = "stream terminated"
    EVENTS_DROPPED = "user events dropped"
    EVENTS_DUPLICATED = "user events duplicated"
    EVENTS_REORDERED = "user events reordered"
    STOP_TRIGGERED = "a triggered stop's double NEW"
    PARTIAL_FILL = "partial fill"
    EXPIRED_WITH_FILLS = "EXPIRED with fills"
    FILTER_CHANGED = "filter change"
    HALTED = "symbol HALT"
    REGION_BLOCKED = "region block 451"
    HTML_BODY = "HTML body"
    KEY_REVOKED = "key revoked"
    TESTNET_RESET = "testnet reset"


def _five_hundred(dice: random.Random) -> Fault:
    """nginx in HTML, or the exchange's own words."""
    words = "An unknown error occurred while processing the request."
    return dice.choice((Fault.page(502, NGINX_502), Fault.error(500, -1000, words), Fault.overloaded()))


def _either(dice: random.Random, fault: Fault) -> Fault:
    return fault.after() if dice.random() < 0.5 else fault


ON_THE_LINE: dict[Kind, Callable[[random.Random], Fault]] = {
    Kind.REPLY_LOST: lambda dice: Fault.lost_reply(),
    Kind.REQUEST_LOST: lambda dice: Fault.lost_request(),
    Kind.REPLY_SLOW: lambda dice: Fault.slow_reply(dice.choice((11.0, 15.0, 30.0))),
    Kind.REQUEST_LATE: lambda dice: Fault.late_request(round(dice.uniform(1.0, 20.0), 3)),
    Kind.ERROR_BEFORE: _five_hundred,
    Kind.ERROR_AFTER: lambda dice: _five_hundred(dice).after(),
    Kind.UNEXPECTED: lambda dice: _either(dice, Fault.unexpected()),
    Kind.BACKEND_TIMEOUT: lambda dice: _either(dice, Fault.timed_out()),
    Kind.CLOCK_AHEAD: lambda dice: Fault.clock(ahead=True),
    Kind.CLOCK_OUTSIDE: lambda dice: Fault.clock(ahead=False),
    Kind.REGION_BLOCKED: lambda dice: Fault.region_block(),
    Kind.HTML_BODY: lambda dice: Fault.page(403, CLOUDFRONT_403),
}
"""Those that spoil single requests, with the dice that choose how."""


@dataclass(slots=True, eq=False)
class Switchboard:
    """Throws faults at one account's symbol. `thrown` says what, in order; `heal` makes everything good again."""

    exchange: Exchange
    account: Account
    symbol: str
    seed: int
    address: str = "127.0.0.1"
    thrown: list[Kind] = field(default_factory=list)
    dice: random.Random = field(init=False)
    _listing: Listing = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self._listing = self.exchange.listings[self.symbol]

    def throw(self, kind: Kind, *, path: str | None = None, method: str | None = None, times: int = 1) -> None:
        """Switch one fault on. `path` and `method` limit those that spoil requests, e.g. "order", "POST"."""
        self.thrown.append(kind)
        if kind in ON_THE_LINE:
            for _ in range(times):
                self.exchange.faults.add(ON_THE_LINE[kind](self.dice).on(path, method))
            return
        _LASTING[kind](self, times)

    def heal(self) -> None:
        """Faults end, rules and rights are as they were, the ban is lifted. What happened stays."""
        self.exchange.faults.clear()
        self.exchange.limits.forgive(self.address)
        self.exchange.relist(self._listing)
        self.exchange.floor.shares.clear()
        self.account.key.rights.revoked = False
        self.account.inbox.faults.clear()

    def _hide(self, times: int) -> None:
        self.exchange.faults.lookup_lag = 3.0

    def _too_fast(self, times: int) -> None:
        self.exchange.limits.exhaust(self.address, self.exchange.now_ms)

    def _ban(self, times: int) -> None:
        self.exchange.limits.ban(self.address, self.exchange.now_ms)

    def _drift(self, times: int) -> None:
        self.exchange.faults.drift_ms += self.dice.choice((-4000, -1500, -400, 400, 1500, 4000))

    def _half_open(self, times: int) -> None:
        """Every line and subscription that is open now stays silent for good; new ones work."""
        for subscription in self.account.inbox.subscriptions:
            subscription.silent = True
        for line in self.exchange.lines:
            line.silent = True

    def _end_streams(self, times: int) -> None:
        self.account.inbox.terminate(self.exchange.now_ms)

    def _drop(self, times: int) -> None:
        self.account.inbox.faults.drop += times

    def _duplicate(self, times: int) -> None:
        self.account.inbox.faults.duplicate += times

    def _reorder(self, times: int) -> None:
        self.account.inbox.faults.hold += times

    def _trigger(self, times: int) -> None:
        """Take the market to the account's nearest stop, if it has one."""
        orders = self.exchange.truth(self.account).open_orders(self.symbol)
        waiting = [order for order in orders if order.type in STOPS and order.status == "NEW" and not order.working]
        if waiting:
            self.exchange.move(self.symbol, self.dice.choice(waiting).stop_price)

    def _thin(self, times: int) -> None:
        self.exchange.thin(self.symbol, Decimal(self.dice.randrange(5, 96)) / 100)

    def _change_filters(self, times: int) -> None:
        lot = self._listing.lot * self.dice.choice((10, 100))
        self.exchange.relist(replace(self._listing, lot=lot, min_notional=self._listing.min_notional * 2))

    def _halt(self, times: int) -> None:
        self.exchange.halt(self.symbol)

    def _revoke(self, times: int) -> None:
        self.account.key.rights.revoked = True
        self.account.inbox.terminate(self.exchange.now_ms)

    def _reset(self, times: int) -> None:
        self.exchange.reset()


_LASTING: dict[Kind, Callable[[Switchboard, int], None]] = {
    Kind.NOT_FOUND_YET: Switchboard._hide, Kind.TOO_FAST: Switchboard._too_fast, Kind.BANNED: Switchboard._ban,
    Kind.CLOCK_DRIFT: Switchboard._drift, Kind.HALF_OPEN: Switchboard._half_open,
    Kind.STREAM_ENDED: Switchboard._end_streams, Kind.EVENTS_DROPPED: Switchboard._drop,
    Kind.EVENTS_DUPLICATED: Switchboard._duplicate, Kind.EVENTS_REORDERED: Switchboard._reorder,
    Kind.STOP_TRIGGERED: Switchboard._trigger, Kind.PARTIAL_FILL: Switchboard._thin,
    Kind.EXPIRED_WITH_FILLS: Switchboard._thin, Kind.FILTER_CHANGED: Switchboard._change_filters,
    Kind.HALTED: Switchboard._halt, Kind.KEY_REVOKED: Switchboard._revoke, Kind.TESTNET_RESET: Switchboard._reset,
}  # fmt: skip
