"""`import`: read bars from files and folders into the cache."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from engine.adapters.archive import ImportReport, import_paths
from engine.bootstrap import Stores, open_stores
from engine.cli.telling import tell_share
from engine.domain.errors import MarketDataError
from engine.settings import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Import; each rejected file is one line on stderr too."""

    def progress(share: float, name: str) -> bool:
        tell_share(share, name)
        return False

    with open_stores(load()) as stores:
        return import_files(stores, options.paths, progress)


def import_files(stores: Stores, paths: Sequence[Path], progress: Callable[[float, str], bool]) -> dict[str, object]:
    """Import and report; MarketDataError where not one bar came of it."""
    report = import_paths(paths, stores.bars, stores.clock.now(), progress=progress)
    if not report.bars and report.rejected:
        raise MarketDataError("; ".join(report.rejected))
    return _json(report)


def _json(report: ImportReport) -> dict[str, object]:
    return {
        "instruments": list(report.instruments),
        "bars": report.bars,
        "new_bars": report.new_bars,
        "gaps": report.gaps,
        "missing": report.missing,
        "rejected": list(report.rejected),
        "notes": list(report.notes),
    }


def words(result: Mapping[str, object]) -> Iterator[str]:
    """The result for a person."""
    yield f"{result['bars']} bars of {result['instruments']}; {result['gaps']} gaps"
    for key in ("notes", "rejected"):
        lines = result[key]
        if isinstance(lines, list):
            yield from (f"{key}: {line}" for line in lines)
