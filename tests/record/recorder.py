"""Makes every cassette again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from engine.adapters.binance.transport import API_HOST, MARKET_DATA_HOST
from engine.adapters.coingecko.transport import PUBLIC_URL
from tests.adapters.coingecko.site import PriceSite
from tests.exchange import Exchange, LoopbackServer, TurnedClock
from tests.exchange.exchange import NOW
from tests.record import calls
from tests.record.cassette import REAL_HOSTS, TEST_EXCHANGE, deck, secrets, stamp


def record(folder: Path, *, real: bool) -> list[Path]:
    """Write binance/cassettes and coingecko/cassettes under `folder`; each call starts from a fresh market."""
    every = [("binance", name) for name in calls.BINANCE] + [("coingecko", name) for name in calls.COINGECKO]
    return [
        _write(folder / venue / "cassettes" / f"{name}.yaml", _call(venue, name, real), real) for venue, name in every
    ]


def _call(venue: str, name: str, real: bool) -> Callable[[TurnedClock], object]:
    """One call, as a function of the clock it runs under."""

    def run(clock: TurnedClock) -> object:
        with ExitStack() as stack:
            if venue == "binance":
                urls: tuple[str, ...] = (MARKET_DATA_HOST, API_HOST)
                if not real:
                    urls = (stack.enter_context(LoopbackServer(Exchange.seeded(clock=clock).handle)).url,)
                return calls.BINANCE[name](calls.binance(clock, *urls))
            site = PUBLIC_URL if real else stack.enter_context(LoopbackServer(PriceSite(clock).handle)).url + "/api/v3/"
            return calls.COINGECKO[name](calls.coingecko(clock, site), clock.now())

    return run


def _write(path: Path, run: Callable[[TurnedClock], object], real: bool) -> Path:
    # The clock stands still while a call is recorded, so that the same questions are asked when it is played.
    clock = TurnedClock(datetime.now(UTC).replace(microsecond=0) if real else NOW)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with deck("all").use_cassette(str(path)):
        run(clock)
    stamp(path, REAL_HOSTS if real else TEST_EXCHANGE, clock.now())
    if leaked := secrets(path.read_text()):
        path.unlink()
        raise SystemExit(f"{path.name} would hold {leaked}; it was not kept")
    return path
