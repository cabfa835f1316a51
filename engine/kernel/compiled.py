"""The one decorator of the compiled rules.

Scalars in, ints out, no fastmath and no threads: the compiled function and the interpreted one (NUMBA_DISABLE_JIT=1)
give the same bits. Machine code is cached on disk, so a process pays for compiling once per install; numba's cache
looks only at the file of the function itself, so the stamp here covers every file of kernels (a changed gate must
not live on inside a loop that was compiled with it).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])

_KERNELS = (
    "kernel/*.py", "features/*.py", "risk/*.py", "portfolio/fold.py", "strategy/verdict.py", "strategy/averages.py",
    "execution/impact.py", "execution/matching.py", "execution/within.py", "backtest/loop.py", "backtest/orders.py",
    "backtest/plan.py", "backtest/quiet.py", "backtest/state.py", "backtest/summary.py",
)  # fmt: skip


def compiled(function: Function) -> Function:
    """Compile on first call, keep the machine code on disk."""
    return _compiled(function, _nrt=True)


def borrowing(function: Function) -> Function:
    """Compiled without counting who holds an array: for those that use the arrays they are given and make none.

    In a loop that calls a function at every trade the counting takes longer than the rules.
    """
    return _compiled(function, _nrt=False, forceinline=True)


def unlocked(function: Function) -> Function:
    """Borrowing, and other threads run on meanwhile: for the few that take milliseconds."""
    return _compiled(function, _nrt=False, nogil=True)


def _compiled(function: Function, **options: bool) -> Function:
    decorate: Any = njit
    dispatcher: Any = decorate(cache=True, **options)(function)
    index = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if index is not None and hasattr(index, "_source_stamp"):
        index._source_stamp = _stamp()
    return cast(Function, dispatcher)


def is_cached(function: Callable[..., object]) -> bool:
    """True where the machine code of a compiled function is on disk already (or nothing is to be compiled)."""
    index = getattr(getattr(function, "_cache", None), "_cache_file", None)
    return index is None or not hasattr(index, "_load_index") or bool(index._load_index())


@cache
def _stamp() -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of every source file that may hold kernels."""
    engine = Path(__file__).parent.parent
    files = sorted(path for pattern in _KERNELS for path in engine.glob(pattern))
    return tuple((p.name, s.st_size, s.st_mtime_ns) for p in files for s in (p.stat(),))
