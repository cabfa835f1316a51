"""CSV of three dialects into one table: our own, Binance's monthly archives, CryptoDataDownload's."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import pyarrow as pa
from pyarrow import csv

from engine.domain.errors import InvalidBar

_BINANCE = (
    "open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "trades",
    "taker_base", "taker_quote", "ignore",
)  # fmt: skip
"""Columns of Binance's archives, which for most of their years come without a header."""
_SNIFF = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvTable:
    """The parsed rows, with the line of the first one (lines count from 1)."""

    table: pa.Table
    first_line: int


def read_csv(label: str, content: bytes) -> CsvTable:
    """Parse CSV; InvalidBar tells in one line why `content` is none."""
    content = content.removeprefix(b"\xef\xbb\xbf").rstrip() + b"\n"
    lines = _sniff(label, content)
    skip = 1 if _is_notice(lines[0]) else 0
    if len(lines) <= skip:
        raise InvalidBar(f"{label}, row {len(lines)}: no rows follow; give a file with bars")
    names = _split(lines[skip])
    bare = re.fullmatch(r"[\d.]+", names[0]) is not None
    if bare:
        names = _bare_names(label, len(names))
    return CsvTable(table=_parse(label, content, names, skip + (not bare)), first_line=1 + skip + (not bare))


def _sniff(label: str, content: bytes) -> list[str]:
    if not content.strip():
        raise InvalidBar(f"{label}: is empty; download it again")
    if b"\x00" in content[:_SNIFF]:
        raise InvalidBar(f"{label}: is binary, not CSV; give a CSV, parquet or feather file")
    try:
        text = content[:_SNIFF].decode("utf-8", errors="strict" if len(content) <= _SNIFF else "ignore")
    except UnicodeDecodeError:
        raise InvalidBar(f"{label}: is not text; give a CSV, parquet or feather file") from None
    if text.lstrip().startswith("<"):
        raise InvalidBar(f"{label}, row 1: is a web page (HTML), not CSV; the download failed, repeat it")
    lines = text.splitlines()
    if text.lstrip()[:1] in ("{", "["):
        raise InvalidBar(f"{label}, row 1: is JSON, not CSV; give a CSV, parquet or feather file")
    return lines


def _is_notice(line: str) -> bool:
    """Whether a first line is an address (CryptoDataDownload puts its own there), not data."""
    return "," not in line.strip().rstrip(",") and ("://" in line or "www." in line)


def _split(line: str) -> list[str]:
    return [name.strip().strip('"').strip() for name in line.split(",")]


def _bare_names(label: str, width: int) -> list[str]:
    if width not in (6, len(_BINANCE)):
        raise InvalidBar(
            f"{label}, row 1: has no header and {width} columns; give 6 (time, open, high, low, close, volume) "
            f"or Binance's {len(_BINANCE)}"
        )
    return list(_BINANCE[:width])


def _parse(label: str, content: bytes, names: list[str], skip: int) -> pa.Table:
    # Everything is read as text first: then a bad cell can be told by its row, and a time by its digits.
    options = csv.ConvertOptions(column_types={name: pa.string() for name in names}, strings_can_be_null=False)
    try:
        return csv.read_csv(
            io.BytesIO(content),
            read_options=csv.ReadOptions(column_names=names, skip_rows=skip, use_threads=False),
            parse_options=csv.ParseOptions(ignore_empty_lines=False),
            convert_options=options,
        )
    except pa.ArrowInvalid as error:
        found = re.search(r"Row #(\d+): (.*)", str(error))
        where, what = (f", row {found[1]}", found[2]) if found else ("", str(error).splitlines()[0])
        raise InvalidBar(f"{label}{where}: is no regular CSV ({what[:120]}); correct or remove the row") from None
