"""Request weight: so much per clock minute and address; then 429, then 418, longer each time."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.exchange.refusal import Refusal

_MINUTE = 60_000
_SHORTEST_BAN, _LONGEST_BAN = 120, 3 * 86_400


@dataclass(slots=True, kw_only=True)
class Limits:
    """`patience` is how many requests past the limit are answered 429 before the address is banned."""

    weight_per_minute: int = 6000
    patience: int = 3
    used: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    bans: dict[str, int] = field(default_factory=dict)
    banned_until: dict[str, int] = field(default_factory=dict)
    minute: int = 0

    def rate_limits(self) -> list[dict[str, object]]:
        rows = [
            ("REQUEST_WEIGHT", "MINUTE", 1, self.weight_per_minute), ("ORDERS", "SECOND", 10, 100),
            ("ORDERS", "DAY", 1, 200_000), ("RAW_REQUESTS", "MINUTE", 5, 300_000),
        ]  # fmt: skip
        return [dict(zip(("rateLimitType", "interval", "intervalNum", "limit"), row, strict=True)) for row in rows]

    def exhaust(self, address: str, now_ms: int) -> None:
        """The minute's weight is used up: 429 from here on, and 418 for whoever goes on."""
        self._turn(now_ms)
        self.used[address] = self.weight_per_minute

    def ban(self, address: str, now_ms: int, seconds: int = _SHORTEST_BAN) -> None:
        self.banned_until[address] = now_ms + seconds * 1000

    def forgive(self, address: str) -> None:
        for record in (self.banned_until, self.refused, self.bans, self.used):
            record.pop(address, None)

    def _turn(self, now_ms: int) -> None:
        if now_ms // _MINUTE != self.minute:
            self.minute = now_ms // _MINUTE
            self.used.clear()
            self.refused.clear()

    def charge(self, address: str, weight: int, now_ms: int) -> None:
        """Count a request in the minute's fixed window, or refuse it."""
        self._turn(now_ms)
        if now_ms < self.banned_until.get(address, 0):
            raise self._ban(address, now_ms)
        self.used[address] = self.used.get(address, 0) + weight
        if self.used[address] <= self.weight_per_minute:
            return
        self.refused[address] = self.refused.get(address, 0) + 1
        if self.refused[address] > self.patience:
            seconds = min(_SHORTEST_BAN * 2 ** self.bans.get(address, 0), _LONGEST_BAN)
            self.bans[address] = self.bans.get(address, 0) + 1
            self.banned_until[address] = now_ms + seconds * 1000
            raise self._ban(address, now_ms)
        raise Refusal(
            -1003,
            f"Too much request weight used; current limit is {self.weight_per_minute} request weight per 1 MINUTE. "
            "Please use the websocket for live updates to avoid polling the API.",
            status=429,
            headers={"Retry-After": str(max(1, -(-(_MINUTE - now_ms % _MINUTE) // 1000)))},
        )

    def _ban(self, address: str, now_ms: int) -> Refusal:
        until = self.banned_until[address]
        return Refusal(
            -1003,
            f"Way too much request weight used; IP banned until {until}. "
            "Please use the websocket for live updates to avoid bans.",
            status=418,
            headers={"Retry-After": str(max(1, -(-(until - now_ms) // 1000)))},
        )
