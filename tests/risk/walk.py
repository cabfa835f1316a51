"""An account walked through anything that may happen: the product's book, marks and decide(), and beside them the same
account kept by hand. Each decision is held against the limits by the hand's arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import nan

import numpy as np

from engine.autotrader.acts import act_on
from engine.autotrader.seat import Seat
from engine.autotrader.views import account_view, sleeve_view
from engine.domain.account import Account, AccountKind, Costs, Source
from engine.domain.bar import BarSeries
from engine.domain.decision import Decision
from engine.domain.equity import EquityMark
from engine.domain.fill import Fill
from engine.domain.halt import Halt, HaltKind
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval
from engine.domain.order import Order, OrderStatus, Purpose, Side
from engine.domain.signal import Prediction, Signal
from engine.domain.sleeve import Sleeve, SleeveState
from engine.execution.book import Book
from engine.execution.draft import StepDraft
from engine.execution.machine import Send
from engine.portfolio.equity import breached, mark
from engine.portfolio.portfolio import opened
from engine.ports import OrderReport
from engine.risk.limits import RiskLimits
from engine.strategy.calls import Call, Calls
from engine.strategy.decide import decide
from tests.builders import bars_at, utc
from tests.risk.ledger_by_hand import ROUNDING, HandBook, Wanted

START = utc("2025-01-10 18:00")
HOUR = timedelta(hours=1)
KNOWN = 60
"""Hours of prices before the start."""
LOT, TICK = Decimal("0.001"), Decimal("0.01")
SLEEVES = {"a1": "AUSDT", "a2": "AUSDT", "b": "BUSDT", "c": "CUSDT"}
SYMBOLS = ("AUSDT", "BUSDT", "CUSDT")
COSTS = Costs()


@dataclass
class Says:
    """A strategy that says what it is told at the moment."""

    call: Call
    horizon: int = 24
    name: str = "says"

    def calls(self, series: BarSeries, first: int = 0) -> Calls:
        """The call, at the newest bar."""
        c = self.call
        return Calls(
            signal=np.array([c.signal], dtype=np.int8), probability=np.array([c.probability]),
            probability_low=np.array([c.probability_low]), probability_high=np.array([c.probability_high]),
            confidence=np.array([c.confidence]), expected_move=np.array([c.expected_move]),
            volatility=np.array([c.volatility]), years=c.years,
        )  # fmt: skip

    def prediction(self, series: BarSeries, i: int) -> Prediction | None:
        """None: it is not explained."""
        return None


class Walk:
    """One account. `limits` and `stake` hold for the whole walk."""

    def __init__(self, limits: RiskLimits, stake: Decimal | None, cash: Decimal) -> None:
        self.limits, self.stake, self.at = limits, stake, START
        account = Account(
            account_id="w", name="walk", kind=AccountKind.PAPER, source=Source.ARCHIVE, quote="USDT", cash=cash,
            costs=COSTS, created_at=START,
        )  # fmt: skip
        places = {
            s: Instrument(symbol=s, base=s[:1], quote="USDT", tick_size=TICK, lot_step=LOT, min_notional=Decimal(5))
            for s in SYMBOLS
        }
        self.book = Book(account, places, opened(account))
        self.says = {sleeve: Says(Call(0, nan, nan, nan, nan, nan, nan, 0.0)) for sleeve in SLEEVES}
        self.mark: EquityMark | None = None
        self.halts: dict[str, Halt] = {}
        self.flow, self._n = Decimal(0), 0
        self.hand = HandBook(symbol_of=dict(SLEEVES), lot=LOT, cash=cash, closes=_history())
        self.entered: list[datetime] = []
        self.seen: list[str | None] = []

    # ------------------------------------------------------------------ what may happen

    def close(self, moves: Sequence[float], calls: Mapping[str, Call]) -> None:
        """An hour ends at new prices; everybody is asked, and every answer is checked."""
        self.at = Interval.H1.floor(self.at) + HOUR
        for symbol, move in zip(SYMBOLS, moves, strict=True):
            closes = self.hand.closes[symbol]
            closes.append(max(1.0, round(closes[-1] * (1 + move), 2)))
        self._mark()
        for sleeve, call in calls.items():
            self.says[sleeve].call = call
        halts = list(self.halts.values())
        decisions = self._decide(halts)
        for decision in decisions:
            self._check(decision, halts)
        self._act(decisions)

    def fill(self, which: int, share: float, worse: float) -> None:
        """An entry fills, wholly or in part, off the price it was decided at; or the venue has to refuse it."""
        entries = self._entries()
        if not entries:
            return
        order = entries[which % len(entries)]
        rest = order.quantity - order.filled_quantity
        quantity = max(LOT, (rest * Decimal(str(share)) / LOT).to_integral_value() * LOT)
        price = (self.hand.price(order.symbol) * Decimal(str(1 + worse)) / TICK).to_integral_value(ROUND_HALF_UP) * TICK
        if quantity * price > self.hand.cash:
            self._over(order, OrderStatus.REJECTED)
            return
        done = quantity == rest
        self._report(order, OrderStatus.FILLED if done else OrderStatus.WORKING, quantity, price)
        wanted = self.hand.wanted[order.client_id]
        wanted.quantity -= quantity
        if done:
            del self.hand.wanted[order.client_id]

    def cancel(self, which: int) -> None:
        """An entry is over before it was filled."""
        entries = self._entries()
        if entries:
            self._over(entries[which % len(entries)], OrderStatus.CANCELLED)

    def sell(self, sleeve: str, off: float) -> None:
        """A stop, a target or the operator sells what a sleeve holds."""
        lots = self.book.sleeve(sleeve).lots
        if lots and not self.book.sleeve(sleeve).orders(Purpose.ENTRY):
            price = (self.hand.price(SLEEVES[sleeve]) * Decimal(str(1 + off)) / TICK).to_integral_value() * TICK
            self._sell(self._market(sleeve, lots * LOT), max(TICK, price))

    def halt(self, cause: str) -> None:
        """The operator's button, or a pause."""
        self.halts[cause] = Halt(account_id="w", kind=HaltKind.HALT, cause=cause, detail="", raised_at=self.at)

    def reset(self) -> None:
        """The typed reset: what is there now is the new beginning."""
        self.halts.clear()
        if self.mark is not None:
            worth = self.mark.equity
            self.mark = replace(self.mark, peak=worth, day_start=worth, drawdown=Decimal(0))
            self.hand.peak = self.hand.day_start = self.hand.index

    def move_cash(self, amount: Decimal) -> None:
        """Money comes or goes; never more than is free."""
        promised = sum((self.hand.cost(w) for w in self.hand.wanted.values()), Decimal(0)) * Decimal("1.1")
        if self.hand.cash + amount > promised + 1:
            self.book.move_cash(self.at, amount)
            self.hand.cash += amount
            self.flow += amount

    # ------------------------------------------------------------------ what must hold

    def _check(self, decision: Decision, halts: Sequence[Halt]) -> None:
        """Hold one decision against every limit; entries are taken in as they are decided: the next one sees them."""
        self.seen.append(decision.held_by)
        hand, limits, sleeve = self.hand, self.limits, decision.sleeve_id
        if decision.action is Signal.SELL:
            assert decision.quantity == self.book.sleeve(sleeve).lots * LOT, "an exit sells all of it, halted or not"
            return
        if decision.action is not Signal.BUY:
            return
        assert decision.quantity is not None
        assert not halts
        assert hand.drawdown < limits.max_drawdown + Decimal("1e-6")
        assert hand.daily_loss < limits.max_daily_loss + Decimal("1e-6")
        assert not hand.holds(sleeve)
        assert sleeve not in {w.sleeve for w in hand.wanted.values()}
        self._check_size(decision, decision.quantity)
        self._check_company(decision)
        hand.wanted[f"decided for {sleeve}"] = Wanted(sleeve, decision.quantity)
        self.entered.append(self.at)

    def _check_size(self, decision: Decision, quantity: Decimal) -> None:
        hand, limits, symbol = self.hand, self.limits, decision.symbol
        value = quantity * hand.price(symbol)
        costs = 1 + COSTS.half_spread_ratio + COSTS.slippage_ratio
        promised = sum((hand.cost(w) for w in hand.wanted.values()), Decimal(0))
        assert value >= 5, "a position must stay sellable"
        assert hand.at_risk(symbol) + value <= limits.max_position_ratio * hand.equity + ROUNDING
        assert hand.exposure + value <= limits.max_exposure_ratio * hand.equity + ROUNDING
        assert (promised + value) * costs <= hand.cash + ROUNDING, "two sleeves never promise the same money"
        full = self.stake or limits.max_position_ratio * hand.equity
        assert value <= self._left() * full + ROUNDING

    def _left(self) -> Decimal:
        """What the drawdown leaves of a full size."""
        soft = self.limits.shrink_from * self.limits.max_drawdown
        if self.hand.drawdown <= soft + Decimal("1e-9"):
            return Decimal(1)
        return (self.limits.max_drawdown - self.hand.drawdown) / (self.limits.max_drawdown - soft) + Decimal("1e-4")

    def _check_company(self, decision: Decision) -> None:
        hand, limits = self.hand, self.limits
        assert hand.positions < limits.max_positions
        assert sum(self.at - at < timedelta(minutes=1) for at in self.entered) < limits.max_orders_per_minute
        lost_at = hand.lost_at.get(decision.sleeve_id)
        assert lost_at is None or (self.at - lost_at) // HOUR >= limits.cooldown_bars
        known = hand.correlation(decision.symbol)
        if limits.max_correlation < 1 and known is not None:
            assert known <= float(limits.max_correlation) + 1e-9, "the same bet is not taken twice"

    def agree(self) -> None:
        """Both books say the same."""
        assert abs(Decimal(self.book.portfolio.cash) / 10**8 - self.hand.cash) < ROUNDING
        for sleeve in SLEEVES:
            holding = self.book.portfolio.holdings.get(sleeve)
            assert (holding.atoms if holding else 0) == int(self.hand.coins.get(sleeve, Decimal(0)) * 10**8)
        assert {o.client_id for o in self._entries()} == set(self.hand.wanted)

    # ------------------------------------------------------------------ how it is carried out

    def _mark(self) -> None:
        ticks = {s: int(self.hand.price(s) / TICK) for s in SYMBOLS}
        places = self.book.instruments
        self.mark = mark(self.book.portfolio, ticks, places, self.at, self.mark, flow=self.flow)
        self.hand.mark(self.at, self.flow)
        self.flow = Decimal(0)
        for cause, _ in breached(self.mark, self.limits):
            self.halt(cause)

    def _decide(self, halts: Sequence[Halt]) -> list[Decision]:
        assert self.mark is not None
        ticks = {s: int(self.hand.price(s) / TICK) for s in SYMBOLS}
        begin = self.at - HOUR * len(self.hand.closes["AUSDT"])
        windows = {s: bars_at(f"{begin:%Y-%m-%d %H:%M}", c, symbol=s) for s, c in self.hand.closes.items()}
        account = account_view(self.book, self.mark, halts, ticks)
        views = [sleeve_view(self.book, self._seat(s), windows, ticks[SLEEVES[s]], self.at) for s in SLEEVES]
        return decide(account, views, self.limits, COSTS, stake=self.stake, at=self.at)

    def _seat(self, sleeve: str) -> Seat:
        row = Sleeve(
            sleeve_id=sleeve, account_id="w", strategy="says", symbol=SLEEVES[sleeve], interval=Interval.H1,
            state=SleeveState.ACTIVE, created_at=START,
        )  # fmt: skip
        return Seat(sleeve=row, strategy=self.says[sleeve])

    def _act(self, decisions: Sequence[Decision]) -> None:
        draft = StepDraft(account_id="w", at=self.at, decisions=list(decisions))
        act_on(self.book, self.limits, draft, self.at, offer=lambda _: None)
        for order in [a.order for a in draft.intents]:
            self.book.take(order, Send(), "sent", draft)
            if order.side is Side.BUY:
                self.hand.wanted[order.client_id] = self.hand.wanted.pop(f"decided for {order.sleeve_id}")
            else:
                self._sell(order, self.hand.price(order.symbol))

    def _market(self, sleeve: str, quantity: Decimal) -> Order:
        """A sale that no decision asked for, taken into the book and sent."""
        decision = Decision(
            account_id="w", sleeve_id=sleeve, symbol=SLEEVES[sleeve], bar_close_at=self.at, action=Signal.SELL,
            quantity=quantity, reference_price=Decimal(1), gates=(), held_by=None,
        )  # fmt: skip
        draft = StepDraft(account_id="w", at=self.at, decisions=[decision])
        act_on(self.book, self.limits, draft, self.at, offer=lambda _: None)
        [approved] = draft.intents
        self.book.take(approved.order, Send(), "sent", draft)
        return approved.order

    def _sell(self, order: Order, price: Decimal) -> None:
        self._report(order, OrderStatus.FILLED, order.quantity, price)

    def _report(self, order: Order, status: OrderStatus, quantity: Decimal, price: Decimal) -> None:
        """The venue fills, and both books take it in; the time goes on a little."""
        self.at += timedelta(seconds=1)
        self._n += 1
        buying, gross = order.side is Side.BUY, quantity * price
        fee = COSTS.fee_ratio * (quantity if buying else gross)
        fill = Fill(
            fill_id=str(self._n), client_id=order.client_id, account_id="w", sleeve_id=order.sleeve_id,
            symbol=order.symbol, side=order.side, quantity=quantity, price=price, fee=fee,
            fee_asset=order.symbol[:1] if buying else "USDT", filled_at=self.at,
        )  # fmt: skip
        draft = StepDraft(account_id="w", at=self.at)
        self.book.absorb([OrderReport(client_id=order.client_id, status=status, fills=(fill,))], draft)
        coins, hand = self.hand.coins.get(order.sleeve_id, Decimal(0)), self.hand
        hand.coins[order.sleeve_id] = coins + (quantity - fee if buying else -quantity)
        hand.cash += -gross if buying else gross - fee
        hand.lost_at.update({t.sleeve_id: t.closed_at for t in draft.trades if t.profit < 0})

    def _over(self, order: Order, status: OrderStatus) -> None:
        report = OrderReport(client_id=order.client_id, status=status)
        self.book.absorb([report], StepDraft(account_id="w", at=self.at))
        del self.hand.wanted[order.client_id]

    def _entries(self) -> list[Order]:
        return [o for o in self.book.orders.values() if o.purpose is Purpose.ENTRY]


def _history() -> dict[str, list[float]]:
    """Prices before the start: A and B nearly one bet, C its own."""
    rng = np.random.default_rng(11)
    market, own = rng.normal(0, 0.01, KNOWN), rng.normal(0, 0.01, (3, KNOWN))
    moves = (market + 0.1 * own[0], market + 0.3 * own[1], own[2])
    return {s: np.round(100 * np.exp(np.cumsum(m)), 2).tolist() for s, m in zip(SYMBOLS, moves, strict=True)}
