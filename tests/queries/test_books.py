"""Portfolio, chart, gates and predictions over one small life."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from engine.domain.equity import EquityMark
from engine.domain.interval import Interval
from engine.queries.chart import read_chart
from engine.queries.portfolio import read_books, tax_rows, time_weighted_return
from engine.queries.predictions import read_calls
from engine.queries.trading import read_gates, read_sleeves
from tests.pages.full import ACCOUNT
from tests.pages.scene import NOW, Scene


def mark(hours: int, equity: str) -> EquityMark:
    worth = Decimal(equity)
    return EquityMark(
        account_id=ACCOUNT, at=NOW + timedelta(hours=hours), equity=worth, cash=worth, exposure=Decimal(0), peak=worth,
        day_start=worth, drawdown=Decimal(0),
    )  # fmt: skip


def test_a_deposit_is_no_profit() -> None:
    marks = [mark(1, "110"), mark(2, "210"), mark(3, "231")]
    deposit = [(NOW + timedelta(hours=1, minutes=30), Decimal(100), "more")]
    grown = time_weighted_return(Decimal(100), marks, deposit)
    assert grown == Decimal("1.1") * Decimal("1.1") - 1


def test_the_books_add_up(full: Scene) -> None:
    books = read_books(full, full.ledger.account(ACCOUNT))
    assert books.realised == sum(t.profit for t in books.trades)
    assert len(books.trades) == 5
    (holding,) = books.holdings
    assert holding.owner == "first light v1"
    assert holding.dust == Decimal("0.000003")
    assert holding.price is not None
    assert holding.worth == holding.position.quantity * holding.price.bid
    assert books.worst_drawdown == max(m.drawdown for m in books.marks)


def test_the_tax_export_keeps_every_digit(full: Scene) -> None:
    trades = full.ledger.trades(ACCOUNT)
    rows = tax_rows(trades, "USDT")
    assert [row["profit"] for row in rows] == [str(t.profit) for t in trades]
    assert {row["method"] for row in rows} == {"FIFO"}


def test_marks_are_thinned_and_keep_both_ends(full: Scene) -> None:
    everything = full.reads.marks(ACCOUNT)
    thin = full.reads.marks(ACCOUNT, limit=10)
    assert len(everything) == 120
    assert 10 <= len(thin) <= 12
    assert (thin[0], thin[-1]) == (everything[0], everything[-1])


def test_the_chart_carries_entries_exits_and_levels(full: Scene) -> None:
    chart = read_chart(full, "SIMULATED", "BTCUSDT", Interval.H1, n_bars=130, account_id=ACCOUNT)
    assert len(chart.bars) == 130
    kinds = [m.kind for m in chart.marks]
    assert kinds.count("entry") == 6, "five closed trades and the open one"
    assert {"stop", "target", "predicted BUY", "predicted SELL"} <= set(kinds)
    assert [level.kind for level in chart.levels] == ["entry", "stop", "target"]


def test_another_instrument_shows_none_of_it(full: Scene) -> None:
    chart = read_chart(full, "SIMULATED", "ETHUSDT", Interval.H1, account_id=ACCOUNT)
    assert (chart.marks, chart.levels) == ([], [])


def test_gates_are_counted_and_the_nearest_call_named(full: Scene) -> None:
    gates = read_gates(full, ACCOUNT)
    assert gates.n_bars == 120
    assert gates.n_trading == 5
    assert sum(h.n for h in gates.held) == 115
    assert gates.held[0].n == max(h.n for h in gates.held)
    assert gates.nearest is not None


def test_a_sleeve_row_counts_missed_bars(full: Scene) -> None:
    (row,) = read_sleeves(full, ACCOUNT)
    assert (row.name, row.n_decisions, row.n_entries, row.n_missed) == ("first light v1", 120, 5, 2)
    assert row.position is not None


def test_the_newest_call_comes_with_its_decision(full: Scene) -> None:
    (call,) = read_calls(full, ACCOUNT)
    assert call.prediction is not None
    assert call.decision is not None
    assert call.prediction.as_of == call.decision.bar_close_at
    (idle,) = read_calls(full, None)
    assert (idle.sleeve, idle.decision) == (None, None)
