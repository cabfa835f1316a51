"""The adapter plays every recorded exchange call, without a server."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from vcr.errors import CannotOverwriteExistingCassetteException

from engine.domain.bar import BarSeries
from engine.domain.depth import Depth
from engine.domain.errors import MarketDataError
from engine.domain.interval import Interval
from engine.domain.quote import Quote
from tests.exchange import TurnedClock
from tests.record import calls
from tests.record.cassette import deck, recorded_at
from tests.record.orders import ORDERS

NOBODY = "http://127.0.0.1:9"
CASSETTES = calls.FOLDER / "binance" / "cassettes"


def played(name: str) -> Any:
    """Ask again what was asked when the cassette was recorded."""
    path = CASSETTES / f"{name}.yaml"
    clock = TurnedClock(recorded_at(path))
    with deck("none").use_cassette(str(path)) as cassette:
        result = calls.BINANCE[name](calls.binance(clock, NOBODY))
        assert cassette.all_played
    return result


def test_every_call_has_its_cassette() -> None:
    assert {path.stem for path in CASSETTES.glob("*.yaml")} == {*calls.BINANCE, *ORDERS}


def test_server_time() -> None:
    assert abs((played("server_time") - recorded_at(CASSETTES / "server_time.yaml")).total_seconds()) < 60


def test_reachability() -> None:
    assert played("reachability").ok


def test_instruments() -> None:
    found = {i.symbol: i for i in played("instruments")}
    assert set(found) == set(calls.SYMBOLS)
    assert found["BTCUSDT"].tick_size == Decimal("0.01")


def test_bars() -> None:
    bars = played("bars")
    assert isinstance(bars, BarSeries)
    assert (bars.interval, len(bars)) == (Interval.H1, 36)
    assert (bars.bar(0).open_at, bars.last_close_at) == (calls.START, calls.END)


def test_quote() -> None:
    quote = played("quote")
    assert isinstance(quote, Quote)
    assert 0 < quote.bid < quote.ask


def test_depth() -> None:
    depth = played("depth")
    assert isinstance(depth, Depth)
    assert (len(depth.bids), len(depth.asks)) == (5, 5)


def test_tickers() -> None:
    assert [ticker.symbol for ticker in played("tickers")] == list(calls.SYMBOLS)


def test_unknown_symbol() -> None:
    assert isinstance(played("unknown_symbol"), MarketDataError)


def test_another_question_does_not_play() -> None:
    path = CASSETTES / "quote.yaml"
    market = calls.binance(TurnedClock(recorded_at(path)), NOBODY)
    with deck("none").use_cassette(str(path)), pytest.raises(CannotOverwriteExistingCassetteException):
        market.quote("BTCUSDT")
