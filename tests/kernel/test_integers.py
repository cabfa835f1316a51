"""The arithmetic of money against Python's unbounded integers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.grid import Grid, affordable, notional, worth
from engine.kernel.integers import muldiv, share_down, share_up
from engine.kernel.prices import buy_fee, market_buy, market_sell, protect, sellable

AMOUNT = st.integers(0, 2**61)
PPM = st.integers(0, 1_000_000)


@given(a=AMOUNT, b=AMOUNT, c=st.integers(1, 2**61))
def test_muldiv_is_exact_where_the_product_overflows(a: int, b: int, c: int) -> None:
    if a * b // c < 2**62:
        assert muldiv(a, b, c) == a * b // c


@given(amount=AMOUNT, ppm=PPM)
def test_shares_round_as_they_say(amount: int, ppm: int) -> None:
    assert share_down(amount, ppm) == amount * ppm // 1_000_000
    assert share_up(amount, ppm) == -(-amount * ppm // 1_000_000)


@given(lots=st.integers(0, 10**12), ticks=st.integers(1, 10**9), cash=AMOUNT)
def test_what_is_affordable_never_forms_the_product(lots: int, ticks: int, cash: int) -> None:
    assert affordable(lots, ticks, cash, Grid(7, 1_000, 0)) == (lots * ticks * 7 <= cash)


@given(atoms=st.integers(0, 10**10), ticks=st.integers(1, 10**6))
def test_dust_is_worth_its_share_of_a_lot(atoms: int, ticks: int) -> None:
    grid = Grid(1_000, 100_000, 0)
    assert worth(atoms, ticks, grid) == atoms * ticks * 1_000 // 100_000


def test_prices_are_rounded_against_us() -> None:
    assert (market_buy(100_001, 300), market_sell(100_001, 300)) == (100_032, 99_970)
    assert protect(100_001, 20_000, 40_000) == (98_000, 104_001)
    assert protect(3, 990_000, 0) == (1, 3)


def test_a_buy_leaves_its_fee_in_coins() -> None:
    grid = Grid(10, 1_000, 0)  # a lot of 0.00001 at a tick of 0.01
    assert buy_fee(1_999, 1_000, grid) == 1_999  # 0.1 % of 1,999,000 atoms
    assert sellable(1_999, 1_000, grid) == 1_997  # 1,997,001 atoms: one atom is dust
    assert sellable(1, 1_000, grid) == 0
    assert notional(1_999, 5_000_000, grid) == 99_950_000_000
