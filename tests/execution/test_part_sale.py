"""A sale of a part that comes to nothing is made again for that part: the rest of the position was not to be sold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from engine.domain.order import Order, OrderStatus, Purpose
from tests.contracts.wall import a_fill
from tests.execution.stage import SLEEVE, Stage
from tests.execution.venues import Word

S = OrderStatus
D = Decimal
HELD = D("0.099")


def lost(stage: Stage, sale: Order) -> None:
    stage.venue.words.append(Word.REQUEST_LOST)
    stage.desk.carry_out()
    for _ in range(4):
        stage.wall.advance(4)
        stage.desk.go_on()


def late(stage: Stage, sale: Order) -> None:
    stage.venue.words.append(Word.AWAY)
    stage.desk.carry_out()
    stage.wall.advance(4)
    stage.desk.go_on()


def ended_halfway(stage: Stage, sale: Order) -> None:
    stage.venue.words.append(Word.HALF)
    stage.desk.carry_out()
    stage.venue.end(sale.client_id, S.EXPIRED)
    stage.desk.go_on()


@pytest.mark.parametrize("trouble", [lost, late, ended_halfway])
def test_a_sale_of_a_part_that_failed_is_made_again_for_what_it_has_not_sold(
    stage: Stage, trouble: Callable[[Stage, Order], None]
) -> None:
    stage.enter("0.1")
    sale = stage.decide_exit("0.01")
    trouble(stage, sale)
    first, second = stage.orders(Purpose.EXIT)
    assert (first.status, second.status) == (S.EXPIRED, S.FILLED)
    assert first.filled_quantity + second.filled_quantity == D("0.01")
    assert stage.book.sleeve(SLEEVE).quantity == HELD - D("0.01")
    assert stage.covered()
    again = f"info: BTCUSDT: the sale is made again, by a new order for {second.quantity:f}"
    assert again in stage.told.texts
    stage.check()


def test_a_lost_part_beside_a_sale_of_the_rest_is_made_again_too(stage: Stage) -> None:
    stage.enter("0.1")
    stage.venue.words.append(Word.REQUEST_LOST)
    stage.decide_exit("0.01")
    stage.desk.carry_out()
    stage.wall.advance(1)
    stage.decide_exit("0.089")  # it waits: the first may have sold
    for _ in range(5):
        stage.desk.go_on()
        stage.wall.advance(4)
    assert stage.book.sleeve(SLEEVE).lots == 0
    assert sum(o.filled_quantity for o in stage.orders(Purpose.EXIT)) == HELD
    stage.check()


def test_a_fill_that_comes_after_the_sale_was_made_again_is_no_reason_for_another(stage: Stage) -> None:
    stage.enter("0.1")
    sale = stage.decide_exit("0.01")
    lost(stage, sale)
    report = stage.venue.find(stage.orders(Purpose.EXIT)[1])
    assert report is not None
    draft = stage.desk.draft()
    fill = a_fill("late", sale.client_id, "0.005", sleeve_id=SLEEVE, side=sale.side, fee_asset="USDT")
    stage.book.absorb([replace(report, client_id=sale.client_id, status=S.EXPIRED, fills=(fill,))], draft)
    stage.desk.cover.mend(draft, stage.wall.now())
    stage.desk.commit(draft)
    stage.desk.go_on()
    assert len(stage.orders(Purpose.EXIT)) == 2
    assert stage.book.sleeve(SLEEVE).quantity == HELD - D("0.015")
    assert stage.covered()
    stage.check()
