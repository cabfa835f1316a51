"""One series on disk: a manifest that names its parts, and one parquet file a part (a year; a month below 15m).

A write makes new part files first and then replaces the manifest in one step: readers see all of it or nothing, a kill
in the middle leaves the old manifest with the old parts. Part files are never changed; those that no manifest names
any more are swept by the next write.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine.adapters.bars.files import write_whole
from engine.domain.bar import BarSeries
from engine.domain.errors import MarketDataError
from engine.domain.interval import Interval
from engine.market.columns import FIELDS, times, to_series, values

MANIFEST = "manifest.json"
_SWEEP_AFTER_SECONDS = 60.0
"""A part that was replaced may still be opened by a reader of the manifest before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One parquet file: its name, its number of bars, and the opens of the first and last one."""

    file: str
    n_bars: int
    first_ms: int
    last_ms: int


def read_manifest(folder: Path) -> dict[str, Part]:
    """Parts by period ("2024", "2024-07"), in order of time; empty where nothing is stored."""
    path = folder / MANIFEST
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {period: Part(**part) for period, part in sorted(stored.items())}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError) as error:
        raise MarketDataError(f"{path}: damaged ({error}); delete {folder} and sync or import again") from None


def write_manifest(folder: Path, parts: dict[str, Part]) -> None:
    """Replace the manifest in one step, and with it what the series holds."""
    text = json.dumps({period: asdict(part) for period, part in sorted(parts.items())})
    write_whole(folder / MANIFEST, lambda draft: draft.write_text(text, encoding="utf-8"))


def write_part(folder: Path, period: str, series: BarSeries) -> Part:
    """Write a part file under a new name; nobody sees it before a manifest names it."""
    n = len(series)  # by buffers: pa.array imports pandas
    arrays = [pa.Array.from_buffers(pa.int64(), n, [None, pa.py_buffer(times(series))])]
    arrays += [pa.Array.from_buffers(pa.float64(), n, [None, pa.py_buffer(column)]) for column in values(series)]
    table = pa.table(arrays, names=["open_time", *FIELDS])
    name = f"{period}.{uuid4().hex[:12]}.parquet"
    write_whole(
        folder / name,
        lambda draft: pq.write_table(
            table, draft, compression="lz4", use_dictionary=False, use_byte_stream_split=True, write_statistics=False
        ),
    )
    return Part(file=name, n_bars=len(series), first_ms=series.open_ms[0], last_ms=series.open_ms[-1])


def read_parts(folder: Path, symbol: str, interval: Interval, parts: list[Part]) -> BarSeries:
    """Read parts into one series. FileNotFoundError where one was replaced in the meantime: read the manifest again."""
    if not parts:
        return BarSeries.empty(symbol, interval)
    tables = [_read_table(folder / part.file) for part in parts]
    columns = [  # by DLPack: pyarrow's to_numpy imports pandas
        np.concatenate([np.from_dlpack(chunk) for table in tables for chunk in table.column(i).chunks])
        for i in range(1 + len(FIELDS))
    ]
    return to_series(symbol, interval, columns[0], columns[1:])


def split_periods(series: BarSeries) -> dict[str, BarSeries]:
    """Split a series by the period of its parts."""
    unit = "M" if series.interval.ms < Interval.M15.ms else "Y"
    periods = times(series).astype("datetime64[ms]").astype(f"datetime64[{unit}]")
    edges = [0, *(np.flatnonzero(periods[1:] != periods[:-1]) + 1).tolist(), len(series)]
    return {str(periods[i]): series.rows(i, j) for i, j in pairwise(edges) if i < j}


def overlapping(parts: dict[str, Part], start: datetime | None, end: datetime | None) -> list[Part]:
    """Parts that hold bars of start <= open < end."""
    first = -(2**63) if start is None else int(start.timestamp() * 1000)
    last = 2**63 if end is None else int(end.timestamp() * 1000)
    return [part for part in parts.values() if part.last_ms >= first and part.first_ms < last]


def sweep(folder: Path, parts: dict[str, Part]) -> None:
    """Delete files that the manifest no longer names: replaced parts, drafts of killed writers."""
    named = {part.file for part in parts.values()} | {MANIFEST, ".lock"}
    for path in folder.iterdir():
        if path.name not in named and time.time() - path.stat().st_mtime > _SWEEP_AFTER_SECONDS:
            path.unlink(missing_ok=True)


def _read_table(path: Path) -> pa.Table:
    try:
        return pq.ParquetFile(path).read(use_threads=False)
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowInvalid) as error:
        raise MarketDataError(f"{path}: damaged ({error}); delete {path.parent} and sync or import again") from None
