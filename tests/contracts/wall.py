"""A wall clock that a test moves, and the values that the contracts write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.domain.account import Account, AccountKind, Costs, Source
from engine.domain.decision import Decision, GateOutcome
from engine.domain.equity import EquityMark
from engine.domain.fill import Fill
from engine.domain.guard import Guard
from engine.domain.halt import Halt, HaltKind
from engine.domain.order import Order, OrderStatus, OrderType, Purpose, Side
from engine.domain.position import Position
from engine.domain.signal import Contributions, Prediction, Signal, SkillGate, Vote
from engine.ports import Lease, Ledger, Step

NOON = datetime(2025, 4, 1, 12, tzinfo=UTC)
PAPER = "paper"
LONG_DECIMAL = Decimal("12345678901234567890.12345678901234567890")
"""40 digits: more than a REAL, a double or Decimal's own default context keeps."""


class Wall:
    """Starts at NOON and stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at

    def sleep_until(self, at: datetime) -> None:
        self.at = max(self.at, at)

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def hours(n: float) -> datetime:
    """n hours after NOON."""
    return NOON + timedelta(hours=n)


def an_account(account_id: str = PAPER, **changes: Any) -> Account:
    fields: dict[str, Any] = {
        "account_id": account_id, "name": "Paper", "kind": AccountKind.PAPER, "source": Source.SIMULATED,
        "quote": "USDT", "cash": Decimal(10_000), "costs": Costs(fee_ratio=Decimal("0.00075")), "created_at": NOON,
    }  # fmt: skip
    return Account(**fields | changes)


def an_order(client_id: str = "aa1", **changes: Any) -> Order:
    fields: dict[str, Any] = {
        "client_id": client_id, "account_id": PAPER, "sleeve_id": "s1", "symbol": "BTCUSDT", "side": Side.BUY,
        "type": OrderType.MARKET, "purpose": Purpose.ENTRY, "quantity": Decimal(2), "price": None, "stop_price": None,
        "list_id": None, "bar_close_at": NOON, "intent_at": NOON, "status": OrderStatus.INTENT,
        "stop_ratio": Decimal("0.02"),
    }  # fmt: skip
    return Order(**fields | changes)


def an_exit(client_id: str = "aa9", **changes: Any) -> Order:
    return an_order(client_id, **{"side": Side.SELL, "purpose": Purpose.EXIT, **changes})


def a_fill(fill_id: str = "f1", client_id: str = "aa1", quantity: str = "1", **changes: Any) -> Fill:
    fields: dict[str, Any] = {
        "fill_id": fill_id, "client_id": client_id, "account_id": PAPER, "sleeve_id": "s1", "symbol": "BTCUSDT",
        "side": Side.BUY, "quantity": Decimal(quantity), "price": Decimal("60000.01"), "fee": Decimal("0.001"),
        "fee_asset": "BTC", "filled_at": NOON,
    }  # fmt: skip
    return Fill(**fields | changes)


def a_prediction(as_of: datetime = NOON, **changes: Any) -> Prediction:
    fields: dict[str, Any] = {
        "symbol": "BTCUSDT", "horizon": 24, "as_of": as_of, "price": 0.1 + 0.2, "signal": Signal.BUY,
        "probability": 0.55, "probability_low": 0.51, "probability_high": 0.59, "confidence": 0.8700000000000001,
        "expected_move": 0.012, "volatility": 1e-17,
        "votes": (Vote(member="linear", probability_up=1 / 3, weight=0.5),),
        "reasons": ("momentum strong", "RSI 27, oversold"), "skill": SkillGate.PAPER_ONLY, "strangeness": 1 / 3,
        "contributions": Contributions(usual=0.5, pushes={"trend": 1 / 30, "momentum": 1 / 60}),
    }  # fmt: skip
    return Prediction(**fields | changes)


def a_decision(bar_close_at: datetime = NOON, **changes: Any) -> Decision:
    gates = (
        GateOutcome(name="confidence", passed=True, detail="0.87 against 0.70"),
        GateOutcome(name="edge", passed=False, detail="-0.1 % after costs"),
    )
    fields: dict[str, Any] = {
        "account_id": PAPER, "sleeve_id": "s1", "symbol": "BTCUSDT", "bar_close_at": bar_close_at,
        "action": Signal.HOLD, "quantity": None, "reference_price": Decimal("60000.01"), "gates": gates,
        "held_by": "edge", "prediction": a_prediction(bar_close_at),
    }  # fmt: skip
    return Decision(**fields | changes)


def a_position(sleeve_id: str = "s1", **changes: Any) -> Position:
    fields: dict[str, Any] = {
        "account_id": PAPER, "sleeve_id": sleeve_id, "symbol": "BTCUSDT", "quantity": Decimal("0.999"),
        "sellable": Decimal("0.99"), "cost": Decimal("60000.01"), "entry_price": Decimal("60000.01"),
        "opened_at": NOON, "stop_price": Decimal("58000"), "target_price": None,
    }  # fmt: skip
    return Position(**fields | changes)


def a_guard(key: str = "k1", **changes: Any) -> Guard:
    fields: dict[str, Any] = {
        "key": key, "account_id": PAPER, "sleeve_id": "s1", "stop_price": Decimal("58500.5"), "target_price": None,
        "set_at": NOON,
    }  # fmt: skip
    return Guard(**fields | changes)


def a_mark(at: datetime = NOON, equity: str = "10000", **changes: Any) -> EquityMark:
    worth = Decimal(equity)
    fields: dict[str, Any] = {
        "account_id": PAPER, "at": at, "equity": worth, "cash": worth, "exposure": Decimal(0), "peak": worth,
        "day_start": worth, "drawdown": Decimal(0),
    }  # fmt: skip
    return EquityMark(**fields | changes)


def a_halt(cause: str = "operator", kind: HaltKind = HaltKind.HALT, **changes: Any) -> Halt:
    fields: dict[str, Any] = {
        "account_id": PAPER, "kind": kind, "cause": cause, "detail": "the button was pressed", "raised_at": NOON,
    }  # fmt: skip
    return Halt(**fields | changes)


def a_step(**parts: Any) -> Step:
    return Step(**{"account_id": PAPER, "at": NOON, **parts})


def leased(ledger: Ledger, seconds: float = 30) -> Lease:
    """The lease of the paper account, which is opened for it."""
    ledger.open_account(an_account())
    lease = ledger.take_lease(PAPER, "engine-1", NOON, seconds)
    assert lease is not None
    return lease
