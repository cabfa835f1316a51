"""Hashes of what happened: blind to ids and wall clocks, awake to everything else."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from engine.domain.order import ExitReason
from engine.portfolio.canonical import ledger_sha256, trades_sha256
from engine.portfolio.portfolio import apply, opened
from tests.builders import instrument, utc
from tests.portfolio.fills import ACCOUNT, buy, sell
from tests.risk.test_approve import DECISION, ORDER

BOUGHT, SOLD = buy("0.1", "50000"), sell("0.1", "51000")


def test_the_trade_list_s_hash_knows_prices_but_no_ids() -> None:
    portfolio, _ = apply(opened(ACCOUNT), BOUGHT, instrument(), None)
    _, trade = apply(portfolio, SOLD, instrument(), ExitReason.TARGET)
    assert trade is not None
    same = trades_sha256([trade])
    assert trades_sha256([replace(trade, account_id="other", sleeve_id="t", quantity=Decimal("0.10"))]) == same
    for change in ({"exit_price": Decimal(51_001)}, {"fees": Decimal(1)}, {"closed_at": utc("2025-01-02")}):
        assert trades_sha256([replace(trade, **change)]) != same


def test_the_ledger_s_hash_covers_decisions_orders_and_fills() -> None:
    same = ledger_sha256([DECISION], [ORDER], [BOUGHT, SOLD])
    other_ids = replace(ORDER, client_id="x", intent_at=utc("2026-01-01"))
    assert ledger_sha256([DECISION], [other_ids], [replace(SOLD, fill_id="y"), BOUGHT]) == same
    assert ledger_sha256([replace(DECISION, held_by="edge")], [ORDER], [BOUGHT, SOLD]) != same
    assert ledger_sha256([DECISION], [replace(ORDER, quantity=Decimal(1))], [BOUGHT, SOLD]) != same
    assert ledger_sha256([DECISION], [ORDER], [BOUGHT]) != same


def test_nothing_has_a_hash_too() -> None:
    assert trades_sha256([]) == ledger_sha256([], [], [])
