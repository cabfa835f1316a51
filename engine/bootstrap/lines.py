"""Lines: an account's way to its exchange, with the keys for it: prices and orders over one budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.adapters.binance.market import BinanceMarket
from engine.adapters.binance.market_stream import MarketStream
from engine.adapters.binance.signed import SignedTransport
from engine.adapters.binance.signing import api_key
from engine.adapters.binance.streamed import StreamedMarket
from engine.adapters.binance.transport import Transport
from engine.adapters.binance.user_stream import UserStream
from engine.adapters.binance.venue import BinanceVenue
from engine.adapters.binance.weight import WeightBudget
from engine.bootstrap.markets import instruments_of, symbols_in_use
from engine.bootstrap.stores import Stores
from engine.domain.account import Account, AccountKind
from engine.domain.errors import ConfigurationError
from engine.domain.instrument import Instrument
from engine.settings import Settings, VenueSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeLine:
    """`venue` is not started yet; `market` takes from its stream what that has brought, and asks for the rest."""

    market: StreamedMarket
    instruments: Mapping[str, Instrument]
    venue: BinanceVenue


def missing_keys(settings: Settings, kind: AccountKind) -> str | None:
    """Which variables to set before an account of that kind can be opened; None where nothing is missing."""
    if not kind.at_exchange or settings_of(settings, kind).has_key:
        return None
    name = settings_of(settings, kind).variable
    return (
        f"no {kind.lower()} key is set: put {name}_KEY and {name}_SECRET (or {name}_PRIVATE_KEY, Ed25519) into the "
        "environment or .streamlit/secrets.toml, and start again"
    )


def settings_of(settings: Settings, kind: AccountKind) -> VenueSettings:
    """Where accounts of that kind trade."""
    return settings.live if kind is AccountKind.LIVE else settings.testnet


def line_of(account: Account, stores: Stores, budget: WeightBudget | None = None) -> ExchangeLine:
    """Ask the account's exchange for its rules and make ready to order there; ConfigurationError without keys.

    Prices and orders go to one host and share its weights: `budget`, where lines to it were made before. The venue
    knows what the ledger knows.
    """
    if missing := missing_keys(stores.settings, account.kind):
        raise ConfigurationError(missing)
    where, clock = settings_of(stores.settings, account.kind), stores.clock
    key = api_key(
        key=where.key or "", secret=where.secret, private_key=where.private_key, variable=where.variable
    )  # fmt: skip
    budget = budget or WeightBudget(clock)
    market = BinanceMarket(Transport((where.url,), clock=clock, budget=budget), clock=clock)
    instruments = instruments_of(market, account, stores.bars, symbols_in_use(account, stores))
    transport = SignedTransport(where.url, key, clock=clock, budget=budget)
    prices = MarketStream(where.stream_url, clock=clock)
    venue = BinanceVenue(
        account, instruments, transport, clock=clock, market_stream=prices,
        stream=UserStream(where.ws_api_url, key, transport.time),
    )  # fmt: skip
    venue.remember(stores.ledger.orders(account.account_id), stores.ledger.fills(account.account_id))
    return ExchangeLine(
        market=StreamedMarket(market, prices, clock=clock), instruments=instruments, venue=venue
    )  # fmt: skip
