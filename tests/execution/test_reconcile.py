"""What differs between ledger and venue is found, each kind of it, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from engine.domain.order import OrderStatus, OrderType, Purpose
from engine.execution.reconcile import Difference, Kind, compare
from engine.ports import Balance, OrderReport, Standing
from tests.execution.stage import Stage
from tests.execution.venues import Word


def differences(stage: Stage) -> list[Difference]:
    return compare(stage.book, stage.venue.standing())


def kinds(stage: Stage) -> list[tuple[Kind, str]]:
    return [(d.kind, d.subject) for d in differences(stage)]


def test_a_venue_that_holds_what_is_claimed_or_more_differs_in_nothing(stage: Stage) -> None:
    stage.enter("0.1")
    assert kinds(stage) == []
    stage.venue.balances = {"USDT": Decimal(5_000), "BTC": Decimal("0.0999"), "ETH": Decimal(7)}
    assert kinds(stage) == []


def test_a_claim_above_the_balance_is_short_to_the_last_digit(stage: Stage) -> None:
    stage.enter("0.1")
    stage.venue.balances = {"USDT": Decimal("4999.99999999"), "BTC": Decimal("0.09989999")}
    assert [d.words for d in differences(stage)] == [
        "the ledger claims 0.0999 BTC, the venue holds 0.09989999",
        "the ledger claims 5000 USDT, the venue holds 4999.99999999",
    ]


def test_an_asset_that_the_venue_does_not_name_is_none(stage: Stage) -> None:
    stage.enter("0.1")
    stage.venue.balances = {"USDT": Decimal(5_000)}
    assert kinds(stage) == [(Kind.SHORT, "BTC")]


def test_locked_coins_are_there_too(stage: Stage) -> None:
    stage.enter("0.1")
    locked = {
        "USDT": Balance(free=Decimal(0), locked=Decimal(5_000)),
        "BTC": Balance(free=Decimal(0), locked=Decimal(1)),
    }
    standing = stage.venue.standing()
    full = Standing(as_of=datetime(2025, 1, 1, tzinfo=UTC), balances=locked, open_orders=standing.open_orders)
    assert compare(stage.book, full) == []


def test_an_order_in_doubt_leaves_its_assets_unjudged(stage: Stage) -> None:
    stage.venue.words.append(Word.ANSWER_LOST)
    entry = stage.enter("0.1")  # bought, though we do not know it
    assert stage.status(entry) is OrderStatus.UNKNOWN
    stage.venue.balances = {"USDT": Decimal(5_000), "BTC": Decimal("0.0999")}
    assert kinds(stage) == []
    stage.desk.go_on()
    assert kinds(stage) == []


def test_an_order_that_is_open_here_and_not_there_is_named(stage: Stage) -> None:
    entry = stage.decide_entry("0.1", type=OrderType.LIMIT, price=Decimal(40_000))
    stage.desk.carry_out()
    assert kinds(stage) == []
    stage.venue.end(entry.client_id, OrderStatus.CANCELLED)
    [difference] = differences(stage)
    assert (difference.kind, difference.order) == (Kind.UNLISTED, stage.book.orders[entry.client_id])


def test_one_of_ours_that_is_open_there_and_not_here_is_an_orphan_known_or_not(stage: Stage) -> None:
    stage.enter("0.1")
    [stop] = stage.orders(Purpose.STOP)
    stage.desk.resolve()
    draft = stage.desk.draft()
    stage.book.absorb([OrderReport(client_id=stop.client_id, status=OrderStatus.EXPIRED)], draft)
    stage.venue.strangers.append(OrderReport(client_id="aa-nobodys", status=OrderStatus.WORKING, symbol="BTCUSDT"))
    orphans = [d for d in differences(stage) if d.kind is Kind.ORPHAN]
    assert [(d.subject, d.order is None) for d in orphans] == [(stop.client_id, False), ("aa-nobodys", True)]
