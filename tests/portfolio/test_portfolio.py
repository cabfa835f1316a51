"""Fills folded by hand: FIFO lots, fees on both sides, dust, partial closes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import LedgerError
from engine.domain.fill import Fill
from engine.domain.instrument import Instrument
from engine.domain.order import ExitReason
from engine.domain.trade import Trade
from engine.portfolio.fold import take
from engine.portfolio.portfolio import Lot, Portfolio, apply, deposit, opened, position_of
from tests.builders import instrument, utc
from tests.portfolio.fills import ACCOUNT, buy, sell

BTC = instrument(lot="0.001")


def folded(*fills: Fill, btc: Instrument = BTC) -> tuple[Portfolio, list[Trade]]:
    portfolio, trades = opened(ACCOUNT), []
    for fill in fills:
        portfolio, trade = apply(portfolio, fill, btc, ExitReason.STOP)
        trades += [trade] if trade else []
    return portfolio, trades


def test_a_buy_costs_money_and_its_fee_coins() -> None:
    portfolio, trades = folded(buy("0.1", "50000", "0.0001"))
    assert portfolio.cash == 5_000 * 10**8
    assert portfolio.holdings["s"].lots == (Lot(9_990_000, 5_000 * 10**8),)
    assert not trades


def test_a_round_trip_becomes_a_trade_and_leaves_dust() -> None:
    portfolio, [trade] = folded(buy("0.1", "50000", "0.0001"), sell("0.099", "51000", "5.049", hour=3))
    assert trade == Trade(
        account_id="paper", sleeve_id="s", symbol="BTCUSDT", quantity=Decimal("0.099"), opened_at=utc("2025-01-01"),
        closed_at=utc("2025-01-01 03:00"), entry_price=Decimal(50_000), exit_price=Decimal(51_000),
        fees=Decimal("5") + Decimal("5.049"),
        profit=Decimal("5049") - Decimal("5.049") - (Decimal(5_000) - Decimal("45.04504504")),
        exit_reason=ExitReason.STOP,
    )  # fmt: skip
    holding = portfolio.holdings["s"]
    assert holding.lots == (Lot(90_000, 4_504_504_504),)  # floor(5000 x 0.0009 / 0.0999)
    assert holding.round is None
    with pytest.raises(LedgerError):
        position_of("paper", holding, BTC, None, None)


def test_old_dust_is_sold_first_with_the_next_trade() -> None:
    first = (buy("0.1", "50000", "0.0001"), sell("0.099", "51000"))
    _, trades = folded(*first, buy("0.1", "40000", "0.0001", hour=5), sell("0.1", "41000"))
    # 0.0009 of dust (cost 45.04504504) and 0.0991 of 0.0999 bought at 4000
    left = 4_000 * 10**8 * 80_000 // 9_990_000
    assert trades[1].quantity == Decimal("0.1")
    assert trades[1].opened_at == utc("2025-01-01 05:00")
    assert trades[1].profit == Decimal(4_100) - Decimal("45.04504504") - (Decimal(4_000) - Decimal(left) / 10**8)


def test_prices_are_weighted_over_partial_fills() -> None:
    partly = (buy("0.1", "50000"), buy("0.3", "50004"), sell("0.1", "51000"), sell("0.3", "51002"))
    _, [trade] = folded(*partly)
    assert (trade.entry_price, trade.exit_price, trade.quantity) == (
        Decimal(50_003),
        Decimal("51001.5"),
        Decimal("0.4"),
    )
    assert trade.profit == Decimal("20400.6") - Decimal("20001.2")


def test_a_fee_in_a_third_coin_touches_neither_side() -> None:
    portfolio, [trade] = folded(buy("0.1", "50000", "0.01", asset="BNB"), sell("0.1", "50000", "0.01", asset="BNB"))
    assert portfolio.cash == 10_000 * 10**8
    assert trade.profit == trade.fees == 0


def test_a_position_shows_dust_and_what_can_be_sold() -> None:
    portfolio, _ = folded(buy("0.1", "50000", "0.0001"))
    position = position_of("paper", portfolio.holdings["s"], BTC, Decimal(49_000), None)
    assert (position.quantity, position.sellable, position.cost) == (
        Decimal("0.0999"),
        Decimal("0.099"),
        Decimal(5_000),
    )
    assert position.covered
    assert portfolio.holdings["s"].entry_ticks(BTC) == 5_000_000


def test_more_than_is_held_cannot_have_been_sold() -> None:
    with pytest.raises(LedgerError, match="holds none"):
        folded(sell("0.1", "50000"))
    with pytest.raises(LedgerError, match="reconcile"):
        folded(buy("0.1", "50000"), sell("0.2", "50000"))


def test_deposits_are_cash() -> None:
    assert deposit(opened(ACCOUNT, [Decimal(5)]), Decimal("-2.5")).cash == 1_000_250_000_000


@given(atoms=st.integers(1, 10**14), cost=st.integers(0, 10**15), wanted=st.integers(1, 10**14))
def test_taking_from_a_lot_loses_no_atom(atoms: int, cost: int, wanted: int) -> None:
    left, left_cost, taken = take(atoms, cost, wanted)
    assert left == max(0, atoms - wanted)
    assert left_cost + taken == cost
    assert left_cost == cost * left // atoms


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 40), st.integers(4_000, 6_000)), max_size=30))
def test_cash_and_coins_always_add_up(steps: list[tuple[bool, int, int]]) -> None:
    """Whatever is bought and sold: cash is the start plus all flows, profit is what cash and cost of the rest say."""
    portfolio, profit = opened(ACCOUNT), Decimal(0)
    for is_buy, lots, price in steps:
        holding = portfolio.holdings.get("s")
        held = holding.atoms // BTC.lot_atoms if holding else 0
        if not is_buy and not held:
            continue
        count = lots if is_buy else min(lots, held)
        quantity = BTC.quantity(count)
        fee = str(quantity / 1000) if is_buy else str(quantity * price / 1000)
        step = buy(str(quantity), str(price), fee) if is_buy else sell(str(quantity), str(price), fee)
        portfolio, trade = apply(portfolio, step, BTC, None)
        profit += trade.profit if trade else 0
    holding = portfolio.holdings.get("s")
    trip = holding.round if holding else None
    realised = Decimal(trip.proceeds - trip.cost) / 10**8 if trip else Decimal(0)
    cost = Decimal(holding.cost) / 10**8 if holding else Decimal(0)
    assert Decimal(portfolio.cash) / 10**8 == ACCOUNT.cash - cost + profit + realised
