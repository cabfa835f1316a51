"""Where the operator wants a stop: it survives kills, lost answers and part sales, and never guards what is gone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.domain.order import Order, OrderStatus, OrderType, Purpose
from engine.risk.approve import approve_exit
from tests.contracts.wall import PAPER, a_guard
from tests.execution.stage import SLEEVE, Stage
from tests.execution.venues import Word

D = Decimal


def move(stage: Stage, stop: str = "49500", target: str | None = "52500", *, go_on: bool = True) -> None:
    """What the command does: the guard and the cancel in one step, then what is due."""
    draft = stage.desk.draft()
    guard = a_guard(stop_price=D(stop), target_price=D(target) if target else None, set_at=draft.at)
    stage.book.set_guard(guard, draft)
    stage.book.ask_cancel(stage.book.sleeve(SLEEVE).protection, "moved by the operator", draft)
    stage.desk.commit(draft)
    if go_on:
        stage.desk.carry_out()


def working(stage: Stage, purpose: Purpose) -> Order:
    [order] = stage.book.sleeve(SLEEVE).orders(purpose)
    return order


def prices(stage: Stage) -> tuple[Decimal | None, Decimal | None]:
    return stage.book.sleeve(SLEEVE).protection_prices


def test_a_moved_stop_keeps_its_target_and_is_shown(stage: Stage) -> None:
    stage.enter()
    move(stage)
    assert prices(stage) == (D(49_500), D(52_500))
    assert stage.covered()
    [position] = stage.ledger.positions(PAPER)
    assert (position.stop_price, position.target_price) == (D(49_500), D(52_500))


def test_a_stop_alone_has_no_target(stage: Stage) -> None:
    stage.enter()
    move(stage, target=None)
    assert prices(stage) == (D(49_500), None)
    assert stage.book.sleeve(SLEEVE).orders(Purpose.TARGET) == []


def test_a_kill_before_the_cancel_leaves_a_start_that_goes_on_to_the_new_price(stage: Stage) -> None:
    stage.enter()
    move(stage, go_on=False)
    stage.restart()
    assert prices(stage) == (D(49_500), D(52_500))
    assert stage.covered()
    stage.check()


@pytest.mark.parametrize("word", [Word.ANSWER_LOST, Word.REQUEST_LOST, Word.AWAY])
def test_the_new_stop_waits_until_the_old_one_is_proved_gone(stage: Stage, word: Word) -> None:
    stage.enter()
    stage.venue.cancel_words.append(word)
    move(stage)
    for _ in range(3):
        assert len(stage.venue.resting()) <= 1
        stage.desk.go_on()
    assert prices(stage) == (D(49_500), D(52_500))
    assert stage.covered()
    stage.check()


def test_a_position_that_its_target_closed_meanwhile_gets_no_stop_any_more(stage: Stage) -> None:
    stage.enter()
    stage.venue.fill(working(stage, Purpose.TARGET).client_id)
    move(stage)
    stage.desk.go_on()
    assert stage.venue.resting() == {}
    assert stage.ledger.positions(PAPER) == []
    stage.check()


def test_what_is_left_after_a_part_sale_stays_under_the_moved_stop(stage: Stage) -> None:
    stage.enter()
    move(stage)
    stage.venue.fill(working(stage, Purpose.TARGET).client_id, "0.04")
    stage.desk.go_on()
    stage.desk.go_on()
    assert working(stage, Purpose.STOP).quantity == D("0.059")
    assert prices(stage) == (D(49_500), D(52_500))
    stage.restart()
    assert prices(stage) == (D(49_500), D(52_500))


def test_a_later_entry_brings_its_own_stop(stage: Stage) -> None:
    stage.enter()
    move(stage)
    stage.wall.advance(60)
    stage.decide_exit()
    stage.desk.carry_out()
    stage.wall.advance(60)
    stage.enter()
    assert prices(stage) == (D(49_000), D(52_500))


def test_an_entrys_own_prices_count_from_its_fill_on_and_leave_the_rest_to_its_ratios(stage: Stage) -> None:
    stage.enter()
    stage.wall.advance(60)
    second = stage.decide_entry("0.1", type=OrderType.LIMIT, price=D(48_000))
    draft = stage.desk.draft()
    guard = a_guard(stop_price=D(47_000), set_at=draft.at, entry_id=second.client_id)
    stage.book.set_guard(guard, draft)
    stage.desk.commit(draft)
    stage.desk.carry_out()
    assert prices(stage) == (D(49_000), D(52_500))
    stage.venue.fill(second.client_id)
    stage.desk.go_on()
    stage.desk.go_on()
    assert prices(stage) == (D(47_000), D(51_450))  # 5 % over the mean of both entries
    stage.check()


def test_an_entry_that_was_never_committed_takes_its_guard_along(stage: Stage) -> None:
    first = stage.enter()
    draft = stage.desk.draft()
    stage.book.add(stage.approved(first), draft)
    stage.book.set_guard(a_guard(entry_id=first.client_id), draft)
    stage.book.forget(first)
    assert stage.book.sleeve(SLEEVE).guard is None


# ---------------------------------------------------------------------- the venue does not want the target


def test_a_target_that_the_venue_refuses_costs_the_target_and_not_the_position(stage: Stage) -> None:
    stage.enter()
    stage.venue.words.append(Word.REJECT)  # -1013 PERCENT_PRICE_BY_SIDE: the target is too far away
    move(stage, target="110000")
    assert prices(stage) == (D(49_500), None)
    assert stage.covered()
    assert stage.orders(Purpose.EXIT) == []
    told = "warning: BTCUSDT: the venue refused stop and target together; the stop is placed without a target"
    assert told in stage.told.texts
    asked = len(stage.venue.requests)
    stage.desk.go_on()
    stage.restart()
    assert [verb for verb, _ in stage.venue.requests[asked:] if verb != "find"] == []  # it is content with that
    assert prices(stage) == (D(49_500), None)
    stage.check()


def test_a_new_word_on_the_target_is_tried_again(stage: Stage) -> None:
    stage.venue.words.extend([Word.FILL, Word.REJECT])
    stage.enter()
    assert prices(stage) == (D(49_000), None)
    move(stage)
    assert prices(stage) == (D(49_500), D(52_500))
    assert stage.covered()


@pytest.mark.parametrize("hour", [0, -3600], ids=["in order", "set back"])
def test_a_clock_that_was_set_back_does_not_bring_a_refused_target_back(stage: Stage, hour: float) -> None:
    stage.decide_entry()
    stage.venue.words.extend([Word.FILL, Word.AWAY])
    stage.desk.carry_out()
    stage.wall.advance(hour)
    stage.venue.words.append(Word.REJECT)
    stage.desk.carry_out()
    assert prices(stage) == (D(49_000), None)
    assert len(stage.orders(Purpose.STOP)) <= 3


def test_a_stop_refused_with_the_entry_that_was_to_bring_it_does_not_touch_what_is_held(stage: Stage) -> None:
    stage.enter()
    brought = stage.decide_entry("0.05", list_id="al-1")
    draft = stage.desk.draft()
    leg = replace(working(stage, Purpose.STOP), client_id="aa-leg", list_id="al-1", status=OrderStatus.INTENT)
    stage.book.add(approve_exit(leg), draft)
    stage.desk.commit(draft)
    stage.venue.words.append(Word.REJECT)
    stage.desk.carry_out()
    assert [stage.status(o) for o in (brought, leg)] == [OrderStatus.REJECTED] * 2
    assert prices(stage) == (D(49_000), D(52_500))
    assert stage.orders(Purpose.EXIT) == []
    assert stage.covered()
