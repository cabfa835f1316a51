from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.adapters.coingecko import codec
from engine.domain.errors import InvalidBar, MarketDataError
from engine.domain.interval import Interval, to_ms

NOON = datetime(2025, 3, 4, 12, tzinfo=UTC)
HALF = timedelta(minutes=30)


def row(closed: datetime, first: str = "10", high: str = "12", low: str = "9", last: str = "11") -> list[Any]:
    return [to_ms(closed), *map(Decimal, (first, high, low, last))]


def read(*rows: list[Any]) -> list[datetime]:
    """Opens of what is kept, one day back from noon."""
    series = codec.bars(rows, "BTCUSD", Interval.M30, NOON - timedelta(days=1), NOON)
    return [bar.open_at for bar in series]


def test_a_row_is_named_by_its_close() -> None:
    assert read(row(NOON - HALF), row(NOON)) == [NOON - 2 * HALF, NOON - HALF]


def test_the_row_that_ends_now_and_the_row_that_is_cut_are_dropped() -> None:
    cut = row(NOON - timedelta(days=1))  # opened before the window
    assert read(cut, row(NOON - HALF), row(NOON - timedelta(minutes=7))) == [NOON - 2 * HALF]


def test_a_row_that_is_not_over_is_dropped() -> None:
    assert read(row(NOON), row(NOON + HALF)) == [NOON - HALF]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([row(NOON - timedelta(minutes=7)), row(NOON)], "off the 30m grid"),
        ([row(NOON, high="8")], "are not open, high, low, close"),
        ([row(NOON, low="0", first="0")], "are not open, high, low, close"),
        ([row(NOON), row(NOON - HALF)], "out of order"),
    ],
)
def test_what_breaks_a_rule_is_refused(rows: list[list[Any]], words: str) -> None:
    with pytest.raises(InvalidBar, match=words):
        read(*rows)


def test_an_incomplete_hour_is_not_folded() -> None:
    halves = [row(NOON - n * HALF) for n in (4, 3, 1, 0)]  # the first half of ten o'clock is missing
    series = codec.bars(halves, "BTCUSD", Interval.M30, NOON - timedelta(days=1), NOON)
    assert [bar.open_at for bar in codec.fold(series, Interval.H1)] == [NOON - timedelta(hours=1)]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "knows no price of bitcoin"),
        ({"bitcoin": {"eur": 1}}, "knows no price"),
        ({"bitcoin": {"usd": None}}, "knows no price"),
        ({"bitcoin": {"usd": 1}}, "does not say how old"),
        ({"bitcoin": {"usd": "1", "last_updated_at": 1}}, "not a number"),
        ({"bitcoin": {"usd": 0, "last_updated_at": 1}}, "is 0"),
        ([], "knows no price"),
    ],
)
def test_a_price_without_value_or_age_is_not_used(body: Any, words: str) -> None:
    with pytest.raises(MarketDataError, match=words):
        codec.price(body, "bitcoin", "USD")


def test_points_out_of_order_are_refused() -> None:
    with pytest.raises(InvalidBar, match="out of order"):
        codec.prices({"prices": [[2, Decimal(1)], [1, Decimal(1)]]}, "bitcoin", "USD")


def test_a_chart_without_points_is_empty() -> None:
    series = codec.prices({"prices": []}, "bitcoin", "USD")
    assert (series.points, series.step) == ((), None)
