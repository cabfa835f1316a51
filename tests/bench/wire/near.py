"""Our side: the engine as it runs, on a testnet account whose exchange is the other process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import cast

from engine import settings
from engine.adapters.bars import ParquetBars
from engine.adapters.clock import WallClock
from engine.adapters.database.database import open_database
from engine.adapters.database.migrate import migrate
from engine.adapters.database.reads import DatabaseReads
from engine.adapters.models.files import save
from engine.autotrader.house import ACCOUNT_ID, TRADING_ON
from engine.autotrader.jobs import JobStarter
from engine.bootstrap import Stores, make_engine
from engine.bootstrap.stores import shelves
from engine.domain.account import Account, AccountKind, Costs, Source
from engine.domain.model import Model, ModelVersion, Stage
from engine.domain.sleeve import Sleeve, SleeveState
from engine.learning.state import content_sha256
from engine.strategy.warm import warm_up
from engine.training.fit import fit
from engine.training.spec import Trained, TrainingSpec
from tests.autotrader.town import Spawned
from tests.bench.wire.far import FEE, Place
from tests.bench.wire.market import INTERVAL, START, FarClock, Traded, training_bars

ACCOUNT = "testnet-bench"
HORIZON = 24
PATIENCE = 60.0
LIMITS: dict[str, object] = {
    "min_confidence": "0", "min_edge_multiple": "-1000000", "volatility_target": "1000", "kelly_fraction": "1000",
    "max_position_ratio": "0.01", "max_positions": 100, "max_exposure_ratio": "1", "max_correlation": "0.999",
    "max_drawdown": "1", "shrink_from": "1", "max_daily_loss": "1", "max_orders_per_minute": 10_000,
    "max_strangeness": "1",
}  # fmt: skip
"""Every gate is asked, and none holds: an order is to come of each call."""


def trained() -> Trained:
    """A real ensemble of all members, whose votes count double so that it calls BUY at any bar: what is timed is an
    order's way, not whether there is one."""
    series = training_bars()
    spec = TrainingSpec(symbol=series.symbol, interval=INTERVAL, horizon=HORIZON, real_market=False)
    found = fit(series, spec)
    twice = replace(found.model.ensemble, weights=tuple(2 * weight for weight in found.model.ensemble.weights))
    return replace(found, model=replace(found.model, ensemble=twice))


class Near:
    """The engine in a thread of this process, with an account, a model and a sleeve for each instrument."""

    def __init__(
        self, folder: Path, stack: ExitStack, place: Place, clock: FarClock, instruments: Sequence[Traded]
    ) -> None:
        self.clock = clock
        self._symbols = [one.listing.symbol for one in instruments]
        chosen = settings.load({
            "AAITI_HOME": str(folder), "AAITI_TESTNET_KEY": place.key, "AAITI_TESTNET_SECRET": place.secret,
            "AAITI_TESTNET_URL": place.rest, "AAITI_TESTNET_STREAM_URL": place.sockets,
            "AAITI_TESTNET_WS_API_URL": f"{place.sockets}/ws-api/v3",
        })  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        migrate(chosen.database_url)
        database = open_database(chosen.database_url, now=clock.now)
        stack.callback(database.close)
        self.stores = Stores(
            settings=chosen, database=database, reads=DatabaseReads(database.engine),
            bars=ParquetBars(chosen.bars_folder, shelves(chosen)), clock=cast(WallClock, clock),
        )  # fmt: skip
        for one in instruments:
            self.stores.bars.write(Source.TESTNET.value, one.known)
        self._settle_in()

    def furnish(self, model: Trained) -> None:
        """A sleeve for each instrument, each with a version of the model of its own."""
        for symbol in self._symbols:
            version_id = self._register(replace(model, model=replace(model.model, symbol=symbol)))
            self.stores.ledger.put_sleeve(
                Sleeve(
                    sleeve_id=f"s-{symbol}", account_id=ACCOUNT, strategy=f"model:{version_id}", symbol=symbol,
                    interval=INTERVAL, state=SleeveState.ACTIVE, created_at=START,
                )
            )  # fmt: skip

    def run(self, stack: ExitStack) -> None:
        """Start the engine, and wait until nothing pauses it."""
        warm_up()
        self.engine = make_engine(self.stores, cast(JobStarter, Spawned()))
        self._thread = threading.Thread(target=self.engine.run, name="engine", daemon=True)
        self._thread.start()
        stack.callback(self._stop)
        self.soon(self._at_ease, "a session without a pause")

    def worked(self) -> float:
        """Seconds that the engine's thread has spent on a processor."""
        assert self._thread.ident is not None
        return time.clock_gettime(time.pthread_getcpuclockid(self._thread.ident))

    def covered(self) -> int:
        """How many positions are open under their stops."""
        return sum(p.covered for p in self.stores.ledger.positions(ACCOUNT))

    def flat(self) -> bool:
        """Nothing held, and no order open."""
        ledger = self.stores.ledger
        return not ledger.positions(ACCOUNT) and not ledger.orders(ACCOUNT, open_only=True)

    def soon(self, what: Callable[[], object], name: str) -> None:
        """Wait for it."""
        deadline = time.monotonic() + PATIENCE
        while not what():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not come: {self._why()}")
            time.sleep(0.05)

    def _why(self) -> str:
        told = [a.text for a in self.stores.reads.alerts()][:5]
        held = [(d.symbol, d.held_by) for d in self.stores.ledger.decisions(ACCOUNT)[-3:]]
        beat = self.stores.board.heartbeat()
        return f"{told} {held} {None if beat is None else beat.status}"

    def _at_ease(self) -> bool:
        beat = self.stores.board.heartbeat()
        line = cast(Mapping[str, str], (beat.status.get("line") or {}) if beat is not None else {})
        return line.get("user_stream") == line.get("market_stream") == "LIVE" and not self.stores.ledger.halts(ACCOUNT)

    def _stop(self) -> None:
        self.engine.stop()
        self._thread.join(10)

    def _settle_in(self) -> None:
        """The account, in use, its trading on."""
        board = self.stores.board
        self.stores.ledger.open_account(
            Account(
                account_id=ACCOUNT, name="Bench", kind=AccountKind.TESTNET, source=Source.TESTNET, quote="USDT",
                cash=Decimal(10_000_000), costs=Costs(fee_ratio=FEE), created_at=START,
            )
        )  # fmt: skip
        board.put_setting(f"limits:{ACCOUNT}", LIMITS)
        board.put_setting(ACCOUNT_ID, ACCOUNT)
        board.put_setting(TRADING_ON, True)

    def _register(self, one: Trained) -> str:
        symbol, store = one.model.symbol, self.stores.models
        path, sha256 = save(one, self.stores.settings.models_folder)
        model = Model(
            model_id=f"m-{symbol}", name=symbol, symbol=symbol, interval=INTERVAL, horizon=HORIZON, source="TESTNET",
            created_at=START,
        )  # fmt: skip
        store.add_model(model)
        version = ModelVersion(
            version_id=f"m-{symbol}.1", model_id=model.model_id, version=1, stage=Stage.CANDIDATE,
            trained_from=one.trained_from, trained_to=one.trained_to, n_bars=one.n_bars, seed=0,
            members=tuple(m.name for m in one.model.ensemble.members), metrics=one.report, fit_seconds=0.0,
            artefact_path=path.name, artefact_sha256=sha256, content_sha256=content_sha256(one.model),
            code_version="bench", created_at=START,
        )  # fmt: skip
        store.add_version(version)
        return version.version_id
