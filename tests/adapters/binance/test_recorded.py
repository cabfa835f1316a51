"""The adapter reads recorded live bodies: rules of 2021 to 2026, Binance.US and testnet, bars, books, tickers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.binance import codec
from engine.adapters.binance.errors import Purpose, TooManyOrders, from_response
from engine.domain.errors import (
    AaitiError,
    ClockSkew,
    InsufficientFunds,
    NotAuthenticated,
    OrderNotFound,
    OrderOutcomeUnknown,
    OrderRejected,
    RateLimited,
    RegionBlocked,
)
from engine.domain.interval import Interval, from_ms

pytestmark = pytest.mark.market_data
NOW = datetime(2026, 11, 22, tzinfo=UTC)
LATE = 4_000_000_000_000
"""Long after every recording: all bars are closed by then."""


@pytest.fixture(scope="session")
def recorded(shared: Path) -> Path:
    return shared / "recorded"


def rest(recorded: Path, name: str) -> Any:
    """A body; some recordings keep the query beside it."""
    live = json.loads((recorded / "rest" / f"{name}.json").read_text())
    return live["body"] if isinstance(live, dict) and "body" in live else live


@pytest.mark.parametrize(
    ("name", "symbol", "rules", "limit"),
    [
        ("exchangeInfo_BTCUSDT_2022-12_basana", "BTCUSDT", ("0.01", "0.00001", "10"), 1200),
        ("exchangeInfo_majors_2021-10-12_cryptofeed", "BTCUSDT", ("0.01", "0.00001", "10"), 1200),
        ("nautilus_2021-10_exchange_info", "BTCUSDT", ("0.01", "0.00001", "10"), 1200),
        ("exchangeInfo_BTCUSD_binanceus_live_2026-09-04", "BTCUSD", ("0.01", "0.00001", "1"), 6000),
        ("exchangeInfo_TSLABUSDT_live_2026-09", "TSLABUSDT", ("0.01", "0.001", "5"), None),
    ],
)
def test_rules(recorded: Path, name: str, symbol: str, rules: tuple[str, str, str], limit: int | None) -> None:
    body = rest(recorded, name)
    usable, _ = codec.instruments(body["symbols"])
    found = {i.symbol: i for i in usable}[symbol]
    assert (found.tick_size, found.lot_step, found.min_notional) == tuple(map(Decimal, rules))
    assert found.trading
    assert codec.weight_limit(body) == limit


@pytest.mark.parametrize(
    "name",
    ["exchangeInfo_majors_2021-10-12_cryptofeed", "exchangeInfo_25symbols_2025-08", "exchangeInfo_roq_2021-10"],
)
def test_every_row_is_either_read_or_refused_with_its_reason(recorded: Path, name: str) -> None:
    rows = rest(recorded, name)["symbols"]
    usable, refused = codec.instruments(rows)
    assert len(usable) + len(refused) == len(rows)
    assert all("tick x lot" in reason for reason in refused.values()), refused
    assert all(i.tick_lot_atoms >= 1 for i in usable)


def test_the_testnet_row_cut_short_is_read_but_not_called_trading(recorded: Path) -> None:
    found = codec.instrument(rest(recorded, "exchangeInfo_row_BTCUSDT_TESTNET_2026-08"))
    assert (found.tick_size, found.lot_step, found.min_notional) == (Decimal("0.01"), Decimal("0.00001"), Decimal(5))
    assert not found.trading  # it does not say so


@pytest.mark.parametrize(
    ("name", "interval", "count"),
    [
        ("klines_BTCUSDT_1h", Interval.H1, 1000),
        ("klines_BTCUSDT_1d", Interval.D1, 365),
        ("klines_BTCUSDT_5m", Interval.M5, None),
        ("klines_BTCUSDT_1m", Interval.M1, None),
        ("klines_ETHBTC_1d", Interval.D1, None),
        ("nautilus_2021-10_klines", Interval.M1, None),
    ],
)
def test_bars(recorded: Path, name: str, interval: Interval, count: int | None) -> None:
    rows = rest(recorded, name)
    bars = codec.bars(rows, "BTCUSDT", interval, LATE)
    assert len(bars) == (count or len(rows))
    assert bars.bar(0).open_at == from_ms(rows[0][0])
    assert [bars.open[0], bars.close[-1], bars.volume[-1]] == [float(x) for x in (rows[0][1], rows[-1][4], rows[-1][5])]
    before_its_close = codec.bars(rows, "BTCUSDT", interval, rows[-1][6])
    assert len(before_its_close) == len(rows) - 1


@pytest.mark.parametrize("name", ["depth_gct", "nautilus_2021-10_depth", "depth_limit1000_NKNUSDT_2021-10_cryptofeed"])
def test_depth(recorded: Path, name: str) -> None:
    body = rest(recorded, name)
    depth = codec.depth(body, "BTCUSDT", NOW)
    assert depth.bids[0].price < depth.asks[0].price
    assert len(depth.bids) == len(body["bids"])
    assert depth.asks[0].quantity == Decimal(body["asks"][0][1])


@pytest.mark.parametrize("name", ["ticker_bookTicker", "nautilus_2021-10_book_ticker"])
def test_quote(recorded: Path, name: str) -> None:
    body = rest(recorded, name)
    quote = codec.quote(body, NOW)
    assert (quote.bid, quote.ask) == (Decimal(body["bidPrice"]), Decimal(body["askPrice"]))
    assert quote.spread_included


@pytest.mark.parametrize(
    "name", [*(f"ticker24hr_{i}" for i in range(5)), "ccxt_ticker24hr_BTCUSDT_2024-03"]
)  # fmt: skip
def test_tickers(recorded: Path, name: str) -> None:
    body = rest(recorded, name)
    for row in body if isinstance(body, list) else [body]:
        ticker = codec.ticker(row)
        assert ticker.low <= ticker.last <= ticker.high
        assert float(ticker.change_ratio) * 100 == pytest.approx(float(row["priceChangePercent"]), abs=0.001)


def test_time(recorded: Path) -> None:
    assert codec.server_time(rest(recorded, "nautilus_2021-10_time")) == from_ms(1633835466289)


EXPECTED: dict[str, type[AaitiError]] = {
    "400_-1013_LOT_SIZE": OrderRejected,
    "400_-1013_MIN_NOTIONAL": OrderRejected,
    "400_-1013_PERCENT_PRICE": OrderRejected,
    "400_-1013_PERCENT_PRICE_BY_SIDE": OrderRejected,
    "400_-1013_duplicate_order_legacy_oco": OrderOutcomeUnknown,
    "400_-1021_ahead_of_server": ClockSkew,
    "400_-1021_outside_recvWindow": ClockSkew,
    "400_-1022_bad_signature": NotAuthenticated,
    "400_-1100_newClientOrderId": OrderRejected,
    "400_-1100_orderId": OrderRejected,
    "400_-1100_quantity": OrderRejected,
    "400_-1102_mandatory_param": OrderRejected,
    "400_-2010_duplicate_order": OrderOutcomeUnknown,
    "400_-2010_insufficient_balance": InsufficientFunds,
    "400_-2011_unknown_order": OrderNotFound,
    "400_-2013_order_does_not_exist": OrderNotFound,
    "401_-2015_key_ip_permissions": NotAuthenticated,
    "403_cloudfront_html": RegionBlocked,
    "418_-1003_ip_banned": RateLimited,
    "418_-1003_ip_banned_2018_wording": RateLimited,
    "429_-1003_weight": RateLimited,
    "429_-1003_weight_2019_wording": RateLimited,
    "429_-1015_too_many_orders": TooManyOrders,
    "451_geo_block": RegionBlocked,
    "502_nginx_html": OrderOutcomeUnknown,
    "5xx_-1007_timeout_unknown": OrderOutcomeUnknown,
}
"""As answers to an order; a duplicate is there already, under our own id. For questions: test_errors.py."""


@pytest.mark.parametrize("name", EXPECTED)
def test_error_bodies(recorded: Path, name: str) -> None:
    live = json.loads((recorded / "errors" / f"{name}.json").read_text())
    text = live["body"] if isinstance(live["body"], str) else json.dumps(live["body"])
    headers = live.get("headers", {})
    # Where the report does not show the status, the documents do.
    status = live["http_status"] or 504
    error = from_response(status, headers, text, what="order BTCUSDT", now=NOW, purpose=Purpose.ORDER)
    assert type(error) is EXPECTED[name]
    if isinstance(live["body"], dict):
        assert live["body"]["msg"] in str(error)


def test_no_recorded_error_is_left_out(recorded: Path) -> None:
    names = {path.stem for path in (recorded / "errors").glob("*.json")}
    assert {name for name in names if not name.startswith(("coingecko_", "wsapi_"))} == set(EXPECTED)
