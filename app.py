"""The launcher: serves the console and the API, and starts and stops the engine with the server.

`streamlit run app.py` finds `app` below. The screens are pages/; nothing is drawn here.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import runpy
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount
from streamlit import runtime

from engine import settings
from engine.api.errors import NotReady
from engine.api.headers import SecurityHeaders
from engine.api.routes import create_api
from engine.domain.errors import AaitiError
from engine.queries.console import Console
from pages.parts.loading import load

ROUTER = Path(__file__).resolve().parent / "pages" / "router.py"
STOP_WITHIN_SECONDS = 4.5
STARTING = "the engine is starting; ask again in a second"
log = logging.getLogger("aaiti")


class RunningEngine(Protocol):
    """What bootstrap.start_engine() gives."""

    def stop(self) -> None:
        """End it, with the ledger consistent."""
        ...


class EngineRoom:
    """The engine and its ports, opened in a thread of their own so that the server is healthy before they are."""

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._open, name="aaiti-open", daemon=True)
        self._leaving = threading.Event()
        self._engine: RunningEngine | None = None
        self._console: Console | None = None
        self._problem = "the engine met a fault while it started; the server's log says which"

    def open(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def close(self) -> None:
        """Stop the engine, where it runs or is just about to."""
        self._leaving.set()
        self._thread.join()
        if self._engine is not None:
            self._engine.stop()

    def console(self) -> Console:
        """What the API reads through; NotReady says why not."""
        if self._console is None:
            raise NotReady(STARTING if self._thread.is_alive() else self._problem)
        return self._console

    def _open(self) -> None:
        try:
            self._load()
        except AaitiError as error:
            self._problem = str(error)
            log.error("the engine did not start: %s", error)
        gc.collect()
        gc.freeze()  # Streamlit collects after every run; what the imports left need not be looked at again

    def _load(self) -> None:
        chosen = settings.load()
        load()  # a second of imports: never before the server is up
        bootstrap = importlib.import_module("engine.bootstrap")
        self._console = bootstrap.console(chosen)
        if chosen.engine is settings.EngineMode.EMBEDDED and not self._leaving.is_set():
            self._engine = bootstrap.start_engine(chosen)


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Hold the engine between the server's start and its end."""
    room.open()
    try:
        yield
    finally:
        try:
            await asyncio.wait_for(asyncio.to_thread(room.close), STOP_WITHIN_SECONDS)
        except TimeoutError:
            log.error("the engine did not stop within %s s; it reconciles at the next start", STOP_WITHIN_SECONDS)


if runtime.exists():  # a host that runs this file as a plain script: the screens work, and say that no engine runs here
    runpy.run_path(str(ROUTER), run_name="__main__")
else:
    room = EngineRoom()
    app = st.App(
        ROUTER,
        lifespan=lifespan,
        routes=[Mount("/api", app=create_api(room.console, st.get_option("server.allowedHosts") or ["*"]))],
        middleware=[Middleware(SecurityHeaders)],
    )
