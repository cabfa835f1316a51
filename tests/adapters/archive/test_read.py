"""Files of every dialect, made here the way their makers write them, and files that only pretend."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from engine.adapters.archive import read_file
from engine.adapters.archive.columns import RawTable
from engine.domain.errors import InvalidBar
from engine.domain.interval import Interval, to_ms
from tests.builders import utc

START = to_ms(utc("2025-01-01"))
HOUR = Interval.H1.ms
MONTHLY = [
    f"{START + i * HOUR},{100 + i}.50,{103 + i}.00,{99 + i}.00,{101 + i}.25,7.5,{START + (i + 1) * HOUR - 1},1,2,3,4,0"
    for i in range(4)
]
HEADER = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore"
)
OPENS = [START + i * HOUR for i in range(4)]
CLOSES = [101.25, 102.25, 103.25, 104.25]
CDD = [
    "https://www.CryptoDataDownload.com",
    "Unix,Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USDT,tradecount",
    *(
        f"{START + i * HOUR},2025-01-01 0{i}:00:00,BTCUSDT,{100 + i}.5,{103 + i},{99 + i},{101 + i}.25,7.5,900.0,4"
        for i in (3, 2, 1, 0)
    ),
]


def text_file(folder: Path, name: str, lines: list[str]) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def one(path: Path) -> RawTable:
    (table,) = read_file(path)
    return table


def _assert_is_the_four_hours(table: RawTable, *, newest_first: bool = False) -> None:
    turn = -1 if newest_first else 1
    assert (table.bars.symbol, table.bars.interval) == ("BTCUSDT", Interval.H1)
    assert table.bars.open_ms.tolist() == OPENS[::turn]
    assert table.bars.values[3].tolist() == CLOSES[::turn]
    assert table.bars.values[4].tolist() == [7.5] * 4


def test_monthly_archives_without_a_header(tmp_path: Path) -> None:
    table = one(text_file(tmp_path, "BTCUSDT-1h-2025-01.csv", MONTHLY))
    _assert_is_the_four_hours(table)
    assert table.bars.first_row == 1


def test_monthly_archives_with_a_header(tmp_path: Path) -> None:
    table = one(text_file(tmp_path, "BTCUSDT-1h-2025-01.csv", [HEADER, *MONTHLY]))
    _assert_is_the_four_hours(table)
    assert table.bars.first_row == 2


@pytest.mark.parametrize("zeros", ["000", "000000"])
def test_monthly_archives_in_finer_units_of_time(tmp_path: Path, zeros: str) -> None:
    lines = [",".join([cells[0] + zeros, *cells[1:]]) for cells in (line.split(",") for line in MONTHLY)]
    _assert_is_the_four_hours(one(text_file(tmp_path, "BTCUSDT-1h-2025-01.csv", lines)))


def test_archives_as_they_are_downloaded(tmp_path: Path) -> None:
    path = tmp_path / "BTCUSDT-1h-2025-01.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("BTCUSDT-1h-2025-01.csv", "\n".join(MONTHLY))
        archive.writestr("README.txt", "not bars")
    _assert_is_the_four_hours(one(path))
    packed = tmp_path / "BTCUSDT-1h.csv.gz"
    packed.write_bytes(gzip.compress("\n".join(MONTHLY).encode()))
    _assert_is_the_four_hours(one(packed))


def test_cryptodatadownload_files(tmp_path: Path) -> None:
    table = one(text_file(tmp_path, "Binance_BTCUSDT_1h.csv", CDD))
    _assert_is_the_four_hours(table, newest_first=True)
    assert table.bars.first_row == 3


def test_cryptodatadownload_files_that_mix_seconds_and_milliseconds(tmp_path: Path) -> None:
    lines = [*CDD[:4], *(line.replace("000,", ",", 1) for line in CDD[4:])]
    assert lines[4] != CDD[4]
    _assert_is_the_four_hours(one(text_file(tmp_path, "whatever.csv", lines)), newest_first=True)


def test_cryptodatadownload_files_with_dates_alone_and_the_quote_volume_first(tmp_path: Path) -> None:
    lines = ["Date,Symbol,Open,High,Low,Close,Volume USDT,Volume BTC"]
    for i, clock in enumerate(("12-AM", "01-AM", "02-AM", "03-AM")):
        lines.append(f"2025-01-01 {clock},BTC/USDT,{100 + i}.5,{103 + i},{99 + i},{101 + i}.25,900,7.5")
    table = one(text_file(tmp_path, "export.csv", lines))
    _assert_is_the_four_hours(table)
    assert table.pair == ("BTC", "USDT")


@pytest.mark.parametrize("form", ["2025-01-01 0{}:00:00", "2025-01-01T0{}:00:00Z", "2025-01-01 0{}:00:00+00:00"])
def test_dates_as_people_write_them(tmp_path: Path, form: str) -> None:
    rows = [f"{form.format(i)},{100 + i}.5,{103 + i},{99 + i},{101 + i}.25,7.5" for i in range(4)]
    _assert_is_the_four_hours(one(text_file(tmp_path, "BTCUSDT-1h.csv", ["date,open,high,low,close,volume", *rows])))


@pytest.mark.parametrize("unit", ["ms", "ns"])
def test_freqtrade_feather_files(tmp_path: Path, unit: str) -> None:
    stamps = pa.array(np.array(OPENS, dtype="datetime64[ms]")).cast(pa.timestamp(unit, tz="UTC"))
    columns = [[100.5, 101.5, 102.5, 103.5], [103.0, 104, 105, 106], [99.0, 100, 101, 102], CLOSES, [7.5] * 4]
    table = pa.table([stamps, *columns], names=["date", "open", "high", "low", "close", "volume"])
    path = tmp_path / "BTC_USDT-1h.feather"
    pyarrow.feather.write_feather(table, path)
    found = one(path)
    _assert_is_the_four_hours(found)
    assert found.pair == ("BTC", "USDT")


def test_our_own_parquet_with_an_interval_told_by_its_times(tmp_path: Path) -> None:
    columns = [OPENS, [100.5, 101.5, 102.5, 103.5], [103.0, 104, 105, 106], [99.0, 100, 101, 102], CLOSES, [7.5] * 4]
    names = ["open_time", "open", "high", "low", "close", "volume"]
    pq.write_table(pa.table(columns, names=names), tmp_path / "BTCUSDT.parquet")
    _assert_is_the_four_hours(one(tmp_path / "BTCUSDT.parquet"))


def test_spaces_quotes_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    lines = ['"open_time", "open", "high", "low", "close", "volume"', "", ""]
    lines[1:1] = [" ,".join(line.split(",")[:6]) for line in MONTHLY]
    path = tmp_path / "BTCUSDT-1h.csv"
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    _assert_is_the_four_hours(one(path))


def test_nameless_columns_do_no_harm(tmp_path: Path) -> None:
    lines = [",".join(line.split(",")[:6]) + ",," for line in [HEADER, *MONTHLY]]
    _assert_is_the_four_hours(one(text_file(tmp_path, "BTCUSDT-1h.csv", lines)))


def _slashed(folder: Path, form: str, opens: list[str], interval: str) -> Path:
    lines = [f"{utc(at).strftime(form)},100,101,99,100,5" for at in opens]
    return text_file(folder, f"BTCUSDT-{interval}.csv", ["Date,Open,High,Low,Close,Volume", *lines])


JANUARY = [f"2025-01-{day:02}" for day in range(1, 31)]
HOURS = [f"{day}T{hour:02}:00" for day in JANUARY[:3] for hour in range(24)]


@pytest.mark.parametrize(
    ("opens", "interval"),
    [(JANUARY, "1d"), (JANUARY[:12], "1d"), (JANUARY[11::-1], "1d"), (HOURS, "1h"), (HOURS[:24], "1h"),
     ([*JANUARY[:3], *JANUARY[6:12]], "1d")],
)  # fmt: skip
def test_dates_with_slashes_are_read_month_first(tmp_path: Path, opens: list[str], interval: str) -> None:
    table = one(_slashed(tmp_path, "%m/%d/%Y %H:%M", opens, interval))
    assert table.bars.open_ms.tolist() == [to_ms(utc(at)) for at in opens]


@pytest.mark.parametrize(
    ("opens", "interval"),
    [(JANUARY[:12], "1d"), (JANUARY[11::-1], "1d"), (HOURS, "1h"), (HOURS[24:48], "1h"), (JANUARY[4:5], "1d")],
)  # fmt: skip
def test_dates_that_may_be_day_first_are_refused_not_read_into_other_months(
    tmp_path: Path, opens: list[str], interval: str
) -> None:
    with pytest.raises(InvalidBar, match="is a day and a month, and nothing in the file tells which is which; give Un"):
        read_file(_slashed(tmp_path, "%d/%m/%Y %H:%M", opens, interval))


def _replace(row: int, column: int, cell: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        lines = [line.split(",") for line in MONTHLY]
        lines[row][column] = cell
        return text_file(folder, "BTCUSDT-1h.csv", [",".join(line) for line in lines])

    return make


def _bytes(name: str, content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


def _lines(name: str, *lines: str) -> Callable[[Path], Path]:
    return _bytes(name, "\n".join(lines).encode())


def _zip_of(name: str, content: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        with zipfile.ZipFile(folder / "BTCUSDT-1h.zip", "w") as archive:
            archive.writestr(name, content)
        return folder / "BTCUSDT-1h.zip"

    return make


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_bytes("BTCUSDT-1h.csv", b""), "BTCUSDT-1h.csv: is empty"),
        (_bytes("BTCUSDT-1h.csv", b" \n\n"), "BTCUSDT-1h.csv: is empty"),
        (_bytes("BTCUSDT-1h.csv", b"\n<!DOCTYPE html><html>"), "BTCUSDT-1h.csv, row 1: is a web page"),
        (_bytes("BTCUSDT-1h.csv", b'{"code": 0}'), "BTCUSDT-1h.csv, row 1: is JSON"),
        (_bytes("BTCUSDT-1h.csv", b"PAR1\x00\x01\x02"), "BTCUSDT-1h.csv: is binary"),
        (_bytes("BTCUSDT-1h.csv", b"caf\xe9,1,2,3"), "BTCUSDT-1h.csv: is not text"),
        (_lines("BTCUSDT-1h.csv", "https://example.org"), "BTCUSDT-1h.csv, row 1: no rows follow"),
        (_lines("BTCUSDT-1h.csv", "hello world"), "BTCUSDT-1h.csv: has no time column"),
        (_lines("BTCUSDT-1h.csv", "time,open,high,low,volume", "1,2,3,4,5"), "BTCUSDT-1h.csv: has no column close"),
        (
            _lines("BTCUSDT-1h.csv", "time,open,high,low,close,volume, Volume", "1,2,3,4,5,6,7"),
            "BTCUSDT-1h.csv: has two columns 'volume'",
        ),
        (
            _lines("BTCUSDT-1h.csv", "time,time,open,high,low,close,volume", "1,1,2,3,4,5,6"),
            "BTCUSDT-1h.csv: has two columns 'time'",
        ),
        (_lines("BTCUSDT-1h.csv", "1,2,3,4,5,6,7"), "BTCUSDT-1h.csv, row 1: has no header and 7 columns"),
        (_lines("prices.csv", HEADER, *MONTHLY), "prices.csv: neither its name nor its columns tell the symbol"),
        (_lines("BTCUSDT.csv", MONTHLY[0]), "BTCUSDT.csv: neither its name nor its times tell the interval"),
        (_lines("BTCUSDT-1h.csv", *MONTHLY[:2], "1,2,3"), "BTCUSDT-1h.csv, row 3: is no regular CSV"),
        (_lines("ETHUSDT-1h.csv", *CDD), "ETHUSDT-1h.csv, row 3: its rows are BTCUSDT, its name says ETHUSDT"),
        (
            _lines("x.csv", *CDD[:4], CDD[4].replace("BTCUSDT", "ETHUSDT"), CDD[5]),
            "x.csv, row 5: holds a second symbol 'ETHUSDT'",
        ),
        (_replace(2, 1, "abc"), "BTCUSDT-1h.csv, row 3: open 'abc' is not a number"),
        (_replace(2, 5, ""), "BTCUSDT-1h.csv, row 3: volume '' is not a number"),
        (_replace(1, 0, "yesterday"), "BTCUSDT-1h.csv, row 2: 'yesterday' is not a time"),
        (_replace(1, 0, ""), "BTCUSDT-1h.csv, row"),
        (_replace(1, 0, "nan"), "BTCUSDT-1h.csv, row 2: "),
        (_replace(1, 0, "1735693200000001"), "BTCUSDT-1h.csv, row 2: time 1735693200000001 is no whole millisecond"),
        (_bytes("BTCUSDT-1h.parquet", b"<html>"), "BTCUSDT-1h.parquet: is no readable parquet file"),
        (_bytes("BTCUSDT-1h.parquet", b""), "BTCUSDT-1h.parquet: is empty"),
        (_bytes("BTCUSDT-1h.feather", b"PK\x03\x04"), "BTCUSDT-1h.feather: is no readable feather file"),
        (_bytes("BTCUSDT-1h.csv.gz", b"not gzip"), "BTCUSDT-1h.csv.gz: is no readable gzip"),
        (_bytes("BTCUSDT-1h.csv.gz", gzip.compress(b"abc" * 99)[:-9]), "BTCUSDT-1h.csv.gz: is no readable gzip"),
        (_bytes("BTCUSDT-1h.zip", b"<html>"), "BTCUSDT-1h.zip: is no readable zip"),
        (_zip_of("readme.txt", "no bars"), "BTCUSDT-1h.zip: holds no CSV"),
        (_zip_of("../../BTCUSDT-1h.csv", "<html>"), "BTCUSDT-1h.csv, row 1: is a web page"),
    ],
)
def test_what_is_no_file_of_bars_is_refused_in_one_clear_line(
    tmp_path: Path, make: Callable[[Path], Path], message: str
) -> None:
    with pytest.raises(InvalidBar) as caught:
        read_file(make(tmp_path))
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.adapters.archive.read._MOST_BYTES", 1000)
    for name in ("BTCUSDT-1h.zip", "BTCUSDT-1h.csv.gz"):
        path = tmp_path / name
        if name.endswith(".gz"):
            path.write_bytes(gzip.compress(b"0" * 5000))
        else:
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("BTCUSDT-1h.csv", "0" * 5000)
        with pytest.raises(InvalidBar, match="unpacks to more than 1 GiB"):
            read_file(path)
