"""A table with somebody's column names and time units into raw bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.adapters.archive.names import WAY_OUT, Named, from_pair
from engine.domain.errors import InvalidBar, MarketDataError
from engine.domain.interval import Interval
from engine.market.check import RawBars
from engine.market.columns import FIELDS, Floats, Times

_TIMES = ("open_time", "unix", "timestamp", "time", "open time", "date", "datetime")
_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %I-%p", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%m/%d/%Y %H:%M")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """Raw bars with the two assets of the pair, where name or columns separated them."""

    bars: RawBars
    pair: tuple[str, str] | None


def to_raw(label: str, table: pa.Table, named: Named, first_row: int) -> RawTable:
    """Find time, prices, volume, symbol and interval; InvalidBar names what cannot be found and the way out."""
    by_name = {name.strip().lower(): name for name in reversed(table.column_names)}
    time_name = next((by_name[name] for name in _TIMES if name in by_name), None)
    if time_name is None:
        raise InvalidBar(f"{label}: has no time column ({', '.join(_TIMES[:4])} or date); add a header that names it")
    open_ms = _times(label, table.column(time_name), first_row)
    found = _symbol(label, table, by_name, named, first_row)
    if found.symbol is None:
        raise InvalidBar(f"{label}: neither its name nor its columns tell the symbol; {WAY_OUT}")
    interval = named.interval or _usual_step(open_ms)
    if interval is None:
        raise InvalidBar(f"{label}: neither its name nor its times tell the interval; {WAY_OUT}")
    names = [_value_name(label, by_name, field, found.symbol) for field in FIELDS]
    opens, highs, lows, closes, volumes = (_floats(label, table, name, first_row) for name in names)
    raw = RawBars(
        label=label, symbol=found.symbol, interval=interval, open_ms=open_ms,
        values=(opens, highs, lows, closes, volumes), first_row=first_row,
    )  # fmt: skip
    return RawTable(bars=raw, pair=found.pair)


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
        return _bare(pc.fill_null(found, np.nan) if found.null_count else found)
    except pa.ArrowInvalid as error:
        raise InvalidBar(f"{label}: column {name} holds no numbers ({error})") from None


def _bare(column: pa.ChunkedArray) -> NDArray[Any]:
    """Numbers without nulls as numpy has them; pyarrow's own way imports pandas."""
    chunks = [np.from_dlpack(chunk) for chunk in column.chunks if len(chunk)]
    return np.concatenate(chunks) if chunks else np.empty(0, dtype=column.type.to_pandas_dtype())


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


def _times(label: str, column: pa.ChunkedArray, first_row: int) -> Times:
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        stamps = column.cast(pa.timestamp("ms", tz="UTC"), safe=False).cast(pa.int64())
    elif pa.types.is_string(kind):
        stamps = _text_times(label, pc.utf8_trim_whitespace(column), first_row)
    else:
        stamps = column
    if stamps.null_count:
        row = first_row + int(np.flatnonzero(stamps.is_null().to_numpy())[0])
        raise InvalidBar(f"{label}, row {row}: has no time; correct or remove the row")
    return _to_ms(label, _bare(stamps), first_row)


def _text_times(label: str, texts: pa.ChunkedArray, first_row: int) -> pa.ChunkedArray:
    """Whole numbers (exactly), then numbers with a point, then dates in the forms people write."""
    for kind in (pa.int64(), pa.float64()):
        try:
            return texts.cast(kind)
        except pa.ArrowInvalid:
            continue
    numeric = pc.match_substring_regex(texts, r"^-?\d+(\.\d+)?$").to_numpy()
    if numeric.any():
        raise _no_time(label, texts, numeric, first_row)
    bare = pc.replace_substring_regex(texts, r"(\+00:00|Z| UTC|\.0+)+$", "")
    tries = [pc.strptime(bare, form, "ms", error_is_null=True) for form in _FORMATS]
    best = min(tries, key=lambda tried: tried.null_count)
    if best.null_count:
        raise _no_time(label, texts, best.is_valid().to_numpy(), first_row)
    return best.cast(pa.int64())


def _no_time(label: str, texts: pa.ChunkedArray, good: NDArray[np.bool_], first_row: int) -> InvalidBar:
    i = int(good.argmin())
    text = texts[i].as_py()
    return InvalidBar(f"{label}, row {first_row + i}: {text!r} is not a time; give Unix time or ISO 8601 UTC")


def _to_ms(label: str, stamps: NDArray[np.generic], first_row: int) -> Times:
    """Unix seconds, milli-, micro- or nanoseconds, told row by row by their size (files mix them), to milliseconds."""
    number = stamps.astype(np.float64)
    if not np.isfinite(number).all():
        row = first_row + int(np.flatnonzero(~np.isfinite(number))[0])
        raise InvalidBar(f"{label}, row {row}: has no time; correct or remove the row")
    size = np.abs(number)
    scale = np.select([size < 1e11, size < 1e14, size < 1e17], [1e3, 1.0, 1e-3], default=1e-6)
    fine = np.where(size < 1e14, number * scale, number / np.where(size < 1e17, 1e3, 1e6))
    whole = np.rint(fine)
    off = np.abs(fine - whole) > 5e-4
    if off.any():
        row = first_row + int(off.argmax())
        raise InvalidBar(f"{label}, row {row}: time {stamps[off.argmax()]} is no whole millisecond; correct the file")
    return whole.astype(np.int64)


def _usual_step(open_ms: Times) -> Interval | None:
    """The interval that most rows are apart; None where that is none of ours."""
    steps, counts = np.unique(np.abs(np.diff(open_ms)), return_counts=True)
    usual = int(steps[counts.argmax()]) if len(steps) else 0
    return next((interval for interval in Interval if interval.ms == usual), None)


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
