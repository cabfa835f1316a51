"""Rules inferred from archives: every price must be whole ticks, every product must fit the kernel."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from engine.domain.bar import BarSeries
from engine.domain.errors import MarketDataError
from engine.domain.interval import Interval
from engine.market.columns import to_series
from engine.market.rules import decimal_places, infer_instrument, merge_rules, split_symbol
from tests.builders import instrument


def series(prices: list[float], volumes: list[float], symbol: str = "BTCUSDT") -> BarSeries:
    price, opens = np.array(prices), np.arange(len(prices), dtype=np.int64) * Interval.H1.ms
    return to_series(symbol, Interval.H1, opens, [price, price, price, price, np.array(volumes)])


def test_the_finest_place_seen_is_the_step() -> None:
    found = infer_instrument([series([10.0, 10.25], [1.0, 0.001])])
    assert (found.tick_size, found.lot_step, found.min_notional) == (Decimal("0.01"), Decimal("0.001"), Decimal(5))
    assert (found.base, found.quote) == ("BTC", "USDT")


def test_early_history_with_finer_ticks_wins() -> None:
    found = infer_instrument([series([0.0123456, 0.25], [1.5, 2.0])])
    assert found.tick_size == Decimal("0.0000001")
    assert found.lot_step == Decimal("0.1")


def test_a_lot_is_never_worth_more_than_the_smallest_order() -> None:
    found = infer_instrument([series([100_000.0], [7.0])])
    assert found.lot_step * 100_000 <= found.min_notional


def test_noise_in_summed_volumes_gives_the_finest_lot_that_atoms_can_hold() -> None:
    found = infer_instrument([series([10.25], [0.1 + 0.2 + 1e-15])])
    assert found.lot_step == Decimal("0.000001")
    assert found.tick_lot_atoms == 1


def test_a_price_finer_than_an_atom_is_refused_by_name() -> None:
    with pytest.raises(MarketDataError, match=r"price 1\.234567891 has more than 8 decimals"):
        infer_instrument([series([1.0, 1.234567891], [1.0, 1.0])])


def test_what_two_imports_show_is_united() -> None:
    coarse, fine = instrument(tick="0.01", lot="0.001"), instrument(tick="0.0001", lot="0.01")
    merged = merge_rules(coarse, fine)
    assert (merged.tick_size, merged.lot_step) == (Decimal("0.0001"), Decimal("0.001"))
    assert merge_rules(merged, coarse) == merged
    assert merge_rules(None, fine) == fine


@pytest.mark.parametrize(
    ("symbol", "pair"),
    [
        ("BTCUSDT", ("BTC", "USDT")), ("ETHBTC", ("ETH", "BTC")), ("BTCFDUSD", ("BTC", "FDUSD")),
        ("BTCUSD", ("BTC", "USD")), ("USDTTRY", ("USDT", "TRY")),
    ],
)  # fmt: skip
def test_symbols_are_split_by_the_quote_assets_we_know(symbol: str, pair: tuple[str, str]) -> None:
    assert split_symbol(symbol) == pair


def test_an_unknown_quote_asset_is_refused_with_the_way_out() -> None:
    with pytest.raises(MarketDataError, match="write the pair with an underscore"):
        split_symbol("FOOBARX")


@pytest.mark.parametrize(("numbers", "places"), [([1.0, 2.0], 0), ([0.1, 0.07], 2), ([111980.01], 2), ([1e-9], None)])
def test_decimal_places_are_those_that_write_each_number(numbers: list[float], places: int | None) -> None:
    assert decimal_places(np.array(numbers)) == places
