"""Bootstrap: the only room that joins ports to adapters."""

from engine.bootstrap.lines import ExchangeLine, line_of, missing_keys
from engine.bootstrap.makers import EngineMakers, make_trader
from engine.bootstrap.markets import SIMULATED_MARKET, SIMULATION_START, history, instruments_of, market_of
from engine.bootstrap.running import ENGINE_LEASE, EngineHandle, make_engine, start_engine
from engine.bootstrap.stores import Stores, console, open_stores
from engine.bootstrap.strategies import strategy_of

__all__ = [
    "ENGINE_LEASE", "SIMULATED_MARKET", "SIMULATION_START", "EngineHandle", "EngineMakers", "ExchangeLine", "Stores",
    "console", "history", "instruments_of", "line_of", "make_engine", "make_trader", "market_of", "missing_keys",
    "open_stores", "start_engine", "strategy_of",
]  # fmt: skip
