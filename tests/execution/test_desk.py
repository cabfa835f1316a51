"""The desk over SQLite and a venue that answers late, wrongly or not at all: laws 1 to 4."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.domain.errors import Overfill, ReconciliationMismatch, VenueUnavailable
from engine.domain.order import ExitReason, OrderStatus, OrderType, Purpose
from engine.ports import OrderReport
from tests.contracts.wall import PAPER, a_fill
from tests.execution import venues
from tests.execution.stage import SLEEVE, Stage
from tests.execution.venues import Word

S = OrderStatus


def test_an_entry_is_bought_and_covered_by_stop_and_target_for_all_that_can_be_sold(stage: Stage) -> None:
    entry = stage.enter("0.1")
    assert stage.status(entry) is S.FILLED
    [stop], [target] = stage.orders(Purpose.STOP), stage.orders(Purpose.TARGET)
    assert (stop.quantity, target.quantity) == (Decimal("0.099"), Decimal("0.099"))  # the fee took part of a lot
    assert (stop.stop_price, target.price) == (Decimal(49_000), Decimal(52_500))
    assert stop.list_id == target.list_id is not None
    [position] = stage.ledger.positions(PAPER)
    assert (position.stop_price, position.target_price) == (Decimal(49_000), Decimal(52_500))
    stage.check()


def test_an_answer_that_is_lost_leaves_the_order_unknown_and_its_money_reserved(stage: Stage) -> None:
    entry = stage.decide_entry("0.1", type=OrderType.LIMIT, price=Decimal(40_000))
    stage.venue.words.append(Word.ANSWER_LOST)
    free = stage.book.free_cash()
    stage.desk.carry_out()
    assert stage.status(entry) is S.UNKNOWN
    assert stage.book.free_cash() == free
    assert free == stage.book.portfolio.cash - 4_000 * 10**8
    assert not stage.ledger.fills(PAPER)


def test_what_is_unknown_is_looked_up_and_never_placed_twice(stage: Stage) -> None:
    stage.venue.words.append(Word.ANSWER_LOST)
    entry = stage.enter()
    assert stage.status(entry) is S.UNKNOWN
    stage.desk.go_on()
    assert stage.status(entry) is S.FILLED
    assert stage.venue.reached.count(entry.client_id) == 1
    assert stage.covered()
    stage.check()


def test_a_request_that_was_lost_is_proved_absent_only_by_time(stage: Stage) -> None:
    stage.venue.words.append(Word.REQUEST_LOST)
    entry = stage.enter()
    for seconds in (0, 2, 5, 5.9):  # 12.9 s in all: three to arrive, ten to be seen
        stage.wall.advance(seconds)
        stage.desk.go_on()
        assert stage.status(entry) is S.UNKNOWN
    stage.wall.advance(0.2)
    stage.desk.go_on()
    assert stage.status(entry) is S.EXPIRED
    assert stage.venue.requests.count(("place", entry.client_id)) == 1
    assert stage.venue.reached == []
    stage.check()


def test_a_lookup_that_misses_an_order_does_not_lose_it(stage: Stage) -> None:
    stage.venue.words.append(Word.ANSWER_LOST)
    stage.venue.find_words.append(Word.REQUEST_LOST)  # -2013 right after a fill
    entry = stage.enter()
    stage.desk.go_on()
    assert stage.status(entry) is S.UNKNOWN
    stage.desk.go_on()
    assert stage.status(entry) is S.FILLED


def test_an_intent_that_is_late_is_not_sent(stage: Stage) -> None:
    entry = stage.decide_entry()
    stage.wall.advance(3.1)
    stage.restart()
    assert stage.venue.reached == []
    stage.wall.advance(10)
    stage.desk.go_on()
    stage.desk.carry_out()
    assert stage.status(entry) is S.EXPIRED
    assert stage.venue.reached == []


def test_a_late_order_holds_up_no_other(stage: Stage) -> None:
    stage.enter("0.1")
    stage.decide_exit()
    stage.wall.advance(3.1)  # the exit is late, and waits to be looked up
    late_buy = stage.decide_entry("0.05")
    stage.desk.carry_out()
    assert stage.status(late_buy) is S.FILLED


def test_a_venue_that_is_away_leaves_intents_as_they_are_and_gets_them_later(stage: Stage) -> None:
    entry = stage.decide_entry()
    stage.venue.words.append(Word.AWAY)
    stage.desk.carry_out()
    assert stage.status(entry) is S.INTENT
    assert stage.book.orders[entry.client_id].status is S.INTENT
    stage.check()
    stage.wall.advance(1)
    stage.desk.carry_out()
    assert stage.status(entry) is S.FILLED
    assert stage.told.texts == ["warning: orders wait: no connection"]


def test_a_start_does_not_succeed_before_every_order_has_been_looked_up(stage: Stage) -> None:
    stage.venue.words.append(Word.ANSWER_LOST)
    stage.enter()
    for word in (Word.AWAY, Word.ANSWER_LOST):
        stage.venue.find_words.append(word)
        with pytest.raises(VenueUnavailable):
            stage.restart()


def test_between_closes_a_venue_that_is_away_is_only_told(stage: Stage) -> None:
    stage.venue.words.append(Word.ANSWER_LOST)
    stage.enter()
    stage.venue.find_words.append(Word.AWAY)
    stage.desk.go_on()
    assert "orders are not looked up" in stage.told.texts[-1]


def test_a_refused_entry_is_told_and_over(stage: Stage) -> None:
    stage.venue.words.append(Word.REJECT)
    entry = stage.enter()
    assert stage.status(entry) is S.REJECTED
    assert stage.told.texts == ["error: BTCUSDT entry order refused: the venue does not want it"]
    assert stage.causes() == []
    stage.check()


def test_a_refused_stop_closes_the_position_at_market_and_is_told(stage: Stage) -> None:
    stage.venue.words.extend([Word.FILL, Word.REJECT, Word.REJECT])  # with its target, then by itself
    stage.enter()
    assert stage.book.sleeve(SLEEVE).lots == 0
    [trade] = stage.ledger.trades(PAPER)
    assert trade.exit_reason is ExitReason.STOP
    assert any("stop order refused" in text for text in stage.told.texts)
    stage.check()


def test_a_position_that_can_be_neither_protected_nor_sold_halts_and_is_tried_again(stage: Stage) -> None:
    stage.venue.words.extend([Word.FILL, *[Word.REJECT] * 3])
    stage.enter()
    assert stage.causes() == ["uncovered"]
    asked = len(stage.venue.requests)
    stage.desk.go_on()
    assert len(stage.venue.requests) == asked  # not hammered
    stage.wall.advance(61)
    stage.desk.go_on()
    assert stage.covered()
    stage.check()


def test_after_a_bare_position_was_closed_the_next_one_is_covered_at_once(stage: Stage) -> None:
    stage.venue.words.extend([Word.FILL, *[Word.REJECT] * 3])
    stage.enter()
    stage.decide_exit()
    stage.desk.carry_out()
    stage.ledger.clear_halts(PAPER, stage.ledger.halts(PAPER)[0].kind, None, stage.wall.now(), "operator")
    stage.wall.advance(1)
    stage.enter()
    assert stage.covered()
    assert stage.book.sleeve(SLEEVE).lots == 100  # the two dusts make a lot


def test_a_refused_sale_leaves_the_position_protected_again(stage: Stage) -> None:
    stage.enter()
    stage.venue.words.append(Word.REJECT)
    stage.decide_exit()
    stage.desk.carry_out()
    assert stage.covered()
    assert stage.causes() == []
    stage.check()


def test_a_target_that_fills_in_part_takes_the_stop_away_and_the_rest_is_covered_again(stage: Stage) -> None:
    stage.enter("0.1")
    [target] = stage.orders(Purpose.TARGET)
    stage.venue.fill(target.client_id, "0.04")  # the exchange drops the stop now
    assert stage.venue.resting() == {}
    stage.desk.go_on()
    assert stage.book.sleeve(SLEEVE).quantity == Decimal("0.059")
    assert stage.covered()
    assert stage.status(target) is S.CANCELLED
    stage.check()


def test_an_entry_that_fills_in_parts_is_covered_for_each_part(stage: Stage) -> None:
    stage.venue.words.append(Word.HALF)
    entry = stage.enter("0.1")
    assert list(stage.venue.resting().values()) == [Decimal("0.049")]
    stage.venue.fill(entry.client_id)
    stage.desk.go_on()
    assert list(stage.venue.resting().values()) == [Decimal("0.099")]
    stage.check()


def test_a_stop_that_executes_closes_the_trade_and_its_target(stage: Stage) -> None:
    stage.enter()
    [stop] = stage.orders(Purpose.STOP)
    stage.venue.fill(stop.client_id)
    stage.desk.go_on()
    [trade] = stage.ledger.trades(PAPER)
    assert (trade.exit_reason, trade.exit_price) == (ExitReason.STOP, Decimal(49_000))
    assert stage.book.orders == {}
    stage.check()


def test_an_exit_waits_until_the_protection_is_gone(stage: Stage) -> None:
    stage.enter()
    exit_order = stage.decide_exit()
    stage.venue.cancel_words.append(Word.WORK)  # "cancel accepted", but it still works
    stage.desk.carry_out()
    assert stage.status(exit_order) is S.INTENT
    stage.desk.go_on()
    assert stage.status(exit_order) is S.FILLED
    placed = [i for verb, i in stage.venue.requests if verb in ("cancel", "place")]
    assert placed[-1] == exit_order.client_id
    stage.check()


def test_a_cancel_without_an_answer_is_looked_up(stage: Stage) -> None:
    stage.enter()
    exit_order = stage.decide_exit()
    stage.venue.cancel_words.append(Word.ANSWER_LOST)
    stage.desk.carry_out()
    assert stage.status(exit_order) is S.FILLED
    stage.check()


def test_a_cancel_that_comes_too_late_sells_nothing_twice(stage: Stage) -> None:
    stage.enter()
    exit_order = stage.decide_exit()
    [stop] = stage.orders(Purpose.STOP)
    stage.venue.fill(stop.client_id)  # it was faster than our cancel
    stage.desk.carry_out()  # the venue would sell other coins of the account: the operator's own
    assert (stage.status(stop), stage.status(exit_order)) == (S.FILLED, S.EXPIRED)
    assert exit_order.client_id not in stage.venue.reached
    assert len(stage.ledger.trades(PAPER)) == 1
    assert stage.book.orders == {}
    stage.check()


def test_a_sale_of_what_a_target_has_sold_in_part_sells_the_rest_and_no_more(stage: Stage) -> None:
    stage.enter()
    exit_order = stage.decide_exit()
    [target] = stage.orders(Purpose.TARGET)
    stage.venue.fill(target.client_id, "0.04")
    stage.desk.carry_out()
    assert stage.status(exit_order) is S.EXPIRED
    assert exit_order.client_id not in stage.venue.reached
    [rest] = [o for o in stage.orders(Purpose.EXIT) if o.status is S.FILLED]
    assert rest.quantity == Decimal("0.059")
    assert stage.book.sleeve(SLEEVE).lots == 0
    stage.check()


def test_a_second_sale_waits_while_the_first_is_in_doubt(stage: Stage) -> None:
    stage.enter()
    first = stage.decide_exit()
    stage.venue.words.append(Word.REQUEST_LOST)
    stage.desk.carry_out()
    assert stage.status(first) is S.UNKNOWN
    stage.wall.advance(1)
    second = stage.decide_exit()
    stage.desk.carry_out()
    assert stage.status(second) is S.INTENT
    assert second.client_id not in stage.venue.reached


def test_repeated_reports_and_fills_change_nothing(stage: Stage) -> None:
    entry = stage.enter()
    before = stage.hashes()
    report = stage.venue.find(entry)
    assert report is not None
    draft = stage.desk.draft()
    stage.book.absorb([report, report], draft)
    assert draft.empty
    assert stage.hashes() == before


def test_a_fill_that_comes_after_its_orders_end_still_counts(stage: Stage) -> None:
    entry = stage.decide_entry("0.1", type=OrderType.LIMIT, price=Decimal(40_000))
    stage.desk.carry_out()
    gone = OrderReport(client_id=entry.client_id, status=S.CANCELLED)
    for report in (gone, replace(gone, fills=(a_fill("late", entry.client_id, "0.05", sleeve_id=SLEEVE),)), gone):
        draft = stage.desk.draft()
        stage.book.absorb([report], draft)
        stage.desk.commit(draft)
    stage.desk.carry_out()
    assert stage.status(entry) is S.CANCELLED
    assert stage.orders(Purpose.ENTRY)[0].filled_quantity == Decimal("0.05")
    assert stage.covered()
    stage.check()


def test_more_than_was_ordered_is_an_overfill_and_a_fill_of_nobody_a_mismatch(stage: Stage) -> None:
    entry = stage.enter()
    report = OrderReport(client_id=entry.client_id, status=S.FILLED, fills=(a_fill("more", entry.client_id, "0.001"),))
    with pytest.raises(Overfill):
        stage.book.absorb([report], stage.desk.draft())
    with pytest.raises(ReconciliationMismatch, match="unknown"):
        stage.book.absorb([replace(report, client_id="aa-nobodys")], stage.desk.draft())


def test_a_buy_that_cost_more_than_there_was_halts_and_its_position_stays_under_guard(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.decide_entry("0.2")  # all there is, at the price it was decided at
    monkeypatch.setattr(venues, "PRICE", venues.PRICE + 10)
    stage.desk.carry_out()
    assert stage.told.texts == ["error: halted (mismatch): the account is overdrawn by 2 USDT; deposit it"]
    stage.restart()
    assert stage.causes() == ["mismatch"]
    assert stage.covered()
    stage.wall.advance(1)
    stage.decide_exit()
    stage.desk.carry_out()
    assert stage.book.overdrawn is None
    assert not stage.venue.resting()
    stage.check()


def test_exits_go_out_before_entries(stage: Stage) -> None:
    stage.enter()
    stage.wall.advance(1)
    entry = stage.decide_entry("0.02")
    exit_order = stage.decide_exit()
    stage.desk.carry_out()
    placed = [i for verb, i in stage.venue.requests if verb == "place"]
    assert placed.index(exit_order.client_id) < placed.index(entry.client_id)


def test_an_intent_that_was_taken_back_is_forgotten_whole(stage: Stage) -> None:
    draft = stage.desk.draft()
    entry = stage.decide_entry()
    other = replace(entry, client_id="aa-other")
    generation = stage.book.sleeve(SLEEVE).generation(Purpose.ENTRY, entry.bar_close_at)
    stage.book.add(stage.approved(other), draft)
    stage.book.forget(other)
    assert other.client_id not in stage.book.orders
    assert stage.book.sleeve(SLEEVE).generation(Purpose.ENTRY, entry.bar_close_at) == generation
