"""The order-of-lists rules of klines, and bars that agree with the trades they are made of."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from engine.domain.bar import BarSeries
from engine.domain.interval import Interval, to_ms
from tests.exchange.clock import TurnedClock
from tests.exchange.exchange import NOW, OPENED_AT, Exchange
from tests.exchange.listing import BTCUSDT
from tests.exchange.tape import from_bars
from tests.exchange.wire import Request

MINUTE, HOUR = Interval.M1.ms, Interval.H1.ms
FIRST = to_ms(OPENED_AT)
CURRENT_HOUR = to_ms(NOW) // HOUR * HOUR


@pytest.fixture
def exchange() -> Exchange:
    return Exchange.seeded()


def ask(exchange: Exchange, path: str, **query: object) -> Any:
    sent = tuple((name, str(value)) for name, value in query.items())
    return json.loads(exchange.handle(Request(method="GET", path=f"/api/v3/{path}", query=sent)).body)


def opens(exchange: Exchange, **query: object) -> list[int]:
    return [row[0] for row in ask(exchange, "klines", symbol="BTCUSDT", interval="1h", **query)]


def test_without_start_the_newest_come_with_the_unfinished_last(exchange: Exchange) -> None:
    assert opens(exchange, limit=3) == [CURRENT_HOUR - 2 * HOUR, CURRENT_HOUR - HOUR, CURRENT_HOUR]


def test_from_a_start_the_oldest_come(exchange: Exchange) -> None:
    assert opens(exchange, startTime=FIRST + 1, limit=2) == [FIRST + HOUR, FIRST + 2 * HOUR]
    assert opens(exchange, startTime=FIRST - 9 * HOUR, limit=1) == [FIRST]


def test_with_only_an_end_the_newest_up_to_it_come(exchange: Exchange) -> None:
    assert opens(exchange, endTime=FIRST + 5 * HOUR, limit=2) == [FIRST + 4 * HOUR, FIRST + 5 * HOUR]


def test_a_start_and_an_end_cut_at_the_end(exchange: Exchange) -> None:
    assert opens(exchange, startTime=FIRST, endTime=FIRST + 2 * HOUR - 1) == [FIRST, FIRST + HOUR]
    assert opens(exchange, startTime=FIRST, endTime=FIRST + 9 * HOUR, limit=2) == [FIRST, FIRST + HOUR]
    assert opens(exchange, startTime=FIRST + HOUR, endTime=FIRST) == []


@pytest.mark.parametrize(("limit", "rows"), [(1, 1), (1000, 1000), (1001, 1000), (None, 500)])
def test_rows_are_limited(exchange: Exchange, limit: int | None, rows: int) -> None:
    query = {} if limit is None else {"limit": limit}
    assert len(ask(exchange, "klines", symbol="BTCUSDT", interval="1m", **query)) == rows


def test_a_bar_grows_until_its_close_time_has_passed(exchange: Exchange) -> None:
    def last() -> list[Any]:
        return list(ask(exchange, "klines", symbol="BTCUSDT", interval="1m", limit=1)[0])

    before = last()
    exchange.clock.turn(36.543)
    after = last()
    assert after[0] == before[0]
    assert (after[8], before[8]) == (4, 2)
    assert float(after[2]) >= float(before[2])
    assert after[6] == before[0] + MINUTE - 1 == exchange.now_ms
    exchange.clock.turn(0.001)
    assert last()[0] == before[0] + MINUTE


def test_bars_are_made_of_the_trades(exchange: Exchange) -> None:
    (bar,) = ask(exchange, "klines", symbol="ETHUSDT", interval="5m", startTime=FIRST, limit=1)
    trades = ask(exchange, "aggTrades", symbol="ETHUSDT", startTime=bar[0], endTime=bar[6])
    prices = [Decimal(trade["p"]) for trade in trades]
    assert [Decimal(bar[i]) for i in (1, 2, 3, 4)] == [prices[0], max(prices), min(prices), prices[-1]]
    assert Decimal(bar[5]) == sum(Decimal(trade["q"]) for trade in trades)
    assert Decimal(bar[7]) == sum(Decimal(trade["q"]) * Decimal(trade["p"]) for trade in trades)
    assert Decimal(bar[9]) == sum(Decimal(trade["q"]) for trade in trades if not trade["m"])
    assert bar[8] == len(trades)


def test_given_bars_come_out_as_they_went_in_and_minutes_without_trades_stand_still() -> None:
    given = BarSeries.empty("BTCUSDT", Interval.H1)
    for i, prices in enumerate([(100.5, 101.25, 99.75, 100.0), (100.0, 100.5, 98.0, 98.01)]):
        given.open_ms.append(FIRST + i * HOUR)
        for column, value in zip((given.open, given.high, given.low, given.close), prices, strict=True):
            column.append(value)
        given.volume.append(2.5)
    exchange = Exchange([from_bars(BTCUSDT, given)], TurnedClock(NOW))
    hours = ask(exchange, "klines", symbol="BTCUSDT", interval="1h", limit=2, startTime=FIRST)
    assert [[float(x) for x in row[1:6]] for row in hours] == [
        [100.5, 101.25, 99.75, 100.0, 2.5],
        [100.0, 100.5, 98.0, 98.01, 2.5],
    ]
    minute = ask(exchange, "klines", symbol="BTCUSDT", interval="1m", startTime=FIRST + MINUTE, limit=1)[0]
    assert minute[1:6] == ["100.50000000"] * 4 + ["0.00000000"]
    assert minute[8] == 0


def test_the_same_seed_gives_the_same_market() -> None:
    def day(seed: int) -> object:
        return ask(Exchange.seeded(seed=seed), "ticker/24hr", symbol="BTCUSDT")

    assert day(7) == day(7)
    assert day(7) != day(8)


@pytest.mark.parametrize("interval", ["1s", "3m", "1d", "1w"])
def test_other_lengths_close_one_ms_before_the_next_open(exchange: Exchange, interval: str) -> None:
    rows = ask(exchange, "klines", symbol="BTCUSDT", interval=interval, limit=2)
    if len(rows) == 2:
        assert rows[0][6] + 1 == rows[1][0]
    assert rows[-1][0] <= exchange.now_ms <= rows[-1][6]
