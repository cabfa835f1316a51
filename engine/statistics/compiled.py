"""One door to numba for this room: loops that numpy cannot take in one stride; no fastmath, no threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile at the first call, keep the machine code on disk. A compiled function here calls none of another file:
    numba's cache looks at the function's own."""
    return cast(F, numba.njit(cache=True, nogil=True, fastmath=False)(function))
