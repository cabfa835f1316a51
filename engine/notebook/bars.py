"""load_bars: bars from a file, from a frame, or from what the console has stored, all by the rules of an import."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy as np
import pandas as pd

from engine.adapters.archive import SOURCE, read_file
from engine.adapters.clock import WallClock
from engine.cli.stored import open_bars
from engine.domain.account import Source
from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError, InvalidBar, MissingBars
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval
from engine.market.check import RawBars, check_bars
from engine.market.columns import FIELDS, overlay
from engine.market.rules import infer_instrument
from engine.settings import load

_FILES = (".csv", ".feather", ".gz", ".parquet", ".zip")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedBars:
    """Bars of one instrument with its rules: tick, lot, smallest order."""

    series: BarSeries
    instrument: Instrument

    @property
    def frame(self) -> pd.DataFrame:
        """As a frame by the time of their open, UTC."""
        columns = {name: np.asarray(getattr(self.series, name)) for name in FIELDS}
        return pd.DataFrame(columns, index=at_times(np.asarray(self.series.open_ms), "open_at"))


def load_bars(
    what: str | Path | pd.DataFrame, interval: str | None = None, *, symbol: str | None = None, source: str = SOURCE
) -> LoadedBars:
    """Bars of one instrument.

    A path: a file that an import would read. A frame: `open high low close volume` by the time of the open, with
    `interval` and `symbol`. A symbol with an `interval`: what is stored of `source`. InvalidBar names the row of a bar
    that cannot be, MissingBars what is not there.
    """
    if isinstance(what, pd.DataFrame):
        return _from_frame(what, _interval(interval), symbol)
    if isinstance(what, Path) or what.endswith(_FILES):
        return _from_file(Path(what))
    return _from_store(what, _interval(interval), source)


def at_times(ms: np.ndarray[tuple[int, ...], np.dtype[np.int64]], name: str) -> pd.DatetimeIndex:
    """Milliseconds as an index of UTC times."""
    return pd.DatetimeIndex(pd.to_datetime(ms, unit="ms", utc=True), name=name)


def _interval(text: str | None) -> Interval:
    if text is None or text not in set(Interval):
        raise ConfigurationError(f"interval {text!r} is not one of {', '.join(Interval)}")
    return Interval(text)


def _from_frame(frame: pd.DataFrame, interval: Interval, symbol: str | None) -> LoadedBars:
    missing = [name for name in FIELDS if name not in frame.columns]
    if missing or not isinstance(frame.index, pd.DatetimeIndex) or symbol is None:
        raise ConfigurationError(
            f"a frame needs a symbol, the columns {', '.join(FIELDS)} and an index of times; "
            f"{'missing are ' + ', '.join(missing) if missing else 'say symbol= and set the index'}"
        )
    index = frame.index.tz_localize("UTC") if frame.index.tz is None else frame.index.tz_convert("UTC")
    values = [frame[name].to_numpy(dtype=np.float64) for name in FIELDS]
    opens = index.as_unit("ms").asi8
    opened, high, low, close, volume = values
    raw = RawBars(
        label=symbol, symbol=symbol, interval=interval, open_ms=opens, values=(opened, high, low, close, volume),
        first_row=0,
    )  # fmt: skip
    series = check_bars(raw, WallClock().now()).series
    return LoadedBars(series=series, instrument=infer_instrument([series]))


def _from_file(path: Path) -> LoadedBars:
    tables, now = read_file(path), WallClock().now()
    found = [check_bars(table.bars, now).series for table in tables]
    if len({(one.symbol, one.interval) for one in found}) != 1:
        raise InvalidBar(f"{path.name}: holds bars of several instruments or intervals; import it, then load by symbol")
    series = reduce(overlay, found)
    return LoadedBars(series=series, instrument=infer_instrument([series], tables[0].pair))


def _from_store(symbol: str, interval: Interval, source: str) -> LoadedBars:
    bars = open_bars(load())
    series = bars.read(Source(source).value, symbol, interval, None, None)
    rules = {one.symbol: one for one in bars.rules(source)}
    if not len(series) or symbol not in rules:
        raise MissingBars(f"{source} has no {interval} bars of {symbol}; import files, or name one: load_bars('X.csv')")
    return LoadedBars(series=series, instrument=rules[symbol])
