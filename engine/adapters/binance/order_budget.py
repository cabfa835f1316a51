"""The order budget: Binance allows so many orders in ten seconds and in a day; we stop before it says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock

from engine.domain.errors import RateLimited
from engine.domain.interval import iso, to_ms
from engine.ports import Clock

_TEN_SECONDS, _DAY = 10_000, 86_400_000
_HEADERS = {_TEN_SECONDS: "X-MBX-ORDER-COUNT-10S", _DAY: "X-MBX-ORDER-COUNT-1D"}
DEFAULT_LIMITS = {_TEN_SECONDS: 50, _DAY: 160_000}
"""The smaller of what is documented and what was seen, until the exchange states its own."""


class OrderBudget:
    """Counts orders in fixed windows, corrected by the exchange's count. The last fifth is kept for exits and stops."""

    def __init__(self, clock: Clock, *, entry_share: float = 0.8) -> None:
        self._clock = clock
        self._entry_share = entry_share
        self._limits = dict(DEFAULT_LIMITS)
        self._windows: dict[int, tuple[int, int]] = {}
        self._blocked_until: datetime | None = None
        self._lock = Lock()

    def set_limits(self, limits: Mapping[int, int]) -> None:
        """Take over the limits that the exchange states: window in milliseconds -> orders."""
        with self._lock:
            self._limits.update({window: limit for window, limit in limits.items() if window in self._limits})

    def spend(self, orders: int, *, entry: bool) -> None:
        """Reserve room for `orders`; RateLimited, without a request, where a window or a refusal leaves none."""
        with self._lock:
            now = self._clock.now()
            if self._blocked_until and now < self._blocked_until:
                wait = (self._blocked_until - now).total_seconds()
                until = iso(self._blocked_until)
                raise RateLimited(f"Binance takes no orders from us before {until}", retry_after=wait)
            for window, limit in self._limits.items():
                used = self._used(window, now)
                if used + orders > (limit * self._entry_share if entry else limit):
                    rest = (window - to_ms(now) % window) / 1000
                    raise RateLimited(
                        f"{used} of {limit} orders are used up for {window // 1000} s; wait {rest:.0f} s",
                        retry_after=rest,
                    )
            for window in self._limits:
                self._windows[window] = (to_ms(now) // window, self._used(window, now) + orders)

    def observe(self, headers: Mapping[str, str]) -> None:
        """Take over the exchange's counts from an order's reply."""
        with self._lock:
            now = self._clock.now()
            for window, name in _HEADERS.items():
                text = headers.get(name, "")
                if text.isdigit():
                    # It goes down when orders fill; requests under way may not be in it yet, at most one at a time.
                    self._windows[window] = (to_ms(now) // window, int(text))

    def block(self, seconds: float) -> None:
        """Place nothing for `seconds`: the exchange said that there were too many orders."""
        with self._lock:
            self._blocked_until = self._clock.now() + timedelta(seconds=seconds)

    def _used(self, window: int, now: datetime) -> int:
        number, count = self._windows.get(window, (0, 0))
        return count if number == to_ms(now) // window else 0
