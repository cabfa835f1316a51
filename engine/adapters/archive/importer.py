"""Import files of bars into the cache: a file goes in whole or not at all, and a bad one stops no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from engine.adapters.archive.columns import RawTable, one_of
from engine.adapters.archive.read import SUFFIXES, is_bar_file, read_file
from engine.domain.errors import AaitiError
from engine.domain.interval import Interval
from engine.market.check import CheckedBars, check_bars
from engine.market.gaps import find_gaps
from engine.market.rules import infer_instrument, merge_rules
from engine.ports import Bars

SOURCE = "ARCHIVE"
Span = tuple[datetime, datetime]
Progress = Callable[[float, str], bool]
"""Hears the share done and the file in work; True asks to stop before the next file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import came to. `gaps` counts the gaps of all series touched, `missing` the bars they lack; `spans` are
    what the files held of each series, from its first open to its last close."""

    instruments: tuple[str, ...] = ()
    bars: int = 0
    new_bars: int = 0
    gaps: int = 0
    missing: int = 0
    rejected: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    cancelled: bool = False
    spans: Mapping[tuple[str, Interval], Span] = field(default_factory=dict)


def import_paths(
    paths: Iterable[Path], bars: Bars, now: datetime, *, source: str = SOURCE, progress: Progress | None = None
) -> ImportReport:
    """Import files, and all bar files in folders, in order of their names.

    Each rejected file is one line that names file, row and rule; each repair is a note. A kill leaves whole files in
    and the others out; importing again is harmless.
    """
    files, rejected = _walk(paths)
    importer = _Importer(bars, source, now)
    cancelled = False
    for i, path in enumerate(files):
        if progress is not None and progress(i / len(files), path.name):
            cancelled = True
            break
        try:
            importer.take(path)
        except AaitiError as error:
            rejected.append(str(error) if path.name in str(error) else f"{path.name}: {error}")
    return importer.report(rejected, cancelled=cancelled)


class _Importer:
    """One import in progress: what went in so far."""

    def __init__(self, bars: Bars, source: str, now: datetime) -> None:
        self._bars = bars
        self._source = source
        self._now = now
        self._rules = {one.symbol: one for one in bars.rules(source)}
        self._spans: dict[tuple[str, Interval], Span] = {}
        self._notes: list[str] = []
        self._n_bars = self._n_new = 0

    def take(self, path: Path) -> None:
        """Import one file; any error comes before anything is written."""
        whole = [(table, check_bars(table.bars, self._now)) for table in _by_series(read_file(path))]
        rules = dict(self._rules)
        for table, checked in whole:
            new = infer_instrument([checked.series], table.pair)
            rules[new.symbol] = merge_rules(rules.get(new.symbol), new)
        # Rules first: an instrument without bars is harmless, bars without an instrument are not.
        changed = [one for symbol, one in rules.items() if self._rules.get(symbol) != one]
        if changed:
            self._bars.write_rules(self._source, changed)
        self._rules = rules
        for _, checked in whole:
            self._write(checked)

    def report(self, rejected: Sequence[str], *, cancelled: bool) -> ImportReport:
        """Sum up."""
        gaps = [
            gap
            for symbol, interval in self._spans
            for gap in find_gaps(self._bars.read(self._source, symbol, interval))
        ]
        return ImportReport(
            instruments=tuple(sorted({symbol for symbol, _ in self._spans})),
            bars=self._n_bars, new_bars=self._n_new, gaps=len(gaps), missing=sum(gap.missing for gap in gaps),
            rejected=tuple(rejected), notes=tuple(self._notes), cancelled=cancelled,
            spans=self._spans,
        )  # fmt: skip

    def _write(self, checked: CheckedBars) -> None:
        series = checked.series
        self._n_new += self._bars.write(self._source, series)
        self._n_bars += len(series)
        self._notes.extend(checked.notes)
        if len(series):
            start, end = series.bar(0).open_at, series.bar(-1).open_at + series.interval.duration
            before = self._spans.get((series.symbol, series.interval), (start, end))
            self._spans[series.symbol, series.interval] = min(start, before[0]), max(end, before[1])


def _by_series(tables: Sequence[RawTable]) -> list[RawTable]:
    """Unite the tables of one file that belong to one series, so that they are written in one go."""
    groups: dict[tuple[str, Interval], list[RawTable]] = {}
    for table in tables:
        groups.setdefault((table.bars.symbol, table.bars.interval), []).append(table)
    return [one_of(group, group[0].bars.label) for group in groups.values()]


def _walk(paths: Iterable[Path]) -> tuple[list[Path], list[str]]:
    files: dict[Path, None] = {}
    rejected: list[str] = []
    for path in paths:
        if path.is_dir():
            found = sorted(one for one in path.rglob("*") if one.is_file() and is_bar_file(one))
            files.update(dict.fromkeys(found))
            if not found:
                rejected.append(f"{path}: holds no file that ends in {', '.join(SUFFIXES)}")
        elif not path.exists():
            rejected.append(f"{path}: does not exist; check the path")
        elif is_bar_file(path):
            files[path] = None
        else:
            rejected.append(f"{path.name}: is of no kind we read; give {', '.join(SUFFIXES)}")
    return list(files), rejected
