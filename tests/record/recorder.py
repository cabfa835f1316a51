"""Makes every cassette again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from engine.adapters.binance.signing import api_key
from engine.adapters.binance.transport import API_HOST, MARKET_DATA_HOST
from engine.adapters.coingecko.transport import PUBLIC_URL
from engine.domain.errors import ConfigurationError
from engine.settings import VenueSettings, load
from tests.adapters.coingecko.site import PriceSite
from tests.exchange import Exchange, LoopbackServer, TurnedClock
from tests.exchange.exchange import NOW
from tests.record import calls
from tests.record.cassette import REAL_HOSTS, TEST_EXCHANGE, deck, secrets, stamp
from tests.record.orders import ORDERS, Caller


def record(folder: Path, *, real: bool) -> list[Path]:
    """Write binance/cassettes and coingecko/cassettes under `folder`; each call starts from a fresh market."""
    every = [("binance", name) for name in calls.BINANCE] + [("coingecko", name) for name in calls.COINGECKO]
    written = [
        _write(folder / venue / "cassettes" / f"{name}.yaml", _call(venue, name, real), real) for venue, name in every
    ]
    shelf = folder / "binance" / "cassettes"
    if not real:
        return written + [_write(shelf / f"{name}.yaml", partial(_order_call, name), real) for name in ORDERS]
    testnet = load().testnet
    if testnet.has_key:
        written += [_write(shelf / f"{name}.yaml", partial(_testnet_call, testnet, name), real) for name in ORDERS]
    return written


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


def _order_call(name: str, clock: TurnedClock) -> object:
    """One signed call on an account of its own; nothing moves there but by the call."""
    exchange = Exchange.quoted(clock=clock)
    held = exchange.open_account(balances={"USDT": "10000", "BTC": "1"})
    with LoopbackServer(exchange.handle) as server:
        key = api_key(key=held.key.api_key, secret=held.key.secret)
        return Caller(server.url, key, clock, name).run()


def _testnet_call(testnet: VenueSettings, name: str, clock: TurnedClock) -> object:
    key = api_key(
        key=testnet.key or "", secret=testnet.secret, private_key=testnet.private_key, variable=testnet.variable
    )  # fmt: skip
    return Caller(testnet.url, key, clock, name).run()


def _write(path: Path, run: Callable[[TurnedClock], object], real: bool) -> Path:
    # The clock stands still while a call is recorded, so that the same questions are asked when it is played.
    clock = TurnedClock(datetime.now(UTC).replace(microsecond=0) if real else NOW)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        # What lies on the shelf is replaced only by a whole cassette.
        fresh = Path(folder) / path.name
        with deck("all").use_cassette(str(fresh)):
            run(clock)
        stamp(fresh, REAL_HOSTS if real else TEST_EXCHANGE, clock.now())
        if leaked := secrets(fresh.read_text()):
            raise ConfigurationError(f"{path.name} would hold {', '.join(leaked)}; it was not kept")
        shutil.copyfile(fresh, path)
    return path
