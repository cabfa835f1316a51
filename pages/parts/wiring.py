"""The one place where pages get their ports; tests put their own there with `use`."""

from __future__ import annotations

from importlib import import_module
from threading import Lock

from engine.queries.console import Console

_lock = Lock()
_given: list[Console] = []


def console() -> Console:
    """The process's console, joined on first use."""
    with _lock:
        if not _given:
            _given.append(import_module("engine.bootstrap").console())
        return _given[0]


def use(given: Console | None) -> None:
    """Put `given` in place of the real one; None forgets it."""
    with _lock:
        _given[:] = [] if given is None else [given]
