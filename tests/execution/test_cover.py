"""Laws 3 and 4 by the letter: what may have left is never sent again, and no position stays bare."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.domain.order import ExitReason, OrderStatus, OrderType, Purpose
from tests.execution.stage import SLEEVE, Stage
from tests.execution.venues import Word

S = OrderStatus


def test_an_intent_found_after_a_restart_is_looked_up_never_sent_and_expires_in_time(stage: Stage) -> None:
    entry = stage.decide_entry()
    stage.restart()
    assert stage.status(entry) is S.UNKNOWN
    for seconds in (1, 5, 7):
        stage.wall.advance(seconds)
        stage.desk.go_on()
        assert stage.status(entry) is S.UNKNOWN
    stage.wall.advance(0.1)
    stage.desk.go_on()
    assert stage.status(entry) is S.EXPIRED
    assert "place" not in {verb for verb, _ in stage.venue.requests}
    assert "warning: BTCUSDT entry order expired: it never reached the venue" in stage.told.texts


def test_an_untried_entry_expires_by_itself_when_its_window_is_over_even_while_the_venue_is_away(stage: Stage) -> None:
    entry = stage.decide_entry()
    stage.venue.words.extend([Word.AWAY] * 3)
    stage.desk.carry_out()
    stage.wall.advance(3.1)
    stage.desk.carry_out()
    assert stage.status(entry) is S.EXPIRED
    assert stage.venue.reached == []


def test_a_sale_that_could_not_be_sent_is_followed_by_a_new_one_once_the_venue_answers(stage: Stage) -> None:
    stage.enter()
    first = stage.decide_exit()
    stage.venue.words.append(Word.AWAY)
    stage.desk.carry_out()
    for _ in range(5):  # an outage: one late intent waits, not one for every three seconds
        stage.wall.advance(4)
        stage.venue.find_words.append(Word.AWAY)
        stage.desk.carry_out()
    assert len(stage.orders(Purpose.EXIT)) == 1
    stage.desk.carry_out()
    second = stage.orders(Purpose.EXIT)[-1]
    assert (stage.status(first), stage.status(second)) == (S.EXPIRED, S.FILLED)
    assert second.exit_reason is ExitReason.SIGNAL
    assert first.client_id not in stage.venue.reached
    stage.check()


def test_a_clock_that_was_set_back_while_a_sale_waited_does_not_keep_it_waiting(stage: Stage) -> None:
    stage.enter()
    first = stage.decide_exit()
    stage.wall.advance(-3600)
    stage.desk.carry_out()
    second = stage.orders(Purpose.EXIT)[-1]
    assert (stage.status(first), stage.status(second)) == (S.EXPIRED, S.FILLED)
    assert first.client_id not in stage.venue.reached
    stage.check()


def test_protection_without_an_answer_is_replaced_once_it_can_no_longer_arrive(stage: Stage) -> None:
    stage.venue.words.extend([Word.FILL, Word.REQUEST_LOST])
    stage.enter()
    [lost] = stage.orders(Purpose.STOP)
    stage.wall.advance(2.9)
    stage.desk.go_on()
    assert stage.venue.resting() == {}
    stage.wall.advance(0.2)
    stage.desk.go_on()
    assert stage.covered()
    assert lost.client_id not in stage.venue.resting()
    stage.wall.advance(11)
    stage.desk.go_on()
    assert stage.status(lost) is S.CANCELLED
    assert stage.venue.placed_once()
    stage.check()


def test_protection_whose_answer_was_lost_is_found_and_not_doubled(stage: Stage) -> None:
    stage.venue.words.extend([Word.FILL, Word.ANSWER_LOST])
    stage.enter()
    stage.venue.find_words.extend([Word.REQUEST_LOST] * 8)  # lookups lag behind for a while
    for _ in range(6):
        stage.wall.advance(1)
        stage.desk.go_on()
    assert stage.covered()
    assert len(stage.venue.resting()) == 1
    stage.check()


# ---------------------------------------------------------------------- law 4


@pytest.mark.parametrize("end", [S.EXPIRED, S.CANCELLED])
def test_protection_that_somebody_ended_comes_back(stage: Stage, end: OrderStatus) -> None:
    stage.enter()
    for order in [*stage.orders(Purpose.STOP), *stage.orders(Purpose.TARGET)]:
        stage.venue.end(order.client_id, end)
    assert not stage.covered()
    stage.desk.go_on()
    assert stage.covered()
    stage.check()


def test_a_venue_that_ends_every_stop_is_not_hammered(stage: Stage) -> None:
    stage.enter()
    for _ in range(5):
        for order in stage.venue.orders(lambda o: o.purpose in (Purpose.STOP, Purpose.TARGET)):
            stage.venue.end(order.client_id, S.EXPIRED)
        stage.desk.go_on()
    assert len(stage.orders(Purpose.STOP)) == 3
    assert stage.causes() == ["uncovered"]
    assert any("uncovered" in text for text in stage.told.texts)


def test_a_stop_left_over_where_nothing_is_held_is_taken_away(stage: Stage) -> None:
    stage.enter()
    stage.venue.keeps_siblings = True
    [target] = stage.orders(Purpose.TARGET)
    stage.venue.fill(target.client_id)
    stage.desk.go_on()
    assert stage.book.sleeve(SLEEVE).lots == 0
    assert stage.venue.resting() == {}
    assert stage.book.orders == {}


def test_what_is_below_the_smallest_order_is_dust_told_once_and_left(stage: Stage) -> None:
    stage.enter("0.001")  # no whole lot is left of it after the fee
    stage.wall.advance(1)
    stage.enter("0.002")  # two lots held, 100 quote: fine
    assert stage.covered()
    stage.venue.words.clear()
    poor = stage.with_smallest_order("1000")
    [stop] = poor.venue.resting()
    poor.venue.end(stop, S.CANCELLED)
    for target in poor.orders(Purpose.TARGET):
        poor.venue.end(target.client_id, S.CANCELLED)
    asked = len(poor.venue.requests)
    for _ in range(3):
        poor.desk.go_on()
        poor.wall.advance(30)
    assert not [verb for verb, _ in poor.venue.requests[asked:] if verb == "place"]
    assert [t for t in poor.told.texts if "kept as dust" in t] == [
        "info: BTCUSDT: the 0.002 left are below the venue's smallest order (1000); kept as dust"
    ]
    assert poor.causes() == []
    poor.wall.advance(1)
    poor.enter("0.1")  # more of it: guarded again, all of it
    assert poor.covered()


def test_a_halt_that_a_step_raises_is_told_once(stage: Stage) -> None:
    for _ in range(3):
        draft = stage.desk.draft()
        draft.halt("drawdown", "20 % below its peak")
        stage.desk.commit(draft)
        stage.wall.advance(3600)
    assert stage.told.texts == ["error: halted (drawdown): 20 % below its peak"]


# ---------------------------------------------------------------------- half of the venue fails


def test_one_order_that_fails_holds_up_no_other(stage: Stage) -> None:
    orders = [
        stage.decide_entry("0.01", sleeve_id=f"s{n}", type=OrderType.LIMIT, price=Decimal(40_000)) for n in range(6)
    ]
    stage.venue.failing = {orders[0].client_id, orders[3].client_id}
    stage.desk.carry_out()
    assert [stage.status(o) for o in orders] == [S.INTENT, *[S.WORKING] * 2, S.INTENT, *[S.WORKING] * 2]
    draft = stage.desk.draft()
    stage.book.ask_cancel(stage.book.orders.values(), "cancel all", draft)
    stage.desk.commit(draft)
    stage.venue.failing = {orders[1].client_id, orders[4].client_id}
    stage.desk.carry_out()
    left = [o for o in orders if stage.status(o) is not S.CANCELLED]
    assert left == [orders[1], orders[4]]
    stage.venue.failing = set()
    stage.desk.go_on()
    assert stage.book.orders == {}
