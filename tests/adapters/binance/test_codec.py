from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.adapters.binance import codec
from engine.domain.errors import ConfigurationError, InvalidBar, MarketDataError
from engine.domain.interval import Interval, to_ms
from tests.exchange.listing import BTCUSDT

NOON = to_ms(datetime(2025, 3, 4, 12, tzinfo=UTC))
HOUR = Interval.H1.ms


def row(**filters: dict[str, str]) -> dict[str, Any]:
    """BTCUSDT's row of exchangeInfo with these filters changed, e.g. LOT_SIZE={"stepSize": "0"}."""
    shown = BTCUSDT.row()
    for given in shown["filters"]:
        given.update(filters.get(given["filterType"], {}))
    return shown


def kline(opened: int, *, o: str = "10", h: str = "12", low: str = "9", c: str = "11", v: str = "5") -> list[Any]:
    return [opened, o, h, low, c, v, opened + HOUR - 1, "50", 3, "1", "10", "0"]


def test_steps_lose_their_trailing_zeros() -> None:
    instrument = codec.instrument(row())
    assert str(instrument.tick_size) == "0.01"
    assert str(instrument.lot_step) == "0.00001"


def test_a_step_of_zero_is_a_filter_switched_off() -> None:
    """The precision of the asset stands in; nothing is divided by zero."""
    lots = row(LOT_SIZE={"stepSize": "0.00000000"}, MARKET_LOT_SIZE={"stepSize": "0.00100000"})
    assert codec.instrument(lots).lot_step == Decimal("0.001")


def test_the_stricter_notional_counts() -> None:
    both = row()
    both["filters"].append({"filterType": "MIN_NOTIONAL", "minNotional": "10.00000000"})
    assert codec.instrument(both).min_notional == 10


@pytest.mark.parametrize("status", ["HALT", "BREAK", "END_OF_DAY", "CANCEL_ONLY"])
def test_only_what_is_trading_can_be_traded(status: str) -> None:
    assert not codec.instrument(row() | {"status": status}).trading
    assert not codec.instrument(row() | {"isSpotTradingAllowed": False}).trading
    assert codec.instrument(row()).trading


def test_what_our_integers_cannot_hold_is_refused_with_its_reason() -> None:
    """A tick of 1e-5 and a lot of 1e-4 make a billionth: below the smallest amount that is counted."""
    odd = row(PRICE_FILTER={"tickSize": "0.00001000"}, LOT_SIZE={"stepSize": "0.00010000"}) | {"symbol": "ETHBTC"}
    usable, refused = codec.instruments([row(), odd])
    assert [i.symbol for i in usable] == ["BTCUSDT"]
    assert "tick x lot" in refused["ETHBTC"]


def test_a_row_without_steps_is_refused() -> None:
    with pytest.raises(MarketDataError, match=r"BTCUSDT.*its steps are unknown"):
        codec.instrument(row() | {"filters": []})


@pytest.mark.parametrize("tick", ["a lot", "NaN", "Infinity"])
def test_a_step_that_is_no_number_is_refused(tick: str) -> None:
    with pytest.raises(ConfigurationError, match=tick):
        codec.instrument(row(PRICE_FILTER={"tickSize": tick}))


def test_a_step_as_float_is_refused() -> None:
    with pytest.raises(MarketDataError, match=r"tickSize is 0\.01; Binance documents a decimal in a string"):
        codec.instrument(row(PRICE_FILTER={"tickSize": 0.01}))  # type: ignore[dict-item]


def test_the_bar_that_is_not_over_is_dropped() -> None:
    rows = [kline(NOON - 2 * HOUR), kline(NOON - HOUR), kline(NOON)]
    assert list(codec.bars(rows, "X", Interval.H1, NOON).open_ms) == [NOON - 2 * HOUR, NOON - HOUR]
    assert list(codec.bars(rows, "X", Interval.H1, NOON - 1).open_ms) == [NOON - 2 * HOUR]


def test_a_gap_stays_a_gap() -> None:
    rows = [kline(NOON - 5 * HOUR), kline(NOON - 2 * HOUR)]
    assert len(codec.bars(rows, "X", Interval.H1, NOON)) == 2


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (kline(NOON - HOUR, h="8"), "between low"),
        (kline(NOON - HOUR, low="11.5"), "between low"),
        (kline(NOON - HOUR, c="NaN"), "finite"),
        (kline(NOON - HOUR, low="0", o="0"), "above zero"),
        (kline(NOON - HOUR, v="-1"), "above zero"),
        (kline(NOON - HOUR, o="ten"), "not numbers"),
        (kline(NOON - HOUR - 1), "off the grid"),
        ([NOON - HOUR, "1"], "a kline of 2 fields"),
    ],
)
def test_a_bar_that_breaks_a_rule_is_refused(bad: list[Any], words: str) -> None:
    with pytest.raises(InvalidBar, match=words):
        codec.bars([bad], "BTCUSDT", Interval.H1, NOON)


def test_a_bar_that_comes_twice_is_refused() -> None:
    with pytest.raises(InvalidBar, match="out of order"):
        codec.bars([kline(NOON - HOUR), kline(NOON - HOUR)], "BTCUSDT", Interval.H1, NOON)


def test_an_empty_book_is_no_quote() -> None:
    body = {"symbol": "X", "bidPrice": "0.00000000", "bidQty": "0", "askPrice": "0.00000000", "askQty": "0"}
    with pytest.raises(MarketDataError, match="halted or empty"):
        codec.quote(body, datetime(2025, 3, 4, tzinfo=UTC))
