"""Who computes a sweep's portions: threads of this process by joblib, or the workers of a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from joblib import Parallel, delayed

from engine.backtest.sweep import Cell, Row, Sweeper
from engine.domain.errors import ConfigurationError

Portions = Sequence[Sequence[Cell]]
Spread = Callable[[Sweeper, Portions], Iterator[list[Row]]]


@contextmanager
def spread_of(dask: str | None, workers: int) -> Iterator[Spread]:
    """The cluster whose scheduler is at address `dask`, or `workers` threads where none is named. The rows are the
    same; they come portion by portion, in any order."""
    if dask is None:
        yield _threads(workers)
        return
    client = _client(dask)
    try:
        yield _cluster(client)
    finally:
        client.close()


def _threads(workers: int) -> Spread:
    def spread(sweeper: Sweeper, portions: Portions) -> Iterator[list[Row]]:
        pool = Parallel(n_jobs=workers, backend="threading", return_as="generator_unordered", pre_dispatch=workers)
        found: Iterator[list[Row]] = pool(delayed(sweeper.rows)(portion) for portion in portions)
        yield from found

    return spread


def _client(address: str) -> Any:
    try:
        dask = _distributed()
    except ImportError:
        raise ConfigurationError("AAITI_DASK is set, but Dask is not installed: pip install 'aaiti[dask]'") from None
    try:
        return dask.Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"AAITI_DASK={address}: no scheduler answers there ({error})") from None


def _distributed() -> Any:
    """An extra: ImportError where it is not installed."""
    import distributed

    return distributed


def _cluster(client: Any) -> Spread:
    def spread(sweeper: Sweeper, portions: Portions) -> Iterator[list[Row]]:
        there = client.scatter(sweeper, broadcast=True, hash=False)
        waiting = [client.submit(_rows, there, portion, pure=False) for portion in portions]
        try:
            for done in _distributed().as_completed(waiting):
                yield done.result()
        finally:
            client.cancel(waiting)

    return spread


def _rows(sweeper: Sweeper, portion: Sequence[Cell]) -> list[Row]:
    return sweeper.rows(portion)
