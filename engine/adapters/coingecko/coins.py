"""Which coin a symbol means. Ticker symbols are not unique at CoinGecko; coin ids are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.domain.errors import MarketDataError

COINS: Mapping[str, str] = {
    "ADA": "cardano",
    "ATOM": "cosmos",
    "AVAX": "avalanche-2",
    "BCH": "bitcoin-cash",
    "BNB": "binancecoin",
    "BTC": "bitcoin",
    "DOGE": "dogecoin",
    "DOT": "polkadot",
    "ETH": "ethereum",
    "LINK": "chainlink",
    "LTC": "litecoin",
    "SHIB": "shiba-inu",
    "SOL": "solana",
    "TRX": "tron",
    "UNI": "uniswap",
    "USDC": "usd-coin",
    "USDT": "tether",
    "XLM": "stellar",
    "XRP": "ripple",
}
"""The coins we mean without asking."""

QUOTES = ("USD", "EUR", "GBP", "JPY", "BTC", "ETH")
"""Currencies that prices are asked in."""


def split(symbol: str) -> tuple[str, str]:
    """Take a symbol apart, e.g. ETHBTC -> ("ETH", "BTC"); MarketDataError where its quote is none of ours.

    >>> split("BTCUSD")
    ('BTC', 'USD')
    """
    for quote in QUOTES:
        if symbol.endswith(quote) and len(symbol) > len(quote):
            return symbol.removesuffix(quote), quote
    raise MarketDataError(f"{symbol}: CoinGecko's prices come in {', '.join(QUOTES)}; write for example BTCUSD")


def choose(base: str, listed: Iterable[Mapping[str, Any]]) -> str:
    """The one coin that goes by this symbol in `coins/list`; MarketDataError where there are several or none."""
    ids = sorted(str(coin["id"]) for coin in listed if str(coin.get("symbol", "")).upper() == base)
    if len(ids) == 1:
        return ids[0]
    if not ids:
        raise MarketDataError(f"{base}: CoinGecko lists no coin of that symbol")
    few = ", ".join(ids[:5]) + (", ..." if len(ids) > 5 else "")
    raise MarketDataError(f"{base}: {len(ids)} coins go by that symbol ({few}); name one in the coins setting")
