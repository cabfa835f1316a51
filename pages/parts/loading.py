"""The libraries that the engine and the screens share, imported by one thread before either of them works.

Packages that import one another in a circle fail with `_DeadlockError` where two threads enter it at two places.
"""

from __future__ import annotations

import importlib
from threading import Lock

SHARED = ("engine.bootstrap", "pandas", "altair")
_lock = Lock()


def load() -> None:
    """Import them; whoever comes second waits until the first is done. About a second the first time, then nothing."""
    with _lock:
        for name in SHARED:
            importlib.import_module(name)
