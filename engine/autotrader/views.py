"""What `decide` is shown: the account and each sleeve as they stand at one close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.autotrader.seat import Seat
from engine.domain.bar import BarSeries
from engine.domain.equity import EquityMark
from engine.domain.halt import Halt
from engine.domain.money import to_atoms
from engine.domain.order import Purpose
from engine.execution.book import Book
from engine.strategy.decide import AccountView, SleeveView, reserving
from engine.strategy.strategy import spoken


def account_view(
    book: Book, mark: EquityMark, halts: Sequence[Halt], close_ticks: Mapping[str, int]
) -> AccountView:
    """The account at its newest mark, less what entries that are not filled yet may still take."""
    account = AccountView(
        account_id=book.account.account_id,
        cash_atoms=book.portfolio.cash,
        equity_atoms=to_atoms(mark.equity),
        exposure_atoms=to_atoms(mark.exposure),
        open_positions=sum(1 for sleeve_id in book.portfolio.holdings if book.sleeve(sleeve_id).lots),
        halted_by=halts[0].cause if halts else None,
    )
    waiting = [
        (book.instruments[o.symbol], o.quantity - o.filled_quantity, close_ticks[o.symbol])
        for o in book.orders.values()
        if o.purpose is Purpose.ENTRY and o.symbol in close_ticks
    ]
    return reserving(account, waiting, book.account.costs)


def sleeve_view(book: Book, seat: Seat, window: BarSeries, close_ticks: int, at: datetime) -> SleeveView:
    """One sleeve, its call at the window's last bar included."""
    assert seat.strategy is not None, "only seats that decide are shown"
    last = len(window) - 1
    holding = book.sleeve(seat.sleeve_id).holding
    waiting = bool(book.sleeve(seat.sleeve_id).orders(Purpose.ENTRY, Purpose.EXIT))
    held = book.sleeve(seat.sleeve_id).lots
    call, prediction = spoken(seat.strategy, window, last)
    return SleeveView(
        sleeve_id=seat.sleeve_id,
        instrument=book.instruments[seat.symbol],
        close_ticks=close_ticks,
        call=call,
        prediction=prediction,
        held_lots=held,
        bars_held=seat.bars_held(holding.opened_at, at) if holding is not None and held else 0,
        horizon=seat.strategy.horizon,
        fresh=window.last_close_at == at,
        waiting=waiting,
    )
