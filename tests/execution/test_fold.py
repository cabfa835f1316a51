"""Whatever the order in which a venue tells what happened, and however often: the ledger folds to the same account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.fill import Fill
from engine.domain.order import Order, OrderStatus, Purpose, Side
from engine.execution.book import Book
from engine.execution.machine import Send
from engine.portfolio.portfolio import Portfolio, opened
from engine.ports import OrderReport
from engine.risk.approve import approve_exit
from tests.contracts.wall import NOON, PAPER, an_account, an_exit, an_order
from tests.execution.stage import BTC, Stage

ENTRY, TARGET, SECOND = "aa-entry", "aa-target", "aa-second"


@dataclass(frozen=True)
class Told:
    """One message: what the venue knew of an order at one moment."""

    report: OrderReport
    after: tuple[int, ...]
    """Messages that no venue could send before: causes come before effects within one order."""


def fills_of(order: Order, parts: Sequence[int]) -> list[Fill]:
    price = Decimal(50_000) if order.side is Side.BUY else Decimal(51_000)
    return [
        Fill(
            fill_id=f"{order.client_id}-{n}", client_id=order.client_id, account_id=PAPER, sleeve_id="s1",
            symbol="BTCUSDT", side=order.side, quantity=Decimal(lots) * BTC.lot_step, price=price + n,
            fee=Decimal(lots) / 10**6, fee_asset="BTC" if order.side is Side.BUY else "USDT", filled_at=NOON,
        )
        for n, lots in enumerate(parts)
    ]  # fmt: skip


def story(order: Order, parts: Sequence[int]) -> list[OrderReport]:
    """NEW, then a report a fill, each with one fill or with all so far, then the end."""
    fills = fills_of(order, parts)
    total = sum((f.quantity for f in fills), Decimal(0))
    end = OrderStatus.FILLED if total == order.quantity else OrderStatus.CANCELLED
    steps = [OrderReport(client_id=order.client_id, status=OrderStatus.WORKING)]
    steps += [OrderReport(client_id=order.client_id, status=OrderStatus.WORKING, fills=(f,)) for f in fills]
    return [*steps, OrderReport(client_id=order.client_id, status=end, fills=tuple(fills))]


ORDERS = (
    an_order(ENTRY, quantity=Decimal("0.040"), stop_ratio=None),
    an_exit(TARGET, purpose=Purpose.TARGET, quantity=Decimal("0.020")),
    an_order(SECOND, quantity=Decimal("0.010"), stop_ratio=None),
)


@st.composite
def tellings(draw: st.DrawFn) -> list[OrderReport]:
    """The same three stories in another order: shuffled between orders and within them, with repeats."""
    told: list[OrderReport] = []
    for order, parts in zip(ORDERS, ([10, 25, 5], [3, 12], [4, 6]), strict=True):
        told += story(order, parts)
    repeats = draw(st.lists(st.sampled_from(told), max_size=8))
    return list(draw(st.permutations([*told, *repeats])))


def in_words(portfolio: Portfolio) -> tuple[int, dict[str, int]]:
    return portfolio.cash, {s: h.atoms for s, h in portfolio.holdings.items()}


def known(told: Sequence[OrderReport]) -> Iterator[list[OrderReport]]:
    """In batches of three, as polls bring them; the venue is then asked for what was not believed."""
    for n in range(0, len(told), 3):
        yield list(told[n : n + 3])
    last = {report.client_id: report for order, parts in zip(ORDERS, ([10, 25, 5], [3, 12], [4, 6]), strict=True)
            for report in story(order, parts)[-1:]}  # fmt: skip
    yield list(last.values())


def fold(folder: Path, told: Sequence[OrderReport]) -> Stage:
    stage = Stage(folder)
    draft = stage.desk.draft()
    for order in ORDERS:
        approved = stage.approved(order) if order.side is Side.BUY else approve_exit(order)
        stage.book.add(approved, draft)
    stage.desk.commit(draft)
    for order in ORDERS:
        stage.book.take(order, Send(), "sent", draft := stage.desk.draft())
        stage.desk.commit(draft)
    for batch in known(told):
        draft = stage.desk.draft()
        stage.book.absorb(batch, draft)
        stage.desk.commit(draft)
    return stage


@settings(max_examples=40)
@given(tellings())
def test_any_order_of_duplicated_news_folds_to_the_same_account(told: list[OrderReport]) -> None:
    with TemporaryDirectory() as folder:
        stage = fold(Path(folder), told)
        assert in_words(stage.book.portfolio) == EXPECTED
        again = Book.load(stage.ledger, stage.account, {"BTCUSDT": BTC})
        assert in_words(again.portfolio) == EXPECTED
        assert stage.book.orders == {}
        filled = {o.client_id: (o.filled_quantity, o.status) for o in stage.ledger.orders(PAPER)}
        assert filled == {
            ENTRY: (Decimal("0.040"), OrderStatus.FILLED), TARGET: (Decimal("0.015"), OrderStatus.CANCELLED),
            SECOND: (Decimal("0.010"), OrderStatus.FILLED),
        }  # fmt: skip
        stage.close()


def by_hand() -> tuple[int, dict[str, int]]:
    """Cash and coins, added up without the product's own fold."""
    cash, coins = Decimal(10_000), Decimal(0)
    for order, parts in zip(ORDERS, ([10, 25, 5], [3, 12], [4, 6]), strict=True):
        for fill in fills_of(order, parts):
            sign = 1 if fill.side is Side.BUY else -1
            cash -= sign * fill.quantity * fill.price
            coins += sign * fill.quantity
            if fill.fee_asset == "BTC":
                coins -= fill.fee
            else:
                cash -= fill.fee
    return int(cash * 10**8), {"s1": int(coins * 10**8)}


EXPECTED = by_hand()


def test_the_expectation_begins_where_the_account_does() -> None:
    assert opened(an_account()).cash == 10_000 * 10**8
    assert replace(ORDERS[0], status=OrderStatus.SENT).status is OrderStatus.SENT
