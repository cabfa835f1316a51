"""`doctor`: check the set-up; each check says whether it holds, and what to do where not."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from importlib.util import find_spec

from engine.adapters.binance.market import BinanceMarket
from engine.adapters.database.migrate import current, latest
from engine.bootstrap import Stores, market_of, open_stores
from engine.cli import doctor_exchange
from engine.domain.account import Source
from engine.domain.errors import AaitiError
from engine.settings import Settings, load

_LEAST_FREE_BYTES = 500_000_000
_NEEDED = ("numpy", "pandas", "sklearn", "talib", "numba", "skops", "sqlalchemy", "apscheduler", "streamlit", "binance")
Verdict = tuple[bool, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("--offline", action="store_true", help="do not ask Binance")


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Check everything; `ok` where every required check holds (a source that is away is only told)."""
    settings = load()
    checks = [
        _check("python", True, _python),
        _check("packages", True, _packages),
        _check("home", True, lambda: _home(settings)),
        _check("database", True, lambda: _database(settings)),
    ]
    if all(c["ok"] for c in checks):
        with open_stores(settings) as stores:
            checks.append(_check("engine", False, lambda: _engine(stores)))
            checks.append(_check("bars", False, lambda: _bars(stores)))
            if not options.offline:
                checks.append(_check("binance", False, lambda: _binance(stores)))
            checks += [
                {"name": name, "ok": ok, "required": required, "detail": detail}
                for name, required, ok, detail in doctor_exchange.look(stores, offline=options.offline)
            ]
    return {"ok": all(c["ok"] for c in checks if c["required"]), "checks": checks}


def _check(name: str, required: bool, ask: Callable[[], Verdict]) -> dict[str, object]:
    try:
        ok, detail = ask()
    except (AaitiError, OSError) as error:
        ok, detail = False, str(error)
    return {"name": name, "ok": ok, "required": required, "detail": detail}


def _python() -> Verdict:
    return sys.version_info >= (3, 11), f"Python {sys.version.split()[0]}; 3.11 or newer is needed"


def _packages() -> Verdict:
    missing = [name for name in _NEEDED if find_spec(name) is None]
    return not missing, f"missing: {', '.join(missing)}; run `make run`" if missing else "all there"


def _home(settings: Settings) -> Verdict:
    settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free
    if not os.access(settings.home, os.W_OK):
        return False, f"{settings.home} cannot be written; choose another AAITI_HOME"
    enough = free > _LEAST_FREE_BYTES
    return enough, f"{settings.home}, {free / 1e9:.1f} GB free" + ("" if enough else "; make room")


def _database(settings: Settings) -> Verdict:
    found, needed = current(settings.database_url), latest()
    if found == needed:
        return True, f"revision {found}"
    return False, f"revision {found}, needed {needed}: run `python -m engine migrate`"


def _engine(stores: Stores) -> Verdict:
    beat = stores.board.heartbeat()
    if beat is None:
        return False, "no engine has run yet; start the console with `make run`"
    age = stores.clock.now() - beat.at
    return age < timedelta(seconds=15), f"last sign of life {age.total_seconds():.0f} s ago by {beat.owner}"


def _bars(stores: Stores) -> Verdict:
    series = [c for source in Source for c in stores.bars.coverage(source.value)]
    total = sum(c.n_bars for c in series)
    words = f"{total:,} bars in {len(series)} series"
    return bool(series), words if series else "none; import files, or sync on the market page"


def _binance(stores: Stores) -> Verdict:
    market = market_of(Source.BINANCE, stores, stores.clock)
    assert isinstance(market, BinanceMarket), "the BINANCE source is Binance"
    answer = market.reachability()
    return answer.ok, answer.message


def words(result: Mapping[str, object]) -> Iterator[str]:
    """The result for a person."""
    checks = result["checks"]
    if isinstance(checks, list):
        yield from (f"{'ok ' if c['ok'] else 'NO '} {c['name']}: {c['detail']}" for c in checks)
