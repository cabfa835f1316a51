"""The unfilled order count of an account: up by one for each order, down at its first fill; per clock window."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.exchange.refusal import Refusal

_WINDOWS = (("10 SECOND", "10S", 10_000), ("1 DAY", "1D", 86_400_000))
_AS_TAKER, _AS_MAKER = 1, 5


@dataclass(slots=True, kw_only=True)
class OrderCounts:
    limits: tuple[int, int] = (100, 200_000)
    counts: list[int] = field(default_factory=lambda: [0, 0])
    windows: list[int] = field(default_factory=lambda: [0, 0])

    def at(self, now_ms: int) -> list[int]:
        for i, (_, _, length) in enumerate(_WINDOWS):
            if now_ms // length != self.windows[i]:
                self.windows[i], self.counts[i] = now_ms // length, 0
        return self.counts

    def allow(self, orders: int, now_ms: int) -> None:
        """Refuse what would go over; the window's rest is what Retry-After says."""
        for i, count in enumerate(self.at(now_ms)):
            name, _, length = _WINDOWS[i]
            if count + orders > self.limits[i]:
                message = f"Too many new orders; current limit is {self.limits[i]} orders per {name}."
                wait = max(1, -(-(length - now_ms % length) // 1000))
                raise Refusal(-1015, message, status=429, headers={"Retry-After": str(wait)})

    def placed(self, orders: int, now_ms: int) -> None:
        self.counts = [count + orders for count in self.at(now_ms)]

    def first_fill(self, *, maker: bool, now_ms: int) -> None:
        self.counts = [max(0, count - (_AS_MAKER if maker else _AS_TAKER)) for count in self.at(now_ms)]

    def headers(self, now_ms: int) -> dict[str, str]:
        at = self.at(now_ms)
        return {f"x-mbx-order-count-{short.lower()}": str(at[i]) for i, (_, short, _) in enumerate(_WINDOWS)}

    def rows(self, now_ms: int) -> list[dict[str, object]]:
        spans = (("SECOND", 10), ("DAY", 1))
        return [
            {
                "rateLimitType": "ORDERS", "interval": interval, "intervalNum": number,
                "limit": self.limits[i], "count": self.at(now_ms)[i],
            }
            for i, (interval, number) in enumerate(spans)
        ]  # fmt: skip
