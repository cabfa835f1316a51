"""Open a file of bars: parquet, feather, CSV; gzip and zip around them."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

from engine.adapters.archive.columns import RawTable, to_raw
from engine.adapters.archive.csv import read_csv
from engine.adapters.archive.names import from_file_name
from engine.domain.errors import InvalidBar

SUFFIXES = (".parquet", ".feather", ".csv", ".csv.gz", ".zip")
_MOST_BYTES = 1 << 30
"""A member of an archive that unpacks to more is refused (ten years of 1m bars are a third of it)."""


def is_bar_file(path: Path) -> bool:
    """Whether the name ends like a file we read."""
    return path.name.lower().endswith(SUFFIXES) and not path.name.startswith(".")


def read_file(path: Path) -> list[RawTable]:
    """Read one file into raw tables (a zip may hold several); InvalidBar tells in one line what is wrong with it."""
    try:
        return [_read_one(name, content) for name, content in _members(path)]
    except OSError as error:
        raise InvalidBar(f"{path.name}: cannot be read ({error.strerror or error}); check the file") from None


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    name, lower = path.name, path.name.lower()
    if path.stat().st_size > _MOST_BYTES:
        raise InvalidBar(f"{name}: is larger than 1 GiB; split it")
    if lower.endswith(".zip"):
        yield from _unzip(path)
    elif lower.endswith(".gz"):
        yield name[:-3], _gunzip(path)
    else:
        yield name, path.read_bytes()


def _unzip(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if one.filename.lower().endswith(SUFFIXES[:3])]
            if not members:
                raise InvalidBar(f"{path.name}: holds no CSV, parquet or feather file")
            if sum(one.file_size for one in members) > _MOST_BYTES:
                raise InvalidBar(f"{path.name}: unpacks to more than 1 GiB; split it")
            for one in members:
                # Names in an archive are labels only; nothing is ever written to the place they name.
                yield PurePosixPath(one.filename).name, archive.read(one)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise InvalidBar(f"{path.name}: is no readable zip ({error}); download it again") from None


def _gunzip(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            content = file.read(_MOST_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InvalidBar(f"{path.name}: is no readable gzip ({error}); download it again") from None
    if len(content) > _MOST_BYTES:
        raise InvalidBar(f"{path.name}: unpacks to more than 1 GiB; split it")
    return content


def _read_one(name: str, content: bytes) -> RawTable:
    named = from_file_name(name)
    if name.lower().endswith(".csv"):
        parsed = read_csv(name, content)
        return to_raw(name, parsed.table, named, parsed.first_line)
    return to_raw(name, _read_arrow(name, content), named, 1)


def _read_arrow(name: str, content: bytes) -> pa.Table:
    if not content:
        raise InvalidBar(f"{name}: is empty; download it again")
    try:
        if name.lower().endswith(".parquet"):
            return pq.ParquetFile(io.BytesIO(content)).read(use_threads=False)
        return pyarrow.feather.read_table(io.BytesIO(content), use_threads=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        kind = "parquet" if name.lower().endswith(".parquet") else "feather"
        raise InvalidBar(f"{name}: is no readable {kind} file ({str(error).splitlines()[0][:120]})") from None
