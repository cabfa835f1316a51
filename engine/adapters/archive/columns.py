"""A table with somebody's column names and time units into raw bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.adapters.archive.names import WAY_OUT, Named, from_pair
from engine.adapters.archive.times import bare, times_of, usual_step
from engine.domain.errors import InvalidBar, MarketDataError
from engine.market.check import RawBars
from engine.market.columns import FIELDS, Floats

_TIMES = ("open_time", "unix", "timestamp", "time", "open time", "date", "datetime")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """Raw bars with the two assets of the pair, where name or columns separated them."""

    bars: RawBars
    pair: tuple[str, str] | None


def to_raw(label: str, table: pa.Table, named: Named, first_row: int) -> RawTable:
    """Find time, prices, volume, symbol and interval; InvalidBar names what cannot be found and the way out."""
    by_name = {name.strip().lower(): name for name in reversed(table.column_names)}
    if len(by_name) < len(table.column_names):
        _refuse_twice(label, table.column_names)
    time_name = next((by_name[name] for name in _TIMES if name in by_name), None)
    if time_name is None:
        raise InvalidBar(f"{label}: has no time column ({', '.join(_TIMES[:4])} or date); add a header that names it")
    open_ms = times_of(label, table.column(time_name), first_row)
    found = _symbol(label, table, by_name, named, first_row)
    if found.symbol is None:
        raise InvalidBar(f"{label}: neither its name nor its columns tell the symbol; {WAY_OUT}")
    interval = named.interval or usual_step(open_ms)
    if interval is None:
        raise InvalidBar(f"{label}: neither its name nor its times tell the interval; {WAY_OUT}")
    names = [_value_name(label, by_name, field, found.symbol) for field in FIELDS]
    opens, highs, lows, closes, volumes = (_floats(label, table, name, first_row) for name in names)
    raw = RawBars(
        label=label, symbol=found.symbol, interval=interval, open_ms=open_ms,
        values=(opens, highs, lows, closes, volumes), first_row=first_row,
    )  # fmt: skip
    return RawTable(bars=raw, pair=found.pair)


def _refuse_twice(label: str, names: Sequence[str]) -> None:
    """Two columns of one name: nobody can tell which is meant. Nameless ones (commas at a line's end) do no harm."""
    seen: set[str] = set()
    for name in filter(None, (name.strip().lower() for name in names)):
        if name in seen:
            raise InvalidBar(f"{label}: has two columns {name!r}; remove or rename one")
        seen.add(name)


def _value_name(label: str, by_name: dict[str, str], field: str, symbol: str) -> str:
    if field in by_name:
        return by_name[field]
    # CryptoDataDownload writes "Volume BTC" and "Volume USDT": ours is the one of the base asset.
    volumes = {name.split()[-1].upper(): column for name, column in by_name.items() if name.startswith("volume ")}
    if field == "volume" and volumes:
        return next((column for asset, column in volumes.items() if symbol.startswith(asset)), [*volumes.values()][-1])
    raise InvalidBar(f"{label}: has no column {field}; add a header that names open, high, low, close and volume")


def _symbol(label: str, table: pa.Table, by_name: dict[str, str], named: Named, first_row: int) -> Named:
    told = next((by_name[name] for name in ("symbol", "pair") if name in by_name), None)
    if told is None:
        return named
    texts = pc.utf8_trim_whitespace(table.column(told).cast(pa.string()))
    kinds = pc.unique(texts).to_pylist()
    if len(kinds) > 1:
        row = first_row + pc.index(texts, kinds[1]).as_py()
        raise InvalidBar(f"{label}, row {row}: holds a second symbol {kinds[1]!r}; split the file by symbol")
    found = from_pair(kinds[0]) if kinds and kinds[0] else Named()
    if found.symbol is None or (named.symbol is not None and found.symbol == named.symbol and found.pair is None):
        return named
    if named.symbol is not None and named.symbol != found.symbol:
        raise InvalidBar(
            f"{label}, row {first_row}: its rows are {found.symbol}, its name says {named.symbol}; rename the file"
        )
    return found


def _floats(label: str, table: pa.Table, name: str, first_row: int) -> Floats:
    column = table.column(name)
    if pa.types.is_string(column.type):
        column = _numbers(label, pc.utf8_trim_whitespace(column), name, first_row)
    try:
        found = column.cast(pa.float64())
        return bare(pc.fill_null(found, np.nan) if found.null_count else found)
    except pa.ArrowInvalid as error:
        raise InvalidBar(f"{label}: column {name} holds no numbers ({error})") from None


def _numbers(label: str, texts: pa.ChunkedArray, name: str, first_row: int) -> pa.ChunkedArray:
    try:
        return texts.cast(pa.float64())
    except pa.ArrowInvalid:
        for i, text in enumerate(texts.to_pylist()):
            if not _is_number(text):
                raise InvalidBar(
                    f"{label}, row {first_row + i}: {name} {text!r} is not a number; correct or remove the row"
                ) from None
        raise InvalidBar(f"{label}: column {name} holds no numbers") from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def one_of(names: Sequence[RawTable], label: str) -> RawTable:
    """Put tables of one series (the members of a zip) behind one another; MarketDataError where they are of several."""
    first = names[0].bars
    if any((one.bars.symbol, one.bars.interval) != (first.symbol, first.interval) for one in names):
        raise MarketDataError(f"{label}: holds several symbols or intervals; unpack it and import the folder")
    if len(names) == 1:
        return names[0]
    columns = [np.concatenate([one.bars.values[i] for one in names]) for i in range(len(FIELDS))]
    bars = RawBars(
        label=label, symbol=first.symbol, interval=first.interval,
        open_ms=np.concatenate([one.bars.open_ms for one in names]),
        values=(columns[0], columns[1], columns[2], columns[3], columns[4]), first_row=first.first_row,
    )  # fmt: skip
    return RawTable(bars=bars, pair=names[0].pair)
