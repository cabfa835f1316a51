"""What `decide` is shown: the account and each sleeve as they stand at one close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from engine.autotrader.seat import Seat
from engine.domain.account import AccountKind
from engine.domain.bar import BarSeries
from engine.domain.equity import EquityMark
from engine.domain.halt import Halt
from engine.domain.money import to_atoms
from engine.domain.order import Purpose
from engine.execution.book import Book
from engine.kernel.grid import grid_of, worth
from engine.risk.terms import NO_LOSS
from engine.strategy.decide import AccountView, SleeveView, reserving
from engine.strategy.strategy import spoken

MINUTE = timedelta(minutes=1)
"""How long an entry counts against the pace."""


def account_view(
    book: Book, mark: EquityMark, halts: Sequence[Halt], ticks: Mapping[str, int], *, clock_skew_ms: int = 0
) -> AccountView:
    """The account at its newest mark, less what entries that are not filled yet may still take.

    `ticks`: the newest price of each instrument. While one that is being bought has none, nobody knows what is left of
    the cash, so none is.
    """
    account = AccountView(
        account_id=book.account.account_id,
        cash_atoms=book.portfolio.cash,
        equity_atoms=to_atoms(mark.equity),
        exposure_atoms=to_atoms(mark.exposure),
        open_positions=sum(1 for sleeve_id in book.portfolio.holdings if book.sleeve(sleeve_id).lots),
        halted_by=halts[0].cause if halts else None,
        held=held_by_symbol(book, ticks),
        live_money=book.account.kind is AccountKind.LIVE,
        peak_atoms=to_atoms(mark.peak),
        day_start_atoms=to_atoms(mark.day_start),
        recent_entries=book.entries_after(mark.at - MINUTE),
        clock_skew_ms=clock_skew_ms,
    )
    entries = [o for o in book.orders.values() if o.purpose is Purpose.ENTRY]
    if any(o.symbol not in ticks for o in entries):
        return replace(account, cash_atoms=0)
    waiting = [(book.instruments[o.symbol], o.quantity - o.filled_quantity, ticks[o.symbol]) for o in entries]
    return reserving(account, waiting, book.account.costs)


def held_by_symbol(book: Book, close_ticks: Mapping[str, int]) -> Mapping[str, int]:
    """What is held in whole lots, in quote atoms at the newest closes (at cost where there is none yet)."""
    held: dict[str, int] = {}
    for sleeve_id, holding in book.portfolio.holdings.items():
        if not book.sleeve(sleeve_id).lots:
            continue
        ticks, grid = close_ticks.get(holding.symbol), grid_of(book.instruments[holding.symbol])
        value = holding.cost if ticks is None else worth(holding.atoms, ticks, grid)
        held[holding.symbol] = held.get(holding.symbol, 0) + value
    return held


def sleeve_view(book: Book, seat: Seat, windows: Mapping[str, BarSeries], close_ticks: int, at: datetime) -> SleeveView:
    """One sleeve, its call at its window's last bar included; `windows` of its interval, by symbol."""
    assert seat.strategy is not None, "only seats that decide are shown"
    window, mine, instrument = windows[seat.symbol], book.sleeve(seat.sleeve_id), book.instruments[seat.symbol]
    holding, held = mine.holding, mine.lots
    lost_at = holding.lost_at if holding is not None else None
    call, said = spoken(seat.strategy, window, len(window) - 1)
    return SleeveView(
        sleeve_id=seat.sleeve_id,
        instrument=instrument,
        close_ticks=close_ticks,
        call=call,
        prediction=None if said is None else said.prediction,
        held_lots=held,
        bars_held=seat.bars_held(holding.opened_at, at) if holding is not None and held else 0,
        horizon=seat.strategy.horizon,
        fresh=window.last_close_at == at,
        waiting=bool(mine.orders(Purpose.ENTRY, Purpose.EXIT)),
        trading=instrument.trading or book.account.kind is AccountKind.REPLAY,
        bars_since_loss=NO_LOSS if lost_at is None else (at - lost_at) // seat.interval.duration,
        windows=windows,
        why=None if said is None else said.why,
        restraint=seat.restraint,
    )
