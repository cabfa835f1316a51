"""The engine, joined and running in a thread."""

from __future__ import annotations

import logging
import threading

from engine import settings as configuration
from engine.adapters.models.files import prepare
from engine.autotrader.account_work import AccountWork
from engine.autotrader.desk_work import DeskWork
from engine.autotrader.engine import Engine
from engine.autotrader.house import House
from engine.autotrader.house_work import HouseWork
from engine.autotrader.job_work import JobWork
from engine.autotrader.jobs import JobStarter
from engine.autotrader.lease import LeaseHolder, owner_name
from engine.autotrader.live_work import LiveWork
from engine.autotrader.model_work import ModelWork
from engine.autotrader.office import Office
from engine.autotrader.sleeve_work import SleeveWork
from engine.autotrader.warden import Warden
from engine.bootstrap.makers import EngineMakers
from engine.bootstrap.stores import Stores, open_stores
from engine.settings import Settings
from engine.strategy.warm import warm_up

ENGINE_LEASE = "engine"


def make_engine(stores: Stores, starter: JobStarter) -> Engine:
    """The engine with its office, not yet running."""
    bell = threading.Event()
    house = House(
        board=stores.board, ledger=stores.ledger, models=stores.models, bars=stores.bars,
        makers=EngineMakers(stores, bell.set), wall=stores.clock, spawn=starter,
        lease=LeaseHolder(stores.ledger, ENGINE_LEASE, owner_name(), stores.clock.now),
    )  # fmt: skip
    warden = Warden(stores.board, stores.ledger, stores.clock)
    works = (
        HouseWork(house), AccountWork(house), LiveWork(house, warden), DeskWork(house), SleeveWork(house),
        JobWork(house), ModelWork(house),
    )  # fmt: skip
    doers = {kind: doer for work in works for kind, doer in work.doers().items()}
    recalls = {**DeskWork(house).recalls(), **AccountWork(house).recalls()}
    return Engine(house, Office(stores.board, stores.clock, doers, recalls), warden, bell)


class EngineHandle:
    """A running engine in a thread of its own."""

    def __init__(self, stores: Stores) -> None:
        self._starter = JobStarter()
        self._engine = make_engine(stores, self._starter)
        self._stores = stores
        self._thread = threading.Thread(target=self._engine.run, name="aaiti-engine", daemon=True)
        self._thread.start()
        threading.Thread(target=_warm, name="aaiti-warm", daemon=True).start()

    def stop(self) -> None:
        """End it between two steps; the ledger is consistent and the lease given back."""
        self._engine.stop()
        self._thread.join(timeout=4)
        self._starter.stop()
        if self._thread.is_alive():
            logging.getLogger("aaiti").error("the engine did not stop in time; it reconciles at the next start")
            return
        self._stores.database.close()


def _warm() -> None:
    """Compile and import what the first close and the first model would wait for."""
    warm_up()
    prepare()


def start_engine(settings: Settings | None = None) -> EngineHandle:
    """Open the stores and start the engine's thread."""
    return EngineHandle(open_stores(settings or configuration.load()))
