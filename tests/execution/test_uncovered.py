"""A position without a stop is timed, fairly, and told once."""

from __future__ import annotations

from datetime import timedelta

from engine.domain.order import OrderStatus, Purpose
from engine.execution.uncovered import MOST, Uncovered, covered
from tests.execution.stage import SLEEVE, Stage
from tests.execution.venues import Word


def bare(stage: Stage) -> Uncovered:
    """A position whose protection somebody has just cancelled; nobody has done anything about it yet."""
    stage.enter()
    for purpose in (Purpose.STOP, Purpose.TARGET):
        for order in stage.orders(purpose):
            stage.venue.end(order.client_id, OrderStatus.CANCELLED)
    stage.desk.collect()
    return Uncovered(stage.book)


def seen(stage: Stage, watch: Uncovered, *, answering: bool = True) -> list[str]:
    return watch.look(stage.wall.now(), answering=answering, untraced=(), dust=())


def test_five_seconds_are_allowed_and_more_are_told_once(stage: Stage) -> None:
    watch = bare(stage)
    assert seen(stage, watch) == []
    stage.wall.advance(MOST.total_seconds())
    assert seen(stage, watch) == []
    stage.wall.advance(0.1)
    assert seen(stage, watch) == ["0.099 BTCUSDT have been without a stop for more than 5 seconds"]
    stage.wall.advance(60)
    assert seen(stage, watch) == []


def test_time_in_which_the_venue_does_not_answer_does_not_count(stage: Stage) -> None:
    watch = bare(stage)
    seen(stage, watch)
    stage.wall.advance(600)
    assert seen(stage, watch, answering=False) == []
    stage.wall.advance(5)
    assert seen(stage, watch) == []
    stage.wall.advance(1)
    assert len(seen(stage, watch)) == 1


def test_cover_in_between_begins_the_time_anew(stage: Stage) -> None:
    watch = bare(stage)
    seen(stage, watch)
    stage.wall.advance(4)
    stage.desk.carry_out()
    assert covered(stage.book.sleeve(SLEEVE))
    seen(stage, watch)
    assert watch._bare_for == {}


def test_a_sale_that_the_venue_has_taken_counts_as_cover_one_in_doubt_does_not(stage: Stage) -> None:
    stage.enter()
    stage.venue.words.append(Word.ANSWER_LOST)
    stage.decide_exit()
    stage.desk.carry_out()
    assert not covered(stage.book.sleeve(SLEEVE))
    [exit_order] = stage.orders(Purpose.EXIT)
    stage.venue.reports(exit_order.client_id, OrderStatus.WORKING)
    stage.desk.look_up(stage.book.orders[exit_order.client_id])
    assert covered(stage.book.sleeve(SLEEVE))


def test_the_desk_halts_on_it_and_tells(stage: Stage) -> None:
    stage.enter()
    stage.venue.words.append(Word.REQUEST_LOST)
    stage.decide_exit()
    stage.desk.carry_out()
    for _ in range(12):
        stage.desk.watch_cover()
        stage.wall.advance(0.5)
    assert stage.causes() == ["uncovered"]
    told = [t for t in stage.told.texts if "without a stop" in t]
    assert told == ["error: halted (uncovered): 0.099 BTCUSDT have been without a stop for more than 5 seconds"]
    assert timedelta(seconds=5) < stage.wall.now() - stage.orders(Purpose.EXIT)[0].intent_at


def test_a_sale_lost_on_its_way_is_told_after_five_seconds_and_made_again_after_thirteen(stage: Stage) -> None:
    """Its coins are locked by the stop, so the stop has to go first; only time proves that the sale never came."""
    stage.enter()
    stage.venue.words.append(Word.REQUEST_LOST)
    stage.decide_exit()
    stage.desk.carry_out()
    told_after = sold_after = None
    for tenth in range(1, 160):
        stage.wall.advance(0.1)
        stage.desk.go_on()
        stage.desk.watch_cover()
        if told_after is None and "uncovered" in stage.causes():
            told_after = tenth / 10
        if sold_after is None and not stage.book.sleeve(SLEEVE).lots:
            sold_after = tenth / 10
    assert told_after is not None
    assert sold_after is not None
    assert 5 < told_after <= 6
    assert 13 < sold_after <= 14
    assert len(stage.venue.reached) == len(set(stage.venue.reached))
