"""Fill a scene with a small life: a model, its trades, a position, a halt that was cleared, jobs and messages."""

from __future__ import annotations

import atexit
import math
import random
import shutil
import tempfile
from array import array
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from engine.adapters.database.board import SqlBoard
from engine.domain.account import Account, AccountKind, Costs, Source
from engine.domain.bar import BarSeries
from engine.domain.command import Command, CommandKind, CommandState
from engine.domain.decision import MISSED, Decision, GateOutcome
from engine.domain.equity import EquityMark
from engine.domain.fill import Fill
from engine.domain.halt import Halt, HaltKind
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, to_ms
from engine.domain.job import JobKind, JobState
from engine.domain.order import ExitReason, Order, OrderStatus, OrderType, Purpose, Side
from engine.domain.position import Position
from engine.domain.signal import Signal
from engine.domain.sleeve import Sleeve, SleeveState
from engine.domain.trade import Trade
from engine.ports import Lease, OrderUpdate, Step
from engine.queries.manual_gates import told
from engine.risk.manual import ManualView
from tests.pages.jobs import backtest_request, backtest_result, job
from tests.pages.scene import Scene, empty_scene, open_scene
from tests.pages.trained import add_model, predict

ACCOUNT = "paper-1"
SLEEVE = "sleeve-1"
N_BARS = 600
HOUR = timedelta(hours=1)
CENT = Decimal("0.01")
D = Decimal

VIEW = ManualView(
    cash=D(9562), equity=D(10_762), exposure=D(1200), price=D(75_000), held=D(0), min_notional=D(5), halted_by=None,
    quote="USDT", open_positions=1, peak=D(10_800), day_start=D(10_740),
)  # fmt: skip
"""How the account stands, as the engine tells it for the ticket."""


def full_scene(folder: Path) -> Scene:
    """A scene with everything, copied from one that is filled once per run."""
    shutil.copytree(_filled(), folder)
    return open_scene(folder)


@cache
def _filled() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="aaiti-scene-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    scene = empty_scene(folder)
    _furnish(scene)
    scene.close()
    return folder


def _furnish(scene: Scene) -> None:
    """Everything at once; times end at the scene's clock."""
    now = scene.clock.at
    end = Interval.H1.floor(now)
    account = Account(
        account_id=ACCOUNT, name="Paper", kind=AccountKind.PAPER, source=Source.SIMULATED, quote="USDT", cash=D(10_000),
        costs=Costs(), created_at=end - 500 * HOUR,
    )  # fmt: skip
    scene.ledger.open_account(account)
    scene.board.put_setting("account_id", ACCOUNT)
    scene.board.put_setting("trading_on", True)
    series = {symbol: write_bars(scene, symbol, end, seed) for symbol, seed in (("BTCUSDT", 7), ("ETHUSDT", 11))}
    add_model(scene, end)
    _trade(scene, series["BTCUSDT"], end)
    _board(scene, now, end)
    scene.beat(account_id=ACCOUNT, trading_on=True, manual=told(VIEW, "BTCUSDT"))


def write_bars(scene: Scene, symbol: str, end: datetime, seed: int) -> BarSeries:
    """A seeded walk with a hole of three bars."""
    dice = random.Random(seed)
    price, rows = 60_000.0 if symbol.startswith("BTC") else 3_000.0, []
    for i in range(N_BARS):
        close = round(price * math.exp(dice.gauss(0.0002, 0.006)), 2)
        high = round(max(price, close) * (1 + abs(dice.gauss(0, 0.002))), 2)
        low = round(min(price, close) * (1 - abs(dice.gauss(0, 0.002))), 2)
        if not 100 <= i < 103:
            rows.append((to_ms(end - (N_BARS - i) * HOUR), price, high, low, close, round(dice.uniform(5, 50), 5)))
        price = close
    columns = list(zip(*rows, strict=True))
    series = BarSeries(
        symbol=symbol, interval=Interval.H1, open_ms=array("q", columns[0]), open=array("d", columns[1]),
        high=array("d", columns[2]), low=array("d", columns[3]), close=array("d", columns[4]),
        volume=array("d", columns[5]),
    )  # fmt: skip
    scene.bars.write("SIMULATED", series)
    rule = Instrument(
        symbol=symbol, base=symbol[:3], quote="USDT", tick_size=CENT, lot_step=D("0.00001"), min_notional=D(5)
    )
    scene.bars.write_rules("SIMULATED", [rule])
    return series


def _trade(scene: Scene, bars: BarSeries, end: datetime) -> None:
    ledger = scene.ledger
    ledger.put_sleeve(
        Sleeve(sleeve_id=SLEEVE, account_id=ACCOUNT, strategy="model:m1.1", symbol="BTCUSDT", interval=Interval.H1,
               state=SleeveState.ACTIVE, created_at=end - 300 * HOUR)
    )  # fmt: skip
    ledger.move_cash(ACCOUNT, D(500), end - 200 * HOUR, "deposit")
    lease = ledger.take_lease(f"trade:{ACCOUNT}", "engine-1", scene.clock.at, 3600)
    assert lease is not None
    for i in range(120):
        at = end - (119 - i) * HOUR
        ledger.commit(_step(bars, at, i), lease)
    _open_position(scene, bars, end, lease)


def _step(bars: BarSeries, at: datetime, i: int) -> Step:
    price = bars.close[bars.position(to_ms(at - HOUR))]
    call = predict(at, price, i)
    gates = (
        GateOutcome(name="confidence", passed=call.confidence > 0.7, detail=f"{call.confidence:.2f} of 0.70 needed"),
        GateOutcome(name="edge", passed=i % 7 != 0, detail="expected edge 31 bp, costs 26 bp x 1.5 = 39 bp needed"),
        GateOutcome(name="exposure", passed=True, detail="0 % of 80 %"),
    )
    missed, entered = i in (40, 41), i in (12, 33, 60, 82, 101)
    held = MISSED if missed else next((gate.name for gate in gates if not gate.passed), "holding")
    decision = Decision(
        account_id=ACCOUNT, sleeve_id=SLEEVE, symbol="BTCUSDT", bar_close_at=at,
        action=Signal.BUY if entered else Signal.HOLD, quantity=D("0.04") if entered else None,
        reference_price=D(repr(price)), gates=() if missed else gates, held_by=None if entered else held,
        prediction=None if missed else call,
    )  # fmt: skip
    equity = D(10_000) + D(500) + D(repr(round(60 * math.sin(i / 9) + i * 1.9, 2)))
    peak = max(equity, D(10_640))
    mark = EquityMark(
        account_id=ACCOUNT, at=at, equity=equity, cash=equity - D(1200), exposure=D(1200), peak=peak,
        day_start=equity - D("23.17"), drawdown=((peak - equity) / peak).quantize(D("0.000001")),
    )  # fmt: skip
    trades = [_closed(at, price, i)] if entered else []
    return Step(
        account_id=ACCOUNT, at=at, decisions=[decision], trades=trades, mark=mark, cursors={SLEEVE: at},
    )  # fmt: skip


def _closed(at: datetime, price: float, i: int) -> Trade:
    reason = (ExitReason.TARGET, ExitReason.STOP, ExitReason.SIGNAL, ExitReason.TIME)[i % 4]
    entry = D(repr(price))
    out = (entry * (D("0.97") if reason is ExitReason.STOP else D("1.022"))).quantize(CENT)
    fees = (entry * D("0.04") * D("0.002")).quantize(CENT)
    return Trade(
        account_id=ACCOUNT,
        sleeve_id=SLEEVE,
        symbol="BTCUSDT",
        quantity=D("0.04"),
        opened_at=at - 10 * HOUR,
        closed_at=at,
        entry_price=entry,
        exit_price=out,
        fees=fees,
        profit=(out - entry) * D("0.04") - fees,
        exit_reason=reason,
    )


def _open_position(scene: Scene, bars: BarSeries, end: datetime, lease: Lease) -> None:
    at, price = end - 6 * HOUR, D(repr(bars.close[-7]))
    stop, target = (price * D("0.97")).quantize(CENT), (price * D("1.06")).quantize(CENT)
    entry = _entry(at)
    sell = replace(entry, side=Side.SELL, list_id="oco-1", quantity=D("0.02997"))
    stop_order = replace(sell, client_id="aastop", type=OrderType.STOP, purpose=Purpose.STOP, stop_price=stop)
    limit = replace(sell, client_id="aatarget", type=OrderType.LIMIT, purpose=Purpose.TARGET, price=target)
    filled = replace(entry, status=OrderStatus.FILLED, filled_quantity=D("0.03"))
    working = [replace(order, status=OrderStatus.WORKING) for order in (stop_order, limit)]
    updates = [OrderUpdate(order=order, cause="venue", at=at) for order in (filled, *working)]
    position = Position(
        account_id=ACCOUNT, sleeve_id=SLEEVE, symbol="BTCUSDT", quantity=D("0.029973"), sellable=D("0.02997"),
        cost=D("0.03") * price, entry_price=price, opened_at=at, stop_price=stop, target_price=target,
    )  # fmt: skip
    scene.ledger.commit(Step(account_id=ACCOUNT, at=at, intents=[entry, stop_order, limit]), lease)
    scene.ledger.commit(
        Step(account_id=ACCOUNT, at=at, fills=[_fill(at, price)], updates=updates, positions=[position]), lease
    )


def _entry(at: datetime) -> Order:
    return Order(
        client_id="aaentry",
        account_id=ACCOUNT,
        sleeve_id=SLEEVE,
        symbol="BTCUSDT",
        side=Side.BUY,
        type=OrderType.MARKET,
        purpose=Purpose.ENTRY,
        quantity=D("0.03"),
        price=None,
        stop_price=None,
        list_id=None,
        bar_close_at=at,
        intent_at=at,
        status=OrderStatus.INTENT,
    )


def _fill(at: datetime, price: Decimal) -> Fill:
    return Fill(
        fill_id="f1", client_id="aaentry", account_id=ACCOUNT, sleeve_id=SLEEVE, symbol="BTCUSDT", side=Side.BUY,
        quantity=D("0.03"), price=price, fee=D("0.00003"), fee_asset="BTC", filled_at=at,
    )  # fmt: skip


def _board(scene: Scene, now: datetime, end: datetime) -> None:
    board = scene.board
    board.add_job(
        job(
            JobKind.TRAIN,
            JobState.DONE,
            end - 480 * HOUR,
            progress=1.0,
            message="trained",
            finished_at=end - 479 * HOUR,
            request={"name": "first light"},
            result={"model_id": "m1", "version": 1},
        )
    )
    for name, drift in (("rule:buy_hold", 0.8), ("rule:sma_cross:fast=20,slow=50", 1.4)):
        board.add_job(
            job(JobKind.BACKTEST, JobState.DONE, end - HOUR, job_id=name, progress=1.0, message="done", finished_at=end,
                request=backtest_request(name, end), result=backtest_result(end, drift))
        )  # fmt: skip
    board.alert(end - 5 * HOUR, "warning", "Two bars of BTCUSDT 1h were missed while the engine was down.", ACCOUNT)
    board.alert(end - 2 * HOUR, "info", "Bought 0.03 BTCUSDT; stop and target rest at the venue.", ACCOUNT)
    asked = Command(
        key="k1", kind=CommandKind.SWITCH_TRADING, payload={"on": True}, asked_by="operator", asked_at=end - 300 * HOUR,
        expires_at=end, state_version=None,
    )  # fmt: skip
    SqlBoard.ask(board, asked)
    board.answer("k1", CommandState.DONE, "Auto-trading is on.", end - 300 * HOUR)
    halt = Halt(
        account_id=ACCOUNT,
        kind=HaltKind.HALT,
        cause="drill",
        detail="drill of the halt button",
        raised_at=end - 90 * HOUR,
    )
    scene.ledger.raise_halt(halt)
    scene.ledger.clear_halts(ACCOUNT, HaltKind.HALT, "drill", now, "operator")
