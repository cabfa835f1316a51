"""The order machine: every state under every event, and what no sequence of reports may do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import LedgerError, Overfill
from engine.domain.order import Order, OrderStatus
from engine.execution.machine import (
    COLUMNS,
    LOOKUP_TIME,
    SEND_WINDOW,
    TABLE,
    CancelAsked,
    Effect,
    Event,
    Late,
    Moot,
    NoAnswer,
    NotFound,
    Reported,
    Resume,
    Send,
    Word,
    step,
)
from tests.contracts.wall import NOON, an_order

S = OrderStatus
OPEN = [s for s in S if not s.terminal]
OVER = [s for s in S if s.terminal]
WINDOW, PROOF = NOON + SEND_WINDOW, NOON + SEND_WINDOW + LOOKUP_TIME
LATER = PROOF + timedelta(microseconds=1)


def at(status: OrderStatus, filled: str = "0") -> Order:
    """An order over 2, intended at NOON."""
    return an_order(status=status, filled_quantity=Decimal(filled))


def told(status: OrderStatus, filled: str = "0") -> Reported:
    return Reported(status=status, filled=Decimal(filled))


GONE = NotFound(at=LATER, first_at=LATER - LOOKUP_TIME - timedelta(microseconds=1))
P, L, K, T, H = Effect.PLACE, Effect.LOOK_UP, Effect.CANCEL, Effect.TELL, Effect.HALT
NO = None

# What the venue or we do, and what becomes of an order in each of the six open states, with what is to be done.
BY_HAND: dict[str, tuple[Event, str, list[Effect | None]]] = {
    #                                            I N U A W C
    "send":            (Send(),                  "N N U A W C", [P, NO, NO, NO, NO, NO]),
    "late":            (Late(),                  "E N U A W C", [T, NO, NO, NO, NO, NO]),
    "no answer":       (NoAnswer(),              "U U U A W C", [L, L, L, NO, NO, L]),
    "moot":            (Moot(),                  "E N U A W C", [NO, NO, NO, NO, NO, NO]),
    "resume":          (Resume(),                "U U U A W C", [L, L, L, NO, NO, L]),
    "cancel asked":    (CancelAsked(),           "X C C C C C", [NO, K, K, K, K, K]),
    "missing":         (NotFound(at=PROOF),      "I U U A W C", [NO, L, L, L, L, L]),
    "absent":          (NotFound(at=NOON, proof=True), "I I I E E X", [NO, NO, NO, H, H, NO]),
    "gone":            (GONE,                    "E E E E E X", [T, T, T, H, H, NO]),
    "acknowledged":    (told(S.ACKNOWLEDGED),    "A A A A W C", [NO, NO, NO, NO, NO, NO]),
    "working":         (told(S.WORKING),         "W W W W W C", [NO, NO, NO, NO, NO, NO]),
    "filled, lagging": (told(S.FILLED, "1"),     "U U U U U C", [L, L, L, L, L, L]),
    "filled":          (told(S.FILLED, "2"),     "F F F F F F", [NO, NO, NO, NO, NO, NO]),
    "cancelled":       (told(S.CANCELLED),       "X X X X X X", [NO, NO, NO, NO, NO, NO]),
    "expired":         (told(S.EXPIRED),         "E E E E E E", [NO, NO, NO, NO, NO, NO]),
    "refused":         (told(S.REJECTED),        "R R R R R R", [T, T, T, T, T, T]),
}  # fmt: skip
_LETTERS = dict(zip("INUAWCFXER", [*OPEN, *OVER], strict=True))


def test_the_table_has_a_cell_for_every_open_state_and_every_word() -> None:
    assert list(COLUMNS) == OPEN
    assert list(TABLE) == list(Word)
    assert {len(row) for row in TABLE.values()} == {len(COLUMNS)}
    assert len(BY_HAND) == len(Word)


@pytest.mark.parametrize("name", BY_HAND)
@pytest.mark.parametrize("column", range(6), ids=[s.value for s in OPEN])
def test_each_open_state_takes_each_event_as_written_by_hand(name: str, column: int) -> None:
    event, becomes, effects = BY_HAND[name]
    after, todo = step(at(OPEN[column]), event)
    assert after.status is _LETTERS[becomes.split()[column]]
    assert todo == (() if effects[column] is None else (effects[column],))


@pytest.mark.parametrize("status", OVER)
@pytest.mark.parametrize("name", BY_HAND)
def test_what_is_over_stays_over(status: OrderStatus, name: str) -> None:
    after, todo = step(at(status), BY_HAND[name][0])
    assert after.status is status
    assert todo == ()


@pytest.mark.parametrize("status", [S.INTENT, S.SENT, S.UNKNOWN])
def test_a_venue_cannot_report_what_is_ours_to_say(status: OrderStatus) -> None:
    with pytest.raises(LedgerError, match="ours to say"):
        step(at(S.WORKING), told(status))


def test_an_end_says_why() -> None:
    refused, _ = step(at(S.SENT), Reported(status=S.REJECTED, filled=Decimal(0), message="LOT_SIZE"))
    assert refused.note == "LOT_SIZE"
    assert step(at(S.INTENT), Late())[0].note == "it was not sent within three seconds"
    assert step(at(S.UNKNOWN), GONE)[0].note == "it never reached the venue"
    assert step(at(S.WORKING), GONE)[0].note == "the venue no longer knows it"


@pytest.mark.parametrize("status", list(S))
def test_more_than_was_ordered_is_an_overfill_in_any_state(status: OrderStatus) -> None:
    with pytest.raises(Overfill, match=r"2\.1 filled of 2"):
        step(at(status), told(S.FILLED, "2.1"))


@pytest.mark.parametrize("status", OVER)
def test_a_late_report_still_adds_its_fills(status: OrderStatus) -> None:
    after, _ = step(at(status, "0.5"), told(S.WORKING, "1"))
    assert (after.status, after.filled_quantity) == (status, Decimal(1))


def test_an_older_report_overtaken_by_a_newer_one_shrinks_nothing() -> None:
    after, _ = step(at(S.WORKING, "1.5"), told(S.ACKNOWLEDGED, "0"))
    assert (after.status, after.filled_quantity) == (S.WORKING, Decimal("1.5"))


def test_filled_without_all_its_fills_is_asked_again_not_believed() -> None:
    after, todo = step(at(S.WORKING, "1"), told(S.FILLED, "1"))
    assert (after.status, todo) == (S.UNKNOWN, (Effect.LOOK_UP,))
    assert step(after, told(S.FILLED, "2"))[0].status is S.FILLED


def test_a_cancel_under_way_stays_under_way_until_the_venue_says_how_it_ended() -> None:
    asked, _ = step(at(S.WORKING), CancelAsked())
    still, _ = step(asked, told(S.WORKING, "1"))
    assert (still.status, still.filled_quantity) == (S.CANCELLING, Decimal(1))
    assert step(still, told(S.FILLED, "2"))[0].status is S.FILLED


@pytest.mark.parametrize("status", [S.SENT, S.UNKNOWN])
def test_what_may_have_left_is_never_sent_again_and_absent_only_after_thirteen_seconds(status: OrderStatus) -> None:
    for moment in (NOON, WINDOW, PROOF):
        after, todo = step(at(status), NotFound(at=moment, first_at=NOON))
        assert (after.status, todo) == (S.UNKNOWN, (Effect.LOOK_UP,))
    assert step(at(status), NotFound(at=LATER, first_at=LATER))[0].status is S.EXPIRED


@pytest.mark.parametrize("order", [at(S.WORKING), at(S.ACKNOWLEDGED), at(S.UNKNOWN, "1")], ids=lambda o: o.status)
def test_an_order_that_the_venue_knew_is_given_up_only_after_it_was_missed_for_ten_seconds(order: Order) -> None:
    days = NOON + timedelta(days=3)
    once, todo = step(order, NotFound(at=days, first_at=days))
    assert (once.status, todo) == (order.status, (Effect.LOOK_UP,))
    still, _ = step(order, NotFound(at=days + LOOKUP_TIME, first_at=days))
    assert still.status is order.status
    gone, todo = step(order, NotFound(at=days + timedelta(seconds=10.1), first_at=days))
    assert (gone.status, todo) == (S.EXPIRED, (Effect.HALT,))


def test_one_miss_of_an_old_order_that_is_being_cancelled_proves_nothing() -> None:
    days = NOON + timedelta(days=3)
    assert step(at(S.CANCELLING), NotFound(at=days, first_at=days))[0].status is S.CANCELLING


_events = st.one_of(
    st.builds(Reported, status=st.sampled_from(list(S)), filled=st.integers(0, 20).map(lambda n: Decimal(n) / 10)),
    st.builds(NotFound, at=st.integers(0, 30).map(lambda s: NOON + timedelta(seconds=s)), first_at=st.just(NOON)),
    st.sampled_from([Send(), Late(), NoAnswer(), Resume(), CancelAsked()]),
)


@given(st.sampled_from(list(S)), st.lists(_events, max_size=12))
def test_no_sequence_shrinks_fills_leaves_an_end_or_changes_what_was_ordered(
    first: OrderStatus, events: list[Event]
) -> None:
    order = at(first)
    for event in events:
        try:
            after, todo = step(order, event)
        except LedgerError:
            continue  # refused whole: the order stays what it was
        assert after.filled_quantity >= order.filled_quantity
        assert not order.status.terminal or after.status is order.status
        assert after.status is not S.INTENT or order.status is S.INTENT
        assert Effect.PLACE not in todo or order.status is S.INTENT
        unchanged = {"status": order.status, "filled_quantity": order.filled_quantity, "note": order.note}
        assert replace(after, **unchanged) == order  # type: ignore[arg-type]
        order = after
