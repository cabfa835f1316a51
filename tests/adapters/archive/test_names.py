"""File names as people have them."""

from __future__ import annotations

import pytest

from engine.adapters.archive.names import Named, from_file_name, from_pair
from engine.domain.errors import MarketDataError
from engine.domain.interval import Interval


@pytest.mark.parametrize(
    ("name", "symbol", "interval"),
    [
        ("BTCUSDT-1h.parquet", "BTCUSDT", Interval.H1),
        ("BTCUSDT-1h-2025-01.csv", "BTCUSDT", Interval.H1),
        ("BTCUSDT-15m-2025-01-24.csv", "BTCUSDT", Interval.M15),
        ("btcusdt-1d.csv", "BTCUSDT", Interval.D1),
        ("BTC_USDT-1h.feather", "BTCUSDT", Interval.H1),
        ("Binance_BTCUSDT_1h.csv", "BTCUSDT", Interval.H1),
        ("Binance_BTCUSDT_d.csv", "BTCUSDT", Interval.D1),
        ("Binance_ETHBTC_2023_minute.csv", "ETHBTC", Interval.M1),
        ("Bitstamp_BTCUSD_hourly.csv", "BTCUSD", Interval.H1),
        ("BTCUSDT_4h.csv", "BTCUSDT", Interval.H4),
        ("FOO_BAR-1h.csv", "FOOBAR", Interval.H1),
        ("BTC_USDT.csv", "BTCUSDT", None),
        ("BTCUSDT-1M.csv", "BTCUSDT", None),
        ("BTCUSDT-1w.csv", "BTCUSDT", None),
        ("prices.csv", None, None),
        ("export-2025-01.csv", None, None),
    ],
)
def test_symbol_and_interval_are_read_from_the_name(name: str, symbol: str | None, interval: Interval | None) -> None:
    found = from_file_name(name)
    assert (found.symbol, found.interval) == (symbol, interval)


def test_futures_are_refused() -> None:
    with pytest.raises(MarketDataError, match="futures data; AAITI trades spot"):
        from_file_name("BTC_USDT_USDT-1h-futures.feather")


def test_a_pair_with_a_separator_needs_no_known_quote() -> None:
    assert from_pair("foo/bar") == Named(symbol="FOOBAR", pair=("FOO", "BAR"))
    assert from_pair("FOOBAR").symbol is None
    assert from_pair("../../etc").symbol is None
