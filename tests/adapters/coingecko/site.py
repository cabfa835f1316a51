"""A CoinGecko-dialect site without a socket: the paths we ask for, and its three shapes of error."""

from __future__ import annotations

import json
import math
import re
from email.utils import format_datetime
from typing import Any

from tests.exchange.clock import TurnedClock
from tests.exchange.faults import Faults
from tests.exchange.wire import Reply, Request

COINS = [
    {"id": "bitcoin", "symbol": "btc", "name": "Bitcoin"},
    {"id": "ethereum", "symbol": "eth", "name": "Ethereum"},
    {"id": "alephium", "symbol": "alph", "name": "Alephium"},
    {"id": "wisdom-alpha", "symbol": "twin", "name": "Twin One"},
    {"id": "twin-two", "symbol": "twin", "name": "Twin Two"},
]
LEVELS = {"bitcoin": 86000.0, "ethereum": 2210.0, "alephium": 0.00001644}
_MINUTE, _DAY = 60_000, 86_400_000
_PATH = re.compile(r"/api/v3/coins/([a-z0-9-]+)/(ohlc|market_chart/range)")


class PriceSite:
    """Prices are a fixed curve in time, so every answer follows from the clock."""

    def __init__(self, clock: TurnedClock) -> None:
        self.clock = clock
        self.faults = Faults()
        self.requests: list[Request] = []

    def handle(self, request: Request) -> Reply:
        self.requests.append(request)
        if spoiled := self.faults.next(request):
            return spoiled.reply
        status, body = self._answer(request.path, dict(request.query))
        date = format_datetime(self.clock.now().replace(microsecond=0), usegmt=True)
        text = json.dumps(body, separators=(",", ":")).encode()
        return Reply(status=status, body=text, headers={"Date": date}, content_type="application/json; charset=utf-8")

    def _answer(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        if path == "/api/v3/coins/list":
            return 200, COINS
        if path == "/api/v3/simple/price":
            known = [coin for coin in query["ids"].split(",") if coin in LEVELS]
            # The price is a minute old, as a cache's is; an unknown coin is absent.
            at = self.clock.ms // 1000 - 60
            return 200, {c: {query["vs_currencies"]: price(c, at * 1000), "last_updated_at": at} for c in known}
        if (found := _PATH.fullmatch(path)) and found[1] in LEVELS:
            return self._ohlc(found[1], query) if found[2] == "ohlc" else self._range(found[1], query)
        return 404, {"error": "coin not found"}

    def _ohlc(self, coin: str, query: dict[str, str]) -> tuple[int, Any]:
        """Rows carry their close; the first is cut by the window, the last ends now."""
        if query["days"] not in ("1", "7", "14", "30", "90", "180", "365"):
            return 400, {"error": "Invalid days parameter"}
        days, now = int(query["days"]), self.clock.ms
        step = 30 * _MINUTE if days <= 2 else 240 * _MINUTE if days <= 30 else 4 * _DAY
        since = now - days * _DAY
        closes = [*range((since // step + 1) * step, now + 1, step), now]
        rows = []
        for closed in closes:
            opened = max(since, (closed - 1) // step * step)
            path = [price(coin, ms) for ms in range(opened, closed + 1, 5 * _MINUTE)]
            rows.append([closed, path[0], max(path), min(path), path[-1]])
        return 200, rows

    def _range(self, coin: str, query: dict[str, str]) -> tuple[int, Any]:
        start, end = int(query["from"]) * 1000, min(int(query["to"]) * 1000, self.clock.ms)
        if self.clock.ms - start > 365 * _DAY:
            return 401, {
                "error": {"status": {"error_code": 10012, "error_message": "Your request exceeds the time range."}}
            }
        step = 5 * _MINUTE if end - start <= _DAY else 60 * _MINUTE if end - start <= 90 * _DAY else _DAY
        times = list(range(-(-start // step) * step, end + 1, step))
        if end == self.clock.ms and times[-1] != end:
            times.append(end)
        return 200, {
            "prices": [[ms, price(coin, ms)] for ms in times],
            "market_caps": [[ms, 1e9] for ms in times],
            "total_volumes": [[ms, 1e7] for ms in times],
        }


def price(coin: str, ms: int) -> float:
    """A level that swings over hours and days."""
    hours = ms / 3_600_000
    swing = 1 + 0.02 * math.sin(hours / 7) + 0.005 * math.sin(hours * 2.3)
    return float(f"{LEVELS[coin] * swing:.12g}")
