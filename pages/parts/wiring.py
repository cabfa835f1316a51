"""The one place where pages get their ports; tests put their own there with `use`."""

from __future__ import annotations

from threading import Lock

from engine import bootstrap
from engine.domain.account import Source
from engine.queries.console import Console, Screens
from engine.queries.screen_bars import ScreenBars, SimulationClock

_lock = Lock()
_given: list[Console] = []


def console() -> Console:
    """The process's console, joined on first use."""
    with _lock:
        if not _given:
            _given.append(_join())
        return _given[0]


def use(given: Console | None) -> None:
    """Put `given` in place of the real one; None forgets it."""
    with _lock:
        _given[:] = [] if given is None else [given]


def _join() -> Console:
    stores = bootstrap.console()
    clock = SimulationClock(stores.board, stores.ledger, bootstrap.SIMULATION_START)
    market = bootstrap.market_of(Source.SIMULATED, stores, clock)
    return Screens(
        board=stores.board, ledger=stores.ledger, models=stores.models, trials=stores.trials,
        reads=stores.reads, clock=stores.clock, bars=ScreenBars(stores.bars, market, clock),
    )  # fmt: skip
