"""ParquetBars: `root/SOURCE/SYMBOL/INTERVAL/` holds a series, `root/SOURCE/rules.json` the instruments' rules.

Several processes may read and write at once: writers of one series take turns, readers never wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from engine.adapters.bars import parts as on_disk
from engine.adapters.bars.files import locked, safe_name
from engine.adapters.bars.rules import read_rules, write_rules
from engine.domain.bar import BarSeries
from engine.domain.errors import MarketDataError
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, from_ms
from engine.market.columns import overlay, times
from engine.ports import Coverage

_READ_ATTEMPTS = 5


class ParquetBars:
    """Implements ports.Bars in parquet files under `root`, a folder that is made when first written to.

    `shelves` names the folder of a source where it is not the source's own: prices of different venues never mix.
    """

    def __init__(self, root: Path, shelves: Mapping[str, str] | None = None) -> None:
        self._root = root
        self._shelves = shelves or {}

    def read(
        self, source: str, symbol: str, interval: Interval, start: datetime | None = None, end: datetime | None = None
    ) -> BarSeries:
        """Stored bars with start <= open < end; empty where there are none."""
        folder = self._folder(source, symbol, interval)
        for _ in range(_READ_ATTEMPTS):
            wanted = on_disk.overlapping(on_disk.read_manifest(folder), start, end)
            try:
                return on_disk.read_parts(folder, symbol, interval, wanted).between(start, end)
            except FileNotFoundError:
                continue  # a writer replaced a part after we had read the manifest
        raise MarketDataError(f"{folder}: parts are missing; delete the folder and sync or import again")

    def write(self, source: str, series: BarSeries) -> int:
        """Store bars, replacing those with the same open; all or nothing. Returns how many were new."""
        if not len(series):
            return 0
        folder = self._folder(source, series.symbol, series.interval)
        with locked(folder):
            before = on_disk.read_manifest(folder)
            after = dict(before)
            for period, rows in on_disk.split_periods(series).items():
                merged = self._merged(folder, before.get(period), rows)
                if merged is not None:
                    after[period] = on_disk.write_part(folder, period, merged)
            if after != before:
                on_disk.write_manifest(folder, after)
                on_disk.sweep(folder, after)
        return sum(part.n_bars for part in after.values()) - sum(part.n_bars for part in before.values())

    def write_rules(self, source: str, instruments: Sequence[Instrument]) -> None:
        """Store instruments' rules, replacing those of the same symbols."""
        folder = self._shelf(source)
        for one in instruments:
            safe_name(one.symbol, "symbol")
        with locked(folder):
            stored = read_rules(folder)
            merged = stored | {one.symbol: one for one in instruments}
            if merged != stored:
                write_rules(folder, merged.values())

    def rules(self, source: str) -> Sequence[Instrument]:
        """Stored instruments of a source, by symbol."""
        return list(read_rules(self._shelf(source)).values())

    def coverage(self, source: str) -> Sequence[Coverage]:
        """What is stored, per symbol and interval; read from the manifests alone."""
        return list(self._covered(source))

    def _covered(self, source: str) -> Iterator[Coverage]:
        for path in sorted(self._shelf(source).glob(f"*/*/{on_disk.MANIFEST}")):
            interval, symbol = Interval(path.parent.name), path.parent.parent.name
            parts = on_disk.read_manifest(path.parent).values()
            if not parts:
                continue
            first, last = min(part.first_ms for part in parts), max(part.last_ms for part in parts)
            n_bars = sum(part.n_bars for part in parts)
            yield Coverage(
                source=source, symbol=symbol, interval=interval, n_bars=n_bars, first_open_at=from_ms(first),
                last_open_at=from_ms(last), missing=(last - first) // interval.ms + 1 - n_bars,
            )  # fmt: skip

    def _merged(self, folder: Path, part: on_disk.Part | None, rows: BarSeries) -> BarSeries | None:
        """The part's bars with `rows` laid over them; None where they change nothing."""
        if part is None:
            return rows
        stored = on_disk.read_parts(folder, rows.symbol, rows.interval, [part])
        merged = overlay(stored, rows)
        return None if len(merged) == len(stored) and _equal(merged, stored) else merged

    def _folder(self, source: str, symbol: str, interval: Interval) -> Path:
        return self._shelf(source) / safe_name(symbol, "symbol") / interval.value

    def _shelf(self, source: str) -> Path:
        return self._root / safe_name(self._shelves.get(source, source), "source")


def _equal(one: BarSeries, other: BarSeries) -> bool:
    return bool(np.array_equal(times(one), times(other))) and one == other
