"""Prices are whole ticks and quantities whole lots, or there is no order; no product overflows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import ConfigurationError, InvalidOrder
from engine.domain.money import ATOM
from tests.builders import instrument

BTC = instrument()
STEPS = st.integers(1, 10**10)
EXPONENTS = st.integers(-8, 3)


@given(ticks=STEPS, lots=STEPS)
def test_steps_come_back(ticks: int, lots: int) -> None:
    assert BTC.ticks(BTC.price(ticks)) == ticks
    assert BTC.lots(BTC.quantity(lots)) == lots


@given(ticks=STEPS, lots=STEPS)
def test_atoms_of_a_notional_are_ticks_times_lots(ticks: int, lots: int) -> None:
    assert BTC.price(ticks) * BTC.quantity(lots) == ticks * lots * BTC.tick_lot_atoms * ATOM


@pytest.mark.parametrize("wrong", ["0.001", "0", "-0.01", "100.005"])
def test_a_price_off_the_grid_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidOrder, match=f"BTCUSDT: price {wrong} must be a positive multiple of 0.01"):
        BTC.ticks(Decimal(wrong))


@pytest.mark.parametrize("wrong", ["0.000001", "0", "-1"])
def test_a_quantity_off_the_grid_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidOrder, match=f"BTCUSDT: quantity {wrong} must be a positive multiple of 0.00001"):
        BTC.lots(Decimal(wrong))


def test_more_coins_than_can_be_counted_are_refused() -> None:
    cheap = instrument("PEPEUSDT", tick="0.00000001", lot="1")
    assert cheap.lots(Decimal(cheap.most_lots)) * cheap.lot_atoms < 2**62
    with pytest.raises(InvalidOrder, match="quantity 46116860185 is above 46116860184, the most"):
        cheap.lots(Decimal(cheap.most_lots + 1))


def test_its_atoms_are_whole() -> None:
    assert (BTC.lot_atoms, BTC.tick_lot_atoms, BTC.min_notional_atoms) == (1_000, 10, 500_000_000)
    with pytest.raises(ConfigurationError, match="BTCUSDT: min_notional"):
        _ = replace(BTC, min_notional=Decimal("0.000000001")).min_notional_atoms


@pytest.mark.parametrize(
    ("tick", "lot", "said"),
    [
        ("0", "0.00001", "tick_size 0 must be above zero"),
        ("0.01", "-1", "lot_step -1 must be above zero"),
        ("0.00000001", "0.1", "tick x lot"),  # a lot at one tick would be a tenth of an atom
        ("1", "0.000000001", "lot_step"),
        ("1000", "1000", "overflows"),
    ],
)
def test_rules_that_the_integers_cannot_hold_are_refused(tick: str, lot: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        instrument(tick=tick, lot=lot)


@given(tick=EXPONENTS, lot=EXPONENTS)
def test_what_is_accepted_cannot_overflow(tick: int, lot: int) -> None:
    try:
        made = instrument(tick=f"1E{tick}", lot=f"1E{lot}")
    except ConfigurationError:
        return
    ten_million_ticks = 10_000_000 * made.tick_lot_atoms
    assert max(ten_million_ticks, 50 * made.lot_atoms * made.tick_lot_atoms) < 2**62
