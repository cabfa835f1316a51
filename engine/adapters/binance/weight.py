"""The weight budget: Binance allows so much request weight per clock minute and IP; we stop before it has to say so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock

from engine.domain.errors import RateLimited
from engine.domain.interval import iso, to_ms
from engine.ports import Clock

DEFAULT_LIMIT = 6000
MARKET_SHARE, ACCOUNT_SHARE, ORDER_SHARE = 0.8, 0.9, 1.0
"""How much of a minute each kind of request may use up: orders go before questions about them, these before prices."""
_MINUTE_MS = 60_000


class WeightBudget:
    """Counts what a minute's requests weigh, corrected by the venue's own count in each reply's headers.

    A request may use its share of the limit; the rest is kept for more urgent ones. Hosts of one venue share a budget,
    for the limit is per IP. Safe to use from several threads.
    """

    def __init__(self, clock: Clock, *, limit: int = DEFAULT_LIMIT, share: float = MARKET_SHARE) -> None:
        self._clock = clock
        self._limit = limit
        self._share = share
        self._minute = 0
        self._used = 0
        self._blocked_until: datetime | None = None
        self._lock = Lock()

    @property
    def used(self) -> int:
        """Weight used in the current minute, as far as we know."""
        with self._lock:
            self._turn()
            return self._used

    @property
    def limit(self) -> int:
        """Weight that a minute allows."""
        return self._limit

    def set_limit(self, limit: int) -> None:
        """Take over the limit that the venue states."""
        with self._lock:
            self._limit = limit

    def spend(self, weight: int, *, share: float | None = None) -> None:
        """Reserve `weight`; RateLimited, without a request, where the minute or a ban leaves no room for it."""
        with self._lock:
            now = self._turn()
            if self._blocked_until and now < self._blocked_until:
                raise RateLimited(
                    f"Binance asked us to wait until {iso(self._blocked_until)}; no request is sent before",
                    retry_after=(self._blocked_until - now).total_seconds(),
                )
            if self._used + weight > self._limit * (self._share if share is None else share):
                # One second more than the minute has left: the venue's clock is not exactly ours.
                rest = (_MINUTE_MS - to_ms(now) % _MINUTE_MS) / 1000 + 1
                raise RateLimited(
                    f"request weight {self._used} of {self._limit} is used up for this minute; wait {rest:.0f} s",
                    retry_after=rest,
                )
            self._used += weight

    def observe(self, headers: Mapping[str, str]) -> None:
        """Take over the venue's count of this minute from a reply's headers."""
        text = headers.get("X-MBX-USED-WEIGHT-1M", "")
        if not text.isdigit():
            return
        with self._lock:
            self._turn()
            # Requests of other threads may still be under way: the larger count is the safe one.
            self._used = max(self._used, int(text))

    def block(self, seconds: float) -> None:
        """Send nothing for `seconds`: the venue said 429 or 418, and asking on makes the ban longer."""
        with self._lock:
            self._blocked_until = self._clock.now() + timedelta(seconds=seconds)

    def _turn(self) -> datetime:
        now = self._clock.now()
        minute = to_ms(now) // _MINUTE_MS
        if minute != self._minute:
            self._minute, self._used = minute, 0
        return now
