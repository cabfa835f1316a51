"""The exchange without a socket: a request in, a reply out."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from functools import cache
from typing import Any

from tests.exchange.clock import TurnedClock
from tests.exchange.faults import Faults
from tests.exchange.limits import Limits
from tests.exchange.listing import BTCUSDT, DOGEUSDT, ETHUSDT
from tests.exchange.parameters import check
from tests.exchange.refusal import Refusal
from tests.exchange.routes import ROUTES
from tests.exchange.tape import Tape, seeded
from tests.exchange.wire import Reply, Request

OPENED_AT = datetime(2025, 3, 1, tzinfo=UTC)
NOW = datetime(2025, 3, 4, 10, 17, 23, 456000, tzinfo=UTC)
"""Where the clock of the seeded market stands: 3 days and some hours in, in the middle of a minute."""


class Exchange:
    """Listings, prices, limits and faults behind one door. Requests are answered one at a time."""

    def __init__(self, tapes: Iterable[Tape], clock: TurnedClock, *, limits: Limits | None = None) -> None:
        self.tapes: Mapping[str, Tape] = {tape.listing.symbol: tape for tape in tapes}
        self.clock = clock
        self.limits = limits or Limits()
        self.faults = Faults()
        self.requests: list[Request] = []
        self._door = threading.Lock()

    @classmethod
    def seeded(cls, *, seed: int = 7, clock: TurnedClock | None = None, limits: Limits | None = None) -> Exchange:
        """Three instruments with four days of one-minute bars; the clock stands in the fourth."""
        return cls(_seeded_tapes(seed), clock or TurnedClock(NOW), limits=limits)

    @property
    def now_ms(self) -> int:
        return self.clock.ms

    def handle(self, request: Request) -> Reply:
        with self._door:
            self.requests.append(request)
            if spoiled := self.faults.next(request.path):
                return spoiled
            try:
                body, status, headers = self._answer(request), 200, {}
            except Refusal as refusal:
                body, status = {"code": refusal.code, "msg": refusal.message}, refusal.status
                headers = refusal.headers
            return self._reply(request, body, status, headers)

    def paths(self) -> list[str]:
        """Endpoints asked for so far, in order."""
        return [request.path.removeprefix("/api/v3/") for request in self.requests]

    def _answer(self, request: Request) -> Any:
        route = ROUTES.get(request.path) if request.method == "GET" else None
        if route is None:
            raise Refusal(-1, "Not found.", status=404)
        values = check(request.query, route.parameters)
        self.limits.charge(request.address, route.weight(self, values), self.now_ms)
        return route.answer(self, values)

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
