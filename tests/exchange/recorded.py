"""Tapes of real markets: recorded ticks and bars (../shared/data), read only by tests, skipped where absent."""

from __future__ import annotations

import gzip
import json
from array import array
from decimal import Decimal
from pathlib import Path

from pyarrow import parquet

from engine.domain.bar import BarSeries
from engine.domain.interval import Interval
from tests.exchange.listing import Listing
from tests.exchange.tape import Tape, from_bars


def ticks(listing: Listing, path: Path, most: int | None = None) -> Tape:
    """Every trade of a recorded stream (lines of receive time and frame), at most the first `most`."""
    tape = Tape(listing=listing, times=array("q"), ticks=array("q"), lots=array("q"), buyer_rested=array("q"))
    with gzip.open(path, "rt") as lines:
        for line in lines:
            if '@trade"' not in line:
                continue
            trade = json.loads(line.split(" ", 1)[1])["data"]
            tape.times.append(trade["T"])
            tape.ticks.append(int(Decimal(trade["p"]) / listing.tick))
            tape.lots.append(max(1, int(Decimal(trade["q"]) / listing.lot)))
            tape.buyer_rested.append(int(trade["m"]))
            if len(tape.times) == most:
                break
    return tape


def bars(listing: Listing, path: Path, interval: Interval, first_ms: int, last_ms: int) -> Tape:
    """Recorded bars that open from `first_ms` to before `last_ms`, four trades each."""
    columns = ("open_time", "open", "high", "low", "close", "volume")
    table = parquet.read_table(
        path, columns=list(columns), filters=[("open_time", ">=", first_ms), ("open_time", "<", last_ms)]
    )
    series = BarSeries.empty(listing.symbol, interval)
    series.open_ms.extend(table["open_time"].to_pylist())
    for name in columns[1:]:
        getattr(series, name).extend(table[name].to_pylist())
    return from_bars(listing, series)
