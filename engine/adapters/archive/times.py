"""A column of times, in the units and forms that people write, into milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.domain.errors import InvalidBar
from engine.domain.interval import Interval
from engine.market.columns import Times

_MONTH_FIRST, _DAY_FIRST = "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M"
_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %I-%p", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", _MONTH_FIRST)
_HOLE_MS = 14 * Interval.D1.ms
"""Longer than any venue was ever down, shorter than what lies between two days that were read as months."""


def bare(column: pa.ChunkedArray) -> NDArray[Any]:
    """Numbers without nulls as numpy has them; pyarrow's own way imports pandas."""
    chunks = [np.from_dlpack(chunk) for chunk in column.chunks if len(chunk)]
    return np.concatenate(chunks) if chunks else np.empty(0, dtype=column.type.to_pandas_dtype())


def times_of(label: str, column: pa.ChunkedArray, first_row: int) -> Times:
    """The column's times in milliseconds; InvalidBar names the row of one that is none."""
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
    return _to_ms(label, bare(stamps), first_row)


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
    plain = pc.replace_substring_regex(texts, r"(\+00:00|Z| UTC|\.0+)+$", "")
    tries = {form: pc.strptime(plain, form, "ms", error_is_null=True) for form in _FORMATS}
    form, best = min(tries.items(), key=lambda tried: tried[1].null_count)
    if best.null_count:
        raise _no_time(label, texts, best.is_valid().to_numpy(), first_row)
    found = best.cast(pa.int64())
    if form == _MONTH_FIRST and _may_be_day_first(plain, bare(found)):
        raise InvalidBar(
            f"{label}, row {first_row}: {texts[0].as_py()!r} is a day and a month, and nothing in the file tells which "
            "is which; give Unix time or ISO 8601 UTC"
        )
    return found


def _may_be_day_first(texts: pa.ChunkedArray, month_first: Times) -> bool:
    """Whether dates with slashes, which are read month first, may mean the other. A day above 12 tells; without one the
    days do that follow one another: read the wrong way round they lie months apart."""
    turned = pc.strptime(texts, _DAY_FIRST, "ms", error_is_null=True)
    if turned.null_count:
        return False
    day_first = bare(turned.cast(pa.int64()))
    if np.array_equal(month_first, day_first):
        return False
    return _has_hole(month_first) or not _has_hole(day_first)


def _has_hole(open_ms: Times) -> bool:
    return bool((np.diff(np.sort(open_ms)) > _HOLE_MS).any())


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


def usual_step(open_ms: Times) -> Interval | None:
    """The interval that most rows are apart; None where that is none of ours."""
    steps, counts = np.unique(np.abs(np.diff(open_ms)), return_counts=True)
    usual = int(steps[counts.argmax()]) if len(steps) else 0
    return next((interval for interval in Interval if interval.ms == usual), None)
