"""The ledger held against the venue: at start, after gaps, every ten seconds; what lasts halts, orphans are fetched."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.autotrader.reconciler import Reconciler
from engine.domain.errors import OrderOutcomeUnknown, VenueUnavailable
from engine.domain.halt import HaltKind
from engine.domain.order import OrderStatus, OrderType, Purpose
from engine.ports import OrderReport
from tests.contracts.wall import PAPER, an_account, an_order
from tests.execution.stage import Stage
from tests.execution.venues import Word

S = OrderStatus
SHORT = {"USDT": Decimal(4_999), "BTC": Decimal(1)}
"""One USDT less than the ledger claims once 0.1 BTC was bought."""


class Line:
    """Counts gaps as a test says."""

    def __init__(self) -> None:
        self.gaps = 1


def reconciler(stage: Stage, line: Line | None = None) -> Reconciler:
    counted = line or Line()
    return Reconciler(stage.book, stage.desk, stage.ledger, stage.wall, gaps=lambda: counted.gaps)


def test_nothing_is_known_to_agree_before_the_first_time(stage: Stage) -> None:
    one = reconciler(stage)
    assert one.due
    assert one.pending() is not None
    one.start()
    assert one.pending() is None
    assert stage.causes() == []


@pytest.mark.parametrize("error", [VenueUnavailable("no line"), OrderOutcomeUnknown("no answer")])
def test_a_start_without_an_answer_does_not_succeed(stage: Stage, error: Exception) -> None:
    stage.venue.standing_words.append(error)
    with pytest.raises(VenueUnavailable):
        reconciler(stage).start()


def test_a_gap_is_pending_until_it_is_reconciled_at_once(stage: Stage) -> None:
    line = Line()
    one = reconciler(stage, line)
    one.start()
    stage.wall.advance(1)
    assert not one.due
    line.gaps += 1
    assert one.due
    assert one.pending() is not None
    one.look()
    assert one.pending() is None


def test_it_is_due_every_ten_seconds_and_overdue_after_thirty(stage: Stage) -> None:
    one = reconciler(stage)
    one.start()
    stage.wall.advance(9.9)
    assert not one.due
    stage.wall.advance(0.1)
    assert one.due
    stage.wall.advance(21)
    stage.venue.standing_words.append(VenueUnavailable("no line"))
    one.look()
    assert one.pending() == "the ledger cannot be held against the venue: no line"


def test_what_is_short_holds_new_risk_at_once_and_halts_with_words_where_it_lasts(stage: Stage) -> None:
    stage.enter("0.1")
    one = reconciler(stage)
    stage.venue.balances = SHORT
    one.start()
    words = "the ledger claims 5000 USDT, the venue holds 4999"
    for _ in range(59):
        assert one.pending() == words
        assert stage.causes() == []
        stage.wall.advance(1)
        one.look()
    stage.wall.advance(11)
    one.look()
    [halt] = stage.ledger.halts(PAPER)
    assert (halt.cause, halt.detail) == ("mismatch", words)
    assert stage.told.texts == [f"error: halted (mismatch): {words}"]


def test_a_balance_that_only_lagged_behind_halts_nothing(stage: Stage) -> None:
    stage.enter("0.1")
    one = reconciler(stage)
    for _ in range(5):  # each time it is another lag, not one that lasts
        stage.venue.balances = SHORT
        one.check()
        assert one.pending() is not None
        stage.wall.advance(59)
        one.check()
        stage.venue.balances = {"USDT": Decimal(5_000), "BTC": Decimal(1)}
        one.check()
        assert one.pending() is None
        stage.wall.advance(2)
    assert stage.causes() == []


def test_what_stays_short_is_not_asked_for_every_second(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.enter("0.1")
    stage.venue.balances = SHORT
    one, looks = reconciler(stage), 0
    check = one.check

    def counted() -> None:
        nonlocal looks
        looks += 1
        check()

    monkeypatch.setattr(one, "check", counted)
    one.start()
    for _ in range(600):
        stage.wall.advance(0.5)
        one.look()
    assert stage.causes() == ["mismatch"]
    assert looks <= 10 + 30  # every second for ten seconds, then every ten


def test_an_account_that_is_overdrawn_halts_until_that_was_deposited(stage: Stage) -> None:
    stage.ledger.move_cash(PAPER, Decimal(-10_002), stage.wall.now(), "more than there was")
    stage.load()
    reconciler(stage).start()
    [halt] = stage.ledger.halts(PAPER)
    assert (halt.cause, halt.detail) == ("mismatch", "the account is overdrawn by 2 USDT; deposit it")
    stage.ledger.clear_halts(PAPER, HaltKind.HALT, None, stage.wall.now(), "tester")
    reconciler(stage).start()
    assert stage.causes() == ["mismatch"]
    stage.ledger.clear_halts(PAPER, HaltKind.HALT, None, stage.wall.now(), "tester")
    stage.book.move_cash(stage.wall.now(), Decimal(2))
    reconciler(stage).start()
    assert stage.causes() == []


def test_an_order_that_ended_unheard_is_looked_up(stage: Stage) -> None:
    entry = stage.decide_entry("0.1", type=OrderType.LIMIT, price=Decimal(40_000))
    stage.desk.carry_out()
    stage.venue.end(entry.client_id, S.CANCELLED)
    stage.venue.poll()  # the news was lost
    reconciler(stage).check()
    assert stage.status(entry) is S.CANCELLED


def test_an_order_of_ours_that_is_over_here_is_cancelled_there_and_told(stage: Stage) -> None:
    entry = stage.decide_entry("0.1", type=OrderType.LIMIT, price=Decimal(40_000))
    stage.desk.carry_out()
    draft = stage.desk.draft()
    stage.book.absorb([OrderReport(client_id=entry.client_id, status=S.EXPIRED)], draft)
    stage.desk.commit(draft)
    reconciler(stage).check()
    assert ("cancel", entry.client_id) in stage.venue.requests
    assert any("it is being cancelled" in text for text in stage.told.texts)


def test_an_order_with_our_tag_that_no_ledger_knows_is_cancelled_another_accounts_is_not(stage: Stage) -> None:
    other = an_account("other")
    stage.ledger.open_account(other)
    stage.venue.strangers = [
        OrderReport(client_id=name, status=S.WORKING, symbol="BTCUSDT") for name in ("aa-nobodys", "aa-theirs")
    ]
    stage.file_order(an_order("aa-theirs", account_id="other"))
    reconciler(stage).check()
    assert [i for verb, i in stage.venue.requests if verb == "cancel"] == ["aa-nobodys"]


def test_an_orphans_cancel_without_an_answer_is_told_and_tried_again(stage: Stage) -> None:
    one = reconciler(stage)
    one.start()
    stage.venue.strangers = [OrderReport(client_id="aa-nobodys", status=S.WORKING, symbol="BTCUSDT")]
    stage.venue.cancel_words.append(Word.REQUEST_LOST)
    stage.wall.advance(10)
    one.look()
    assert any("whether its cancel came through" in text for text in stage.told.texts)
    assert not one.due
    stage.wall.advance(1)
    one.look()
    assert stage.venue.requests.count(("cancel", "aa-nobodys")) == 2
    assert one.done_at == stage.wall.now()


def test_the_paper_account_goes_by_the_same_way(paper_stage: Stage) -> None:
    paper_stage.enter("0.1")
    one = reconciler(paper_stage)
    one.start()
    paper_stage.wall.advance(3600)
    one.look()
    assert paper_stage.causes() == []
    assert one.pending() is None
    assert paper_stage.orders(Purpose.STOP)[0].status is S.WORKING
