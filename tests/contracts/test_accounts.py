"""The ledger's accounts: never mixed, closed with their history, with the sleeves, guards and flows that are theirs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.domain.errors import LedgerError
from engine.domain.interval import Interval
from engine.domain.sleeve import Sleeve, SleeveState
from engine.ports import Ledger
from tests.contracts.wall import (
    LONG_DECIMAL,
    NOON,
    PAPER,
    a_fill,
    a_guard,
    a_position,
    a_step,
    an_account,
    an_order,
    hours,
    leased,
)


def test_accounts_never_share_a_ledger(ledger: Ledger) -> None:
    lease = leased(ledger)
    ledger.open_account(an_account("other"))
    ledger.commit(a_step(intents=[an_order()], fills=[a_fill()], positions=[a_position()], cursors={"s1": NOON}), lease)
    ledger.move_cash(PAPER, Decimal(5), NOON, "deposit")
    assert not any(map(len, (ledger.orders("other"), ledger.fills("other"), ledger.positions("other"))))
    assert not ledger.cursors("other")
    assert not ledger.flows("other")


def test_accounts_come_oldest_first_and_are_closed_with_their_history(ledger: Ledger) -> None:
    ledger.open_account(an_account("b", created_at=hours(1)))
    ledger.open_account(an_account("a", created_at=hours(2)))
    ledger.close_account("b", hours(3))
    ledger.close_account("b", hours(4))
    closed = an_account("b", created_at=hours(1), closed_at=hours(3))
    assert ledger.accounts() == [closed, an_account("a", created_at=hours(2))]
    with pytest.raises(LedgerError, match="exists already"):
        ledger.open_account(an_account("b"))


@pytest.mark.parametrize("account_id", ["", "nobody"])
def test_an_account_that_is_not_there_is_named(ledger: Ledger, account_id: str) -> None:
    with pytest.raises(LedgerError, match=repr(account_id)):
        ledger.account(account_id)
    with pytest.raises(LedgerError):
        ledger.close_account(account_id, NOON)
    with pytest.raises(LedgerError):
        ledger.move_cash(account_id, Decimal(1), NOON, "deposit")


def test_sleeves_are_updated_in_place(ledger: Ledger) -> None:
    ledger.open_account(an_account())
    first = Sleeve(
        sleeve_id="s1", account_id=PAPER, strategy="model:m1.1", symbol="BTCUSDT", interval=Interval.H1,
        state=SleeveState.ACTIVE, created_at=NOON,
    )  # fmt: skip
    second = replace(first, sleeve_id="s0", strategy="rule:sma_cross:fast=10,slow=50", created_at=hours(1))
    ledger.put_sleeve(first)
    ledger.put_sleeve(second)
    stopped = replace(first, state=SleeveState.STOP_ONLY)
    ledger.put_sleeve(stopped)
    assert ledger.sleeves(PAPER) == [stopped, second]
    assert ledger.sleeves(PAPER, SleeveState.ACTIVE) == [second]
    assert ledger.sleeves(PAPER, SleeveState.ACTIVE, SleeveState.STOP_ONLY) == [stopped, second]
    assert ledger.sleeves("other") == []


def test_guards_are_written_with_their_step_and_once_for_each_command(ledger: Ledger) -> None:
    lease = leased(ledger)
    first, second = a_guard(), a_guard("k2", entry_id="aa1", stop_price=None, target_price=LONG_DECIMAL)
    ledger.commit(a_step(guards=[first, second]), lease)
    ledger.commit(a_step(guards=[replace(first, stop_price=Decimal(1))]), lease)
    assert ledger.guards(PAPER) == [first, second]
    assert ledger.guards("other") == []
    with pytest.raises(LedgerError):
        ledger.commit(a_step(guards=[a_guard("k3", account_id="other")]), lease)


def test_one_command_moves_money_once(ledger: Ledger) -> None:
    ledger.open_account(an_account())
    assert not ledger.cash_was_moved("k1")
    assert ledger.move_cash(PAPER, Decimal(5), NOON, "", key="k1")
    assert not ledger.move_cash(PAPER, Decimal(5), hours(1), "", key="k1")
    assert ledger.cash_was_moved("k1")
    for _ in range(2):  # what no command asked for has no key
        assert ledger.move_cash(PAPER, Decimal(1), hours(2), "")
    assert [amount for _, amount, _ in ledger.flows(PAPER)] == [5, 1, 1]


def test_flows_come_oldest_first(ledger: Ledger) -> None:
    ledger.open_account(an_account())
    ledger.move_cash(PAPER, Decimal("-0.10"), hours(2), "withdrawal")
    ledger.move_cash(PAPER, LONG_DECIMAL, hours(1), "deposit")
    assert ledger.flows(PAPER) == [(hours(1), LONG_DECIMAL, "deposit"), (hours(2), Decimal("-0.10"), "withdrawal")]
