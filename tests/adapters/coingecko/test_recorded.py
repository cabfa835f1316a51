"""The adapter reads recorded live bodies of CoinGecko."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.coingecko import codec
from engine.adapters.coingecko.errors import from_response
from engine.domain.errors import AaitiError, MarketDataError, RateLimited
from engine.domain.interval import Interval, from_ms

pytestmark = pytest.mark.market_data


def live(shared: Path, name: str) -> Any:
    return json.loads((shared / "recorded" / f"{name}.json").read_text(), parse_float=Decimal)


def test_daily_prices_lose_the_point_that_was_now(shared: Path) -> None:
    body = live(shared, "coingecko/market_chart_alephium_btc_days5_daily_2023-12")
    series = codec.prices(body, "alephium", "BTC")
    assert (series.step, len(series.points)) == (timedelta(days=1), len(body["prices"]) - 1)
    assert series.points[0].price == Decimal("0.000016446899669484214")


def test_four_hour_bars(shared: Path) -> None:
    rows = live(shared, "coingecko/ohlc_rublix_usd_days7_2021-07")
    now = from_ms(rows[-1][0])
    bars = codec.bars(rows, "RBLXUSD", Interval.H4, now - timedelta(days=30), now)
    assert len(bars) == len(rows) == 10
    assert bars.bar(1).open_at + Interval.H4.duration == from_ms(rows[1][0])
    assert [bars.open[1], bars.high[1], bars.low[1], bars.close[1]] == [0.013005, 0.013017, 0.013001, 0.013017]


def test_a_price_without_age_is_refused(shared: Path) -> None:
    """The recording did not ask for last_updated_at; we always do."""
    recordings = live(shared, "coingecko/simple_price_multi_2025-01")
    body = _body(recordings[0])
    assert "bitcoin" in body
    with pytest.raises(MarketDataError, match="does not say how old"):
        codec.price(body, "bitcoin", "ETH")
    aged = {coin: row | {"last_updated_at": 1737582379} for coin, row in body.items()}
    assert codec.price(aged, "bitcoin", "ETH").price == body["bitcoin"]["eth"]


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("coingecko_401_10012_time_range", MarketDataError, "365 days"),
        ("coingecko_429_rate_limit", RateLimited, "exceeded the Rate Limit"),
    ],
)
def test_error_bodies(shared: Path, name: str, kind: type[AaitiError], words: str) -> None:
    recording = live(shared, f"errors/{name}")
    error = from_response(recording["http_status"], {}, json.dumps(recording["body"]), what="prices")
    assert type(error) is kind
    assert words in str(error)


def _body(recording: dict[str, Any]) -> Any:
    body = recording.get("body", recording.get("response_body"))
    return json.loads(body, parse_float=Decimal) if isinstance(body, str) else body
