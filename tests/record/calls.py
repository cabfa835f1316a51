"""Every call our adapters make, once: the recorder asks them of a server, the tests of a cassette."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from engine.adapters.binance.market import BinanceMarket
from engine.adapters.binance.transport import Transport as BinanceTransport
from engine.adapters.coingecko.market import CoinGeckoMarket
from engine.adapters.coingecko.transport import Transport as CoinGeckoTransport
from engine.domain.errors import AaitiError
from engine.domain.interval import Interval, parse_time
from engine.ports import Clock

FOLDER = Path(__file__).resolve().parents[1] / "adapters"
SYMBOLS = ("BTCUSDT", "ETHUSDT", "DOGEUSDT")
START, END = parse_time("2025-03-02T00:00Z"), parse_time("2025-03-03T12:00Z")

BINANCE: Mapping[str, Callable[[BinanceMarket], object]] = {
    "server_time": lambda market: market.server_time(),
    "reachability": lambda market: market.reachability(),
    "instruments": lambda market: market.instruments(),
    "bars": lambda market: market.bars("BTCUSDT", Interval.H1, START, END),
    "quote": lambda market: market.quote("ETHUSDT"),
    "depth": lambda market: market.depth("BTCUSDT", 5),
    "tickers": lambda market: market.tickers(SYMBOLS),
    "unknown_symbol": lambda market: _error(lambda: market.quote("NOSUCHUSDT")),
}
COINGECKO: Mapping[str, Callable[[CoinGeckoMarket, datetime], object]] = {
    "quote": lambda market, now: market.quote("BTCUSD"),
    "bars": lambda market, now: market.bars("BTCUSD", Interval.H1, now - timedelta(hours=20), now),
    "prices": lambda market, now: market.prices("ethereum", "USD", now - timedelta(days=3), now),
    "list_of_coins": lambda market, now: market.coin_id("ALPH"),
    "unknown_coin": lambda market, now: _error(lambda: market.price("no-such-coin", "USD")),
}


def binance(clock: Clock, *base_urls: str) -> BinanceMarket:
    return BinanceMarket(BinanceTransport(base_urls, clock=clock, attempts=1), clock=clock, only=SYMBOLS)


def coingecko(clock: Clock, base_url: str) -> CoinGeckoMarket:
    return CoinGeckoMarket(CoinGeckoTransport(clock=clock, base_url=base_url, attempts=1), clock=clock)


def _error(call: Callable[[], object]) -> AaitiError:
    """The error that a call ends with; it is what is recorded of it."""
    try:
        call()
    except AaitiError as error:
        return error
    raise AssertionError("no error came of a name that does not exist")
