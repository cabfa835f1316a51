"""The test exchange against recorded live bodies: the same fields, in the same order, of the same JSON types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.exchange import Exchange
from tests.exchange.wire import Request

# Their recorder sorted the keys: fields and types are compared there, not their order.
SORTED_BY_RECORDER = {
    "avgPrice", "aggTrades", "trades", "ticker24hr_0", "ticker24hr_1", "ticker24hr_2", "ticker24hr_3", "ticker24hr_4",
    "ticker_bookTicker", "ticker_price", "depth_gct", "exchangeInfo_25symbols_2025-08",
}  # fmt: skip
# Fields that came later than the recording.
SINCE = frozenset({"closeTime", "opoAllowed", "pegInstructionsAllowed"})

ONE = {"symbol": "BTCUSDT"}
CASES = [
    ("nautilus_2021-10_time", "time", {}),
    ("nautilus_2021-10_avg_price", "avgPrice", ONE),
    ("nautilus_2021-10_book_ticker", "ticker/bookTicker", ONE),
    ("nautilus_2021-10_ticker_price", "ticker/price", ONE),
    ("nautilus_2021-10_depth", "depth", ONE),
    ("nautilus_2021-10_klines", "klines", ONE | {"interval": "1m"}),
    ("nautilus_2021-10_trades", "trades", ONE),
    ("nautilus_2021-10_agg_trades", "aggTrades", ONE),
    ("klines_BTCUSDT_1h", "klines", ONE | {"interval": "1h"}),
    ("klines_BTCUSDT_1d", "klines", ONE | {"interval": "1d"}),
    ("klines_BTCUSDT_5m", "uiKlines", ONE | {"interval": "5m"}),
    ("depth_limit1000_NKNUSDT_2021-10_cryptofeed", "depth", ONE | {"limit": "1000"}),
    ("depth_gct", "depth", ONE),
    ("avgPrice", "avgPrice", ONE),
    ("aggTrades", "aggTrades", ONE),
    ("trades", "trades", ONE),
    ("ticker_bookTicker", "ticker/bookTicker", ONE),
    ("ticker_price", "ticker/price", ONE),
    ("ticker24hr_0", "ticker/24hr", ONE),
    ("ticker24hr_2", "ticker/24hr", ONE),
    ("ticker24hr_4", "ticker/24hr", {"symbols": '["BTCUSDT","ETHUSDT"]'}),
    ("ccxt_ticker24hr_BTCUSDT_2024-03", "ticker/24hr", ONE),
    ("exchangeInfo_BTCUSD_binanceus_live_2026-09-04", "exchangeInfo", ONE),
    ("exchangeInfo_TSLABUSDT_live_2026-09", "exchangeInfo", ONE),
    ("exchangeInfo_25symbols_2025-08", "exchangeInfo", ONE),
]


def shape(value: Any) -> Any:
    """What a JSON value is made of: field names in order, types, decimals told apart from other texts."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    if isinstance(value, list):
        kinds = [shape(part) for part in value]
        # A list of rows of one kind counts as one row; a row of mixed types (a kline) keeps its columns.
        return kinds[:1] if all(kind == kinds[0] for kind in kinds) else kinds
    if isinstance(value, str):
        return "decimal" if value.replace(".", "", 1).lstrip("-").isdigit() else "text"
    return type(value).__name__


def row(body: Any) -> Any:
    """One row of a list; of exchangeInfo its first symbol, its filters by name and its first rate limit.

    How many symbols and limits there are, and which filters a symbol has, differs from recording to recording.
    """
    if isinstance(body, list):
        return {"row": body[0]}
    if "symbols" not in body:
        return body
    first = dict(body["symbols"][0])
    first["filters"] = {f["filterType"]: f for f in first["filters"]}
    return body | {"symbols": first, "rateLimits": (body["rateLimits"] or [{}])[0]}


def same(ours: Any, theirs: Any, where: str, *, ordered: bool, since: frozenset[str] = SINCE) -> None:
    """Compare shapes field by field, so that a difference is named. What is empty says nothing of its rows."""
    if not ours or not theirs:
        return
    if not isinstance(theirs, dict) or not isinstance(ours, dict):
        assert ours == theirs, where
        return
    if where.endswith(".filters"):
        both = [key for key in theirs if key in ours]
        assert {"PRICE_FILTER", "LOT_SIZE"} <= set(both)
        ours, theirs = {key: ours[key] for key in both}, {key: theirs[key] for key in both}
    mine = [key for key in ours if key in theirs or key not in since]
    assert (mine if ordered else sorted(mine)) == (list(theirs) if ordered else sorted(theirs)), where
    for key, part in theirs.items():
        same(ours[key], part, f"{where}.{key}", ordered=ordered, since=since)


@pytest.mark.market_data
@pytest.mark.parametrize(("recording", "path", "query"), CASES, ids=[case[0] for case in CASES])
def test_speaks_as_the_real_one(shared: Path, recording: str, path: str, query: dict[str, str]) -> None:
    live = json.loads((shared / "recorded" / "rest" / f"{recording}.json").read_text())
    theirs = shape(row(live["body"] if isinstance(live, dict) and "body" in live else live))
    reply = Exchange.seeded().handle(Request(method="GET", path=f"/api/v3/{path}", query=tuple(query.items())))
    ours = shape(row(json.loads(reply.body)))
    same(ours, theirs, recording, ordered=recording not in SORTED_BY_RECORDER)


def test_a_difference_would_be_seen() -> None:
    live = {"symbol": "BTCUSDT", "bidPrice": "1.0"}
    for ours in (
        {"bidPrice": "1.0", "symbol": "BTCUSDT"},
        {"symbol": "BTCUSDT"},
        live | {"bidPrice": 1.0},
        live | {"x": 1},
    ):
        with pytest.raises(AssertionError):
            same(shape(ours), shape(live), "here", ordered=True)
