"""Markets: where prices and rules come from, by source."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

from engine.adapters.archive import ArchiveMarket
from engine.adapters.binance.market import BinanceMarket
from engine.adapters.binance.transport import Transport
from engine.adapters.binance.weight import WeightBudget
from engine.adapters.clock import PacedClock
from engine.adapters.coingecko.market import CoinGeckoMarket
from engine.adapters.coingecko.transport import Transport as GeckoTransport
from engine.adapters.simulated import DESCRIPTION, SimulatedMarket
from engine.bootstrap.stores import Stores
from engine.domain.account import Account, AccountKind, Source
from engine.domain.errors import AaitiError, MissingBars
from engine.domain.instrument import Instrument
from engine.ports import Bars, Clock, MarketData

SIMULATION_START = datetime(2024, 1, 1, tzinfo=UTC)
"""Where the simulated market's clock starts: four years of its bars lie before, to learn from."""
SIMULATED_MARKET = DESCRIPTION
"""What the simulated market is, and what its results show, in sentences for the operator."""


def market_of(
    source: Source | str, stores: Stores, clock: Clock, budget: WeightBudget | None = None
) -> MarketData:  # fmt: skip
    """The market of a source, by this clock; `budget` is the weights of a Binance that was asked before."""
    if source == Source.BINANCE:
        url = stores.settings.binance_url
        transport = Transport((url,), clock=clock, budget=budget) if url else Transport(clock=clock, budget=budget)
        return BinanceMarket(transport, clock=clock)
    if source == Source.TESTNET:
        return BinanceMarket(Transport((stores.settings.testnet.url,), clock=clock, budget=budget), clock=clock)
    if source == Source.SIMULATED:
        return SimulatedMarket(clock)
    if source == Source.COINGECKO:
        url, key = stores.settings.coingecko_url or "", stores.settings.coingecko_key or ""
        return CoinGeckoMarket(GeckoTransport(clock=clock, base_url=url, demo_key=key), clock=clock)
    return ArchiveMarket(stores.bars, clock, str(source))


def instruments_of(
    market: MarketData, account: Account, bars: Bars, in_use: Collection[str] = ()
) -> dict[str, Instrument]:
    """The instruments an account can trade: those its market offers in its quote, remembered for when it is away.

    What it has orders of (`in_use`) is among them even where it is not traded now, or not listed any more.
    """
    try:
        offered = market.instruments()
        bars.write_rules(account.source.value, offered)
    except AaitiError:
        offered = bars.rules(account.source.value)
        if not offered:
            raise
    chosen = {i.symbol: i for i in offered if i.quote == account.quote and (i.trading or i.symbol in in_use)}
    if not chosen:
        raise MissingBars(f"{account.source} offers no instrument quoted in {account.quote}; import or sync some bars")
    gone = set(in_use) - set(chosen)
    if gone:
        stored = {i.symbol: i for i in bars.rules(account.source.value) if i.symbol in gone}
        chosen |= {symbol: replace(i, trading=False) for symbol, i in stored.items()}
    return chosen


def symbols_in_use(account: Account, stores: Stores) -> set[str]:
    """Instruments that the account has ever had an order of, or has a sleeve for."""
    ledger, account_id = stores.ledger, account.account_id
    return {o.symbol for o in ledger.orders(account_id)} | {s.symbol for s in ledger.sleeves(account_id)}


def history(source: str, stores: Stores) -> MarketData:
    """A market for training and backtests: the simulated one's clock stands where its newest account's does."""
    if source != Source.SIMULATED:
        return market_of(source, stores, stores.clock)
    return SimulatedMarket(PacedClock(simulation_now(stores), None))


def simulation_now(stores: Stores) -> datetime:
    """How far the simulated market has come in any paper account: its time never goes back."""
    papers = [a for a in stores.ledger.accounts() if a.kind is AccountKind.PAPER and a.source is Source.SIMULATED]
    marks = [stores.ledger.last_mark(a.account_id) for a in papers]
    return max((mark.at for mark in marks if mark is not None), default=SIMULATION_START)
