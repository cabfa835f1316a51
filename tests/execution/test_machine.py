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
    LOOKUP_TIME,
    SEND_WINDOW,
    CancelAsked,
    Effect,
    Event,
    NoAnswer,
    NotFound,
    Reported,
    Resume,
    Send,
    step,
)
from tests.contracts.wall import NOON, an_order

S = OrderStatus
OPEN = [s for s in S if not s.terminal]
OVER = [s for s in S if s.terminal]
EARLY, LATE, PROVEN = NOON + SEND_WINDOW, NOON + SEND_WINDOW + LOOKUP_TIME, NOON + timedelta(seconds=14)


def at(status: OrderStatus, filled: str = "0") -> Order:
    """An order over 2, intended at NOON."""
    return an_order(status=status, filled_quantity=Decimal(filled))


def told(status: OrderStatus, filled: str = "0") -> Reported:
    return Reported(status=status, filled=Decimal(filled))


_SAME = dict(zip(OPEN, OPEN, strict=True))
_LOOKED_UP = {S.INTENT, S.SENT, S.UNKNOWN, S.CANCELLING}
TABLE: dict[str, tuple[Event, dict[OrderStatus, OrderStatus], dict[OrderStatus, Effect]]] = {
    "send": (Send(), _SAME | {S.INTENT: S.SENT}, {S.INTENT: Effect.PLACE}),
    "no answer": (
        NoAnswer(), _SAME | {S.INTENT: S.UNKNOWN, S.SENT: S.UNKNOWN},
        {S.INTENT: Effect.LOOK_UP, S.SENT: Effect.LOOK_UP},
    ),
    "resume": (Resume(), _SAME, dict.fromkeys(_LOOKED_UP, Effect.LOOK_UP)),
    "cancel asked": (CancelAsked(), dict.fromkeys(OPEN, S.CANCELLING), dict.fromkeys(OPEN, Effect.CANCEL)),
    "acknowledged": (told(S.ACKNOWLEDGED), _SAME | dict.fromkeys((S.INTENT, S.SENT, S.UNKNOWN), S.ACKNOWLEDGED), {}),
    "working": (told(S.WORKING), dict.fromkeys(OPEN, S.WORKING) | {S.CANCELLING: S.CANCELLING}, {}),
    "filled": (told(S.FILLED, "2"), dict.fromkeys(OPEN, S.FILLED), {}),
    "cancelled": (told(S.CANCELLED), dict.fromkeys(OPEN, S.CANCELLED), {}),
    "expired": (told(S.EXPIRED), dict.fromkeys(OPEN, S.EXPIRED), {}),
}  # fmt: skip


@pytest.mark.parametrize("status", OPEN)
@pytest.mark.parametrize("name", TABLE)
def test_each_open_state_takes_each_event_as_the_table_says(name: str, status: OrderStatus) -> None:
    event, becomes, effects = TABLE[name]
    after, todo = step(at(status), event)
    assert after.status is becomes[status]
    assert todo == ((effects[status],) if status in effects else ())


@pytest.mark.parametrize("status", OVER)
@pytest.mark.parametrize("event", [e for e, _, _ in TABLE.values()] + [told(S.REJECTED), NotFound(at=PROVEN)], ids=str)
def test_what_is_over_stays_over(status: OrderStatus, event: Event) -> None:
    after, todo = step(at(status), event)
    assert after.status is status
    assert todo == ()


@pytest.mark.parametrize("status", [s for s in OPEN if s is not S.WORKING])
def test_a_refusal_ends_an_order_that_did_not_work_yet_and_is_told(status: OrderStatus) -> None:
    after, todo = step(at(status), Reported(status=S.REJECTED, filled=Decimal(0), message="LOT_SIZE"))
    assert (after.status, after.note, todo) == (S.REJECTED, "LOT_SIZE", (Effect.TELL,))


def test_a_refusal_of_a_working_order_cannot_be() -> None:
    with pytest.raises(LedgerError, match="WORKING cannot become REJECTED"):
        step(at(S.WORKING), told(S.REJECTED))


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


@pytest.mark.parametrize("status", [S.INTENT, S.SENT, S.UNKNOWN])
def test_not_found_inside_the_send_window_may_be_sent_again(status: OrderStatus) -> None:
    after, todo = step(at(status), NotFound(at=EARLY))
    assert (after.status, todo) == (S.SENT, (Effect.PLACE,))


@pytest.mark.parametrize("status", [S.INTENT, S.SENT, S.UNKNOWN])
def test_not_found_after_the_window_proves_nothing_until_the_lookup_time_is_over(status: OrderStatus) -> None:
    after, todo = step(at(status), NotFound(at=EARLY + timedelta(microseconds=1)))
    assert (after.status, todo) == (status, (Effect.LOOK_UP,))
    assert step(at(status), NotFound(at=LATE))[0].status is status
    gone, todo = step(at(status), NotFound(at=LATE + timedelta(microseconds=1)))
    assert (gone.status, todo, gone.note) == (S.EXPIRED, (Effect.TELL,), "it never reached the venue")


def test_an_order_being_cancelled_is_never_sent_again() -> None:
    after, todo = step(at(S.CANCELLING), NotFound(at=EARLY))
    assert (after.status, todo) == (S.CANCELLING, (Effect.LOOK_UP,))


@pytest.mark.parametrize("order", [at(S.WORKING), at(S.ACKNOWLEDGED), at(S.UNKNOWN, "1")], ids=lambda o: o.status)
def test_an_order_that_the_venue_knew_cannot_become_unknown_to_it(order: Order) -> None:
    with pytest.raises(LedgerError, match="reconcile"):
        step(order, NotFound(at=PROVEN))


_events = st.one_of(
    st.builds(Reported, status=st.sampled_from(list(S)), filled=st.integers(0, 20).map(lambda n: Decimal(n) / 10)),
    st.builds(NotFound, at=st.integers(0, 20).map(lambda s: NOON + timedelta(seconds=s))),
    st.sampled_from([Send(), NoAnswer(), Resume(), CancelAsked()]),
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
        assert Effect.PLACE not in todo or order.status in (S.INTENT, S.SENT, S.UNKNOWN)
        unchanged = {"status": order.status, "filled_quantity": order.filled_quantity, "note": order.note}
        assert replace(after, **unchanged) == order  # type: ignore[arg-type]
        order = after
