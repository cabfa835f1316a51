"""The live cycle in plain Python, over the paper venue, the portfolio and decide(): what the compiled loop must equal.

settle the bar -> mark -> halts -> decide -> quotes of the next opens -> exits, entries -> protection, as in
`engine.autotrader.cycle`, with lists in place of a ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from engine.adapters.paper.venue import PaperVenue
from engine.backtest.plan import BacktestPlan, BacktestSleeve
from engine.domain.account import Account, AccountKind, Source
from engine.domain.bar import BarSeries
from engine.domain.decision import Decision
from engine.domain.equity import EquityMark
from engine.domain.fill import Fill
from engine.domain.interval import from_ms
from engine.domain.money import to_atoms, to_ppm
from engine.domain.order import ExitReason, Order, OrderStatus, OrderType, Purpose, Side, client_order_id, hashed_id
from engine.domain.quote import Quote
from engine.domain.signal import Signal
from engine.domain.trade import Trade
from engine.execution.matching import protect, to_ticks
from engine.kernel.grid import grid_of, worth
from engine.portfolio.equity import breached, mark
from engine.portfolio.portfolio import apply, opened
from engine.ports import OrderReport
from engine.risk.approve import approve_entry, approve_exit
from engine.strategy.calls import Calls
from engine.strategy.decide import AccountView, SleeveView, decide, reserving

_EXITS = {Purpose.STOP: ExitReason.STOP, Purpose.TARGET: ExitReason.TARGET}


@dataclass
class Stepped:
    """What the run left behind."""

    trades: list[Trade] = field(default_factory=list)
    equity: list[Decimal] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    orders: dict[str, Order] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    refused: int = 0
    halts: set[str] = field(default_factory=set)


class Stepper:
    """Walks a plan from close to close."""

    def __init__(self, plan: BacktestPlan) -> None:
        self.plan = plan
        account = Account(
            account_id=plan.account_id, name="replay", kind=AccountKind.REPLAY, source=Source.ARCHIVE, quote="USDT",
            cash=plan.cash, costs=plan.costs, created_at=datetime(2025, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        self.instruments = {s.instrument.symbol: s.instrument for s in plan.sleeves}
        self.venue = PaperVenue(account, self.instruments, plan.costs)
        self.portfolio = opened(account)
        self.open: dict[str, Order] = {}
        self.close_ticks: dict[str, int] = {}
        self.mark: EquityMark | None = None
        self.out = Stepped()
        self.seen: set[str] = set()
        self.wait_ms = (plan.latency_bars - 1) * plan.interval.ms
        self.coming: list[tuple[int, Decision]] = []
        """What is decided and not yet at the market, by when it will be."""
        self.traded = {s.sleeve_id: s.series.between(plan.start, plan.end) for s in plan.sleeves}
        self.calls: Mapping[str, Calls] = {
            s.sleeve_id: plan.strategy.calls(self.traded[s.sleeve_id]) for s in plan.sleeves
        }

    def run(self) -> Stepped:
        """Every moment at which a bar opens or closes."""
        step = self.plan.interval.ms
        opens = sorted({ms for series in self.traded.values() for ms in series.open_ms})
        moments = sorted({ms + more for ms in opens for more in (0, step, step + self.wait_ms)})
        for ms in moments:
            closing = [s for s in self.plan.sleeves if self._row(s, ms - step) is not None]
            decisions = self._close(closing, ms) if closing else []
            self.coming += [(ms + self.wait_ms, d) for d in decisions if d.action is not Signal.HOLD]
            self._open([replace(d, bar_close_at=from_ms(due)) for due, d in self.coming if due == ms], ms)
            self.coming = [(due, d) for due, d in self.coming if due > ms]
        return self.out

    def _row(self, sleeve: BacktestSleeve, open_ms: int) -> int | None:
        series = self.traded[sleeve.sleeve_id]
        i = series.position(open_ms)
        return i if i < len(series) and series.open_ms[i] == open_ms else None

    def _window(self, sleeve: BacktestSleeve, ms: int) -> BarSeries:
        """A few of the bars closed by then, as live has a window and not all of them."""
        known = sleeve.series.closed_by(from_ms(ms))
        return known.rows(max(0, len(known) - 30), len(known))

    def _close(self, closing: list[BacktestSleeve], ms: int) -> list[Decision]:
        for s in closing:
            bar = self.traded[s.sleeve_id].bar(self._row(s, ms - self.plan.interval.ms) or 0)
            finer = None if s.finer is None else s.finer.between(bar.open_at, from_ms(ms))
            self.venue.bar(s.instrument.symbol, bar, self.plan.interval, finer, window=self._window(s, ms))
            self.close_ticks[s.instrument.symbol] = to_ticks(bar.close, s.instrument)
        self._absorb(self.venue.poll())
        held = {s.sleeve_id for s in self.plan.sleeves if self._held(s)}
        self.coming = [(due, d) for due, d in self.coming if d.action is Signal.BUY or d.sleeve_id in held]
        at = from_ms(ms)
        self.mark = mark(self.portfolio, self.close_ticks, self.instruments, at, self.mark)
        self.out.equity.append(self.mark.equity)
        self.out.halts |= {cause for cause, _ in breached(self.mark, self.plan.limits)}
        views = [self._view(s, ms) for s in closing]
        plan = self.plan
        decisions = decide(self._account(self.mark), views, plan.limits, plan.costs, stake=plan.stake, at=at)
        self.out.decisions += decisions
        return decisions

    def _account(self, mark: EquityMark) -> AccountView:
        held = {s.instrument.symbol: self._worth(s) for s in self.plan.sleeves if self._held(s)}
        view = AccountView(
            account_id=self.plan.account_id,
            cash_atoms=self.portfolio.cash,
            equity_atoms=int(mark.equity * 10**8),
            exposure_atoms=int(mark.exposure * 10**8),
            open_positions=sum(1 for s in self.plan.sleeves if self._held(s)),
            halted_by=min(self.out.halts, default=None),
            held=held, peak_atoms=to_atoms(mark.peak), day_start_atoms=to_atoms(mark.day_start),
            recent_entries=sum(
                o.purpose is Purpose.ENTRY and mark.at - o.bar_close_at < timedelta(minutes=1)
                for o in self.out.orders.values()
            ),
        )  # fmt: skip
        waiting = [
            (self.instruments[o.symbol], o.quantity, self.close_ticks[o.symbol])
            for o in self.open.values()
            if o.purpose is Purpose.ENTRY
        ]
        for _, d in self.coming:
            if d.action is Signal.BUY and d.quantity is not None:
                waiting.append((self.instruments[d.symbol], d.quantity, self.close_ticks[d.symbol]))
        return reserving(view, waiting, self.plan.costs)

    def _view(self, sleeve: BacktestSleeve, ms: int) -> SleeveView:
        held = self._held(sleeve)
        holding = self.portfolio.holdings.get(sleeve.sleeve_id)
        opened_at = holding.opened_at if holding and held else None
        lost_at = holding.lost_at if holding else None
        return SleeveView(
            sleeve_id=sleeve.sleeve_id, instrument=sleeve.instrument,
            close_ticks=self.close_ticks[sleeve.instrument.symbol],
            call=self.calls[sleeve.sleeve_id].at(self._row(sleeve, ms - self.plan.interval.ms) or 0), prediction=None,
            held_lots=held, bars_held=(from_ms(ms) - opened_at) // self.plan.interval.duration if opened_at else 0,
            horizon=self.plan.strategy.horizon, fresh=True,
            waiting=any(d.sleeve_id == sleeve.sleeve_id for _, d in self.coming),
            bars_since_loss=(from_ms(ms) - lost_at) // self.plan.interval.duration if lost_at else -1,
            windows={s.instrument.symbol: s.series.closed_by(from_ms(ms)) for s in self.plan.sleeves},
        )  # fmt: skip

    def _held(self, sleeve: BacktestSleeve) -> int:
        holding = self.portfolio.holdings.get(sleeve.sleeve_id)
        return holding.atoms // sleeve.instrument.lot_atoms if holding else 0

    def _worth(self, sleeve: BacktestSleeve) -> int:
        holding, ticks = self.portfolio.holdings[sleeve.sleeve_id], self.close_ticks[sleeve.instrument.symbol]
        return worth(holding.atoms, ticks, grid_of(sleeve.instrument))

    def _open(self, decisions: list[Decision], ms: int) -> None:
        for s in self.plan.sleeves:
            i = self._row(s, ms)
            if i is not None:
                ticks = to_ticks(self.traded[s.sleeve_id].open[i], s.instrument)
                price = s.instrument.price(ticks)
                quote = Quote(symbol=s.instrument.symbol, bid=price, ask=price, as_of=from_ms(ms))
                self.venue.quote(quote, self._window(s, ms))
        self._absorb(self.venue.poll())
        self._protect()
        sleeves = {s.sleeve_id: s for s in self.plan.sleeves}
        for d in (d for d in decisions if d.action is Signal.SELL):
            guards = [o for o in self.open.values() if o.sleeve_id == d.sleeve_id]
            self._absorb(self.venue.cancel(guards))
            order = self._order(sleeves[d.sleeve_id], Side.SELL, Purpose.EXIT, d.quantity, d.bar_close_at)
            self._send([approve_exit(replace(order, exit_reason=d.exit_reason)).order])
        for d in (d for d in decisions if d.action is Signal.BUY):
            order = self._order(sleeves[d.sleeve_id], Side.BUY, Purpose.ENTRY, d.quantity, d.bar_close_at)
            self._send([approve_entry(order, d).order])
        self._protect()

    def _protect(self) -> None:
        for s in self.plan.sleeves:
            if not self._held(s) or any(o.sleeve_id == s.sleeve_id for o in self.open.values()):
                continue
            holding, limits = self.portfolio.holdings[s.sleeve_id], self.plan.limits
            entry_ticks = holding.entry_ticks(s.instrument)
            stop, target = protect(entry_ticks, to_ppm(limits.stop_loss), to_ppm(limits.take_profit))
            quantity, at = s.instrument.quantity(self._held(s)), holding.opened_at
            list_id = hashed_id("al", f"{s.sleeve_id}{at}{len(self.out.orders)}")
            guards = [self._order(s, Side.SELL, p, quantity, at) for p in (Purpose.STOP, Purpose.TARGET)]
            self._send([
                replace(guards[0], list_id=list_id, type=OrderType.STOP, stop_price=s.instrument.price(stop)),
                replace(guards[1], list_id=list_id, type=OrderType.LIMIT, price=s.instrument.price(target)),
            ])  # fmt: skip

    def _order(
        self, sleeve: BacktestSleeve, side: Side, purpose: Purpose, quantity: Decimal | None, at: datetime
    ) -> Order:  # fmt: skip
        assert quantity is not None
        symbol, account_id, generation = sleeve.instrument.symbol, self.plan.account_id, len(self.out.orders)
        return Order(
            client_id=client_order_id(
                account_id=account_id, sleeve_id=sleeve.sleeve_id, symbol=symbol, bar_close_at=at, purpose=purpose,
                generation=generation,
            ),
            account_id=account_id, sleeve_id=sleeve.sleeve_id, symbol=symbol, side=side, type=OrderType.MARKET,
            purpose=purpose, quantity=quantity, price=None, stop_price=None, list_id=None, bar_close_at=at,
            intent_at=at, status=OrderStatus.INTENT, exit_reason=_EXITS.get(purpose),
        )  # fmt: skip

    def _send(self, orders: list[Order]) -> None:
        for order in orders:
            self.open[order.client_id] = self.out.orders[order.client_id] = order
        self._absorb(self.venue.place(orders))

    def _absorb(self, reports: Sequence[OrderReport]) -> None:
        for report in reports:
            order = self.out.orders[report.client_id]
            for fill in report.fills:
                if fill.fill_id not in self.seen:
                    self.seen.add(fill.fill_id)
                    self.out.fills.append(fill)
                    instrument = self.instruments[fill.symbol]
                    self.portfolio, trade = apply(self.portfolio, fill, instrument, order.exit_reason)
                    if trade is not None:
                        self.out.trades.append(trade)
            if report.status.terminal:
                self.open.pop(report.client_id, None)
            self.out.refused += report.status is OrderStatus.REJECTED
