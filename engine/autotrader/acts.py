"""From decisions to approved orders in the book: still nothing has been sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from engine.domain.decision import Decision, GateOutcome
from engine.domain.order import (
    ExitReason,
    Order,
    OrderStatus,
    OrderType,
    Purpose,
    Side,
    client_order_id,
)
from engine.domain.quote import Quote
from engine.domain.signal import Signal
from engine.execution.book import Book
from engine.execution.bundle import bundled
from engine.execution.draft import StepDraft
from engine.execution.protect import closing
from engine.risk.approve import approve_entry, approve_exit
from engine.risk.limits import RiskLimits

HALTED = "halted"


Offer = Callable[[str], Quote | None]
"""The price of an instrument now, where an entry can bring its protection; None where it has to come after it."""


def act_on(book: Book, limits: RiskLimits, draft: StepDraft, now: datetime, *, offer: Offer) -> None:
    """Turn the draft's BUY and SELL decisions into intents; a SELL first asks for its protection to be cancelled."""
    for decision in draft.decisions:
        if decision.action is Signal.SELL:
            book.ask_cancel(book.sleeve(decision.sleeve_id).protection, "exit decided", draft)
            reason = decision.exit_reason or ExitReason.SIGNAL
            order = closing(book, decision.sleeve_id, reason, decision.bar_close_at, now)
            book.add(approve_exit(order), draft)
        elif decision.action is Signal.BUY and decision.quantity is not None:
            order = replace(_entry(book, decision, decision.quantity, limits), intent_at=now)
            quote = offer(decision.symbol)
            entry, *legs = [order] if quote is None else bundled(book, order, quote)
            book.add(approve_entry(entry, decision), draft)
            for leg in legs:
                book.add(approve_exit(leg), draft)


def withdraw_entries(book: Book, draft: StepDraft, why: str) -> None:
    """A halt came between deciding and committing: take the entries back, with what came with them, and let their
    decisions say so."""
    lists = {a.order.list_id for a in draft.intents if a.order.purpose is Purpose.ENTRY} - {None}
    entries = [a for a in draft.intents if a.order.purpose is Purpose.ENTRY or a.order.list_id in lists]
    for approved in entries:
        draft.intents.remove(approved)
        book.forget(approved.order)
    draft.decisions[:] = [_held(d, why) if d.action is Signal.BUY else d for d in draft.decisions]


def _held(decision: Decision, why: str) -> Decision:
    gates = (*(g for g in decision.gates if g.name != HALTED), GateOutcome(name=HALTED, passed=False, detail=why))
    return replace(decision, action=Signal.HOLD, quantity=None, held_by=HALTED, gates=gates)


def _entry(book: Book, decision: Decision, quantity: Decimal, limits: RiskLimits) -> Order:
    generation = book.sleeve(decision.sleeve_id).generation(Purpose.ENTRY, decision.bar_close_at)
    return Order(
        client_id=client_order_id(
            account_id=decision.account_id, sleeve_id=decision.sleeve_id, symbol=decision.symbol,
            bar_close_at=decision.bar_close_at, purpose=Purpose.ENTRY, generation=generation,
        ),
        account_id=decision.account_id, sleeve_id=decision.sleeve_id, symbol=decision.symbol, side=Side.BUY,
        type=OrderType.MARKET, purpose=Purpose.ENTRY, quantity=quantity, price=None, stop_price=None, list_id=None,
        bar_close_at=decision.bar_close_at, intent_at=decision.bar_close_at, status=OrderStatus.INTENT,
        stop_ratio=limits.stop_loss, target_ratio=limits.take_profit,
    )  # fmt: skip
