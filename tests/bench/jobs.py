"""The jobs that are measured: real parts on the simulated market's bars."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from engine.adapters.database.database import open_database
from engine.adapters.database.migrate import migrate
from engine.adapters.simulated import SimulatedMarket
from engine.backtest.plan import BacktestPlan, BacktestSleeve
from engine.backtest.run import backtest
from engine.domain.account import Account, AccountKind, Costs, Source
from engine.domain.decision import Decision, GateOutcome
from engine.domain.interval import Interval
from engine.domain.order import Order, OrderStatus, OrderType, Purpose, Side
from engine.domain.signal import Signal
from engine.features.catalogue import matrix
from engine.ports import Step
from engine.risk.limits import RiskLimits
from engine.strategy.strategy import RuleStrategy
from engine.training.fit import fit
from engine.training.spec import TrainingSpec
from tests.bench.learning import learning, weekly
from tests.bench.market import END, StillClock, bars
from tests.bench.side_by_side import peers, process
from tests.bench.timing import Measured, measured
from tests.bench.wire.job import orders

THREE_YEARS = timedelta(days=1095)


def features() -> Iterator[Measured]:
    """The feature matrix: all of it, and the one row that live needs."""
    series = bars(THREE_YEARS)
    yield measured(f"features: {len(series):,} bars in batch", lambda: matrix(series), calls=5)
    yield measured("features: one row, live window", lambda: matrix(series, len(series) - 1), calls=500)


def prediction() -> Iterator[Measured]:
    """Training once, then the whole way from bars to one calibrated call."""
    series = bars(timedelta(days=365))
    spec = TrainingSpec(symbol=series.symbol, interval=Interval.H1, horizon=24, real_market=False)
    trained = []
    yield measured(
        f"training: {len(series):,} bars, all members, walk-forward", lambda: trained.append(fit(series, spec)), calls=1
    )
    model, last = trained[0].model, len(series) - 1
    yield measured("prediction: one bar, features included", lambda: model.forecast(series, last), calls=500)


def loop() -> Iterator[Measured]:
    """The whole backtest of a rule: laying out, calling every bar, the compiled loop, trades and report."""
    market = SimulatedMarket(StillClock())
    listed = market.instruments()
    for n in (1, len(listed)):
        series = [market.bars(one.symbol, Interval.H1, END - THREE_YEARS, END) for one in listed[:n]]
        plan = BacktestPlan(
            sleeves=[
                BacktestSleeve(sleeve_id=one.symbol, instrument=one, series=bars)
                for one, bars in zip(listed, series, strict=False)
            ],
            strategy=RuleStrategy.of("sma_cross:fast=20,slow=50"), cash=Decimal(10_000), costs=Costs(),
            limits=RiskLimits.from_mapping({"stop_loss": "0.02", "take_profit": "0.04"}),
        )  # fmt: skip
        trades = len(backtest(plan).trades)
        name = f"backtest: sma_cross, {len(series[0]):,} bars x {n}, {trades:,} trades"
        yield measured(name, lambda plan=plan: backtest(plan), calls=10)  # type: ignore[misc]


def ledger() -> Iterator[Measured]:
    """One step of the cycle committed to SQLite: lease, decision, intent."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'aaiti.db'}"
        yield measured("database: migrate (first: make it)", lambda: migrate(url), calls=5)
        database = open_database(url, now=lambda: END)
        database.ledger.open_account(_account())
        lease = database.ledger.take_lease("paper-1", "bench", END, 3600)
        assert lease is not None
        numbers = itertools.count()
        yield measured(
            "ledger: commit one decision and its intent",
            lambda: database.ledger.commit(_step(next(numbers)), lease),
            calls=500,
        )
        database.close()


def _account() -> Account:
    return Account(
        account_id="paper-1", name="Bench", kind=AccountKind.PAPER, source=Source.SIMULATED, quote="USDT",
        cash=Decimal(10_000), costs=Costs(), created_at=END,
    )  # fmt: skip


def _step(number: int) -> Step:
    closed = END + number * Interval.H1.duration
    order = Order(
        client_id=f"aa{number:025d}", account_id="paper-1", sleeve_id="s1", symbol="BTCUSDT", side=Side.BUY,
        type=OrderType.MARKET, purpose=Purpose.ENTRY, quantity=Decimal("0.01500"), price=None, stop_price=None,
        list_id=None, bar_close_at=closed, intent_at=closed, status=OrderStatus.INTENT,
    )  # fmt: skip
    decision = Decision(
        account_id="paper-1", sleeve_id="s1", symbol="BTCUSDT", bar_close_at=closed, action=Signal.BUY,
        quantity=order.quantity, reference_price=Decimal("60000"), held_by=None,
        gates=tuple(GateOutcome(name=name, passed=True, detail="as it should be") for name in "abcdefgh"),
    )  # fmt: skip
    return Step(
        account_id="paper-1", at=closed, intents=[order], decisions=[decision], cursors={"s1": closed}
    )


JOBS = (features, loop, ledger, prediction, orders, learning, weekly, peers, process)
