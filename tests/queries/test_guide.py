"""The newcomer's path, step by step."""

from __future__ import annotations

from datetime import timedelta

from engine.domain.account import Account, AccountKind, Costs, Source
from engine.domain.halt import Halt, HaltKind
from engine.domain.interval import Interval
from engine.domain.job import JobKind, JobState
from engine.domain.sleeve import Sleeve, SleeveState
from engine.queries.guide import STEPS, Stage, read_guide
from tests.pages.full import ACCOUNT, D, write_bars
from tests.pages.jobs import job
from tests.pages.scene import Scene
from tests.pages.trained import add_model


def open_account(scene: Scene) -> None:
    now = scene.clock.at
    scene.ledger.open_account(
        Account(account_id=ACCOUNT, name="Paper", kind=AccountKind.PAPER, source=Source.SIMULATED, quote="USDT",
                cash=D(10_000), costs=Costs(), created_at=now)
    )  # fmt: skip
    scene.beat(account_id=ACCOUNT)


def test_every_step_in_its_order(empty: Scene) -> None:
    now = empty.clock.at
    assert read_guide(empty).stage is Stage.START_ENGINE
    empty.beat(source_problem="offline")
    guide = read_guide(empty)
    assert (guide.stage, guide.source_problem, guide.steps_done) == (Stage.CHOOSE_MARKET, "offline", 0)
    open_account(empty)
    write_bars(empty, "BTCUSDT", Interval.H1.floor(now), 7)
    assert read_guide(empty).stage is Stage.TRAIN
    empty.board.add_job(job(JobKind.TRAIN, JobState.RUNNING, now))
    assert read_guide(empty).stage is Stage.WAIT_FOR_TRAINING
    empty.board.update_job("train-running", now, state=JobState.DONE)
    add_model(empty, Interval.H1.floor(now))
    guide = read_guide(empty)
    assert guide.stage is Stage.TRADE_WITH_MODEL
    assert guide.version is not None
    assert guide.version.version_id == "m1.1"
    empty.ledger.put_sleeve(
        Sleeve(sleeve_id="s", account_id=ACCOUNT, strategy="model:m1.1", symbol="BTCUSDT", interval=Interval.H1,
               state=SleeveState.ACTIVE, created_at=now)
    )  # fmt: skip
    assert read_guide(empty).stage is Stage.SWITCH_ON
    empty.board.put_setting("trading_on", True)
    guide = read_guide(empty)
    assert (guide.stage, guide.steps_done) == (Stage.WAIT_FOR_TRADE, len(STEPS))


def test_once_it_trades_the_card_is_gone(full: Scene) -> None:
    assert read_guide(full).stage is Stage.RUNNING


def test_a_halt_comes_first(full: Scene) -> None:
    full.ledger.raise_halt(
        Halt(account_id=ACCOUNT, kind=HaltKind.HALT, cause="operator", detail="button", raised_at=full.clock.at)
    )
    assert read_guide(full).stage is Stage.HALTED


def test_a_dead_engine_comes_before_everything(full: Scene) -> None:
    full.clock.at += timedelta(minutes=1)
    assert read_guide(full).stage is Stage.START_ENGINE


def test_real_prices_that_do_not_come_lead_to_the_ways_out(empty: Scene) -> None:
    empty.ledger.open_account(
        Account(account_id=ACCOUNT, name="Paper", kind=AccountKind.PAPER, source=Source.BINANCE, quote="USDT",
                cash=D(10_000), costs=Costs(), created_at=empty.clock.at)
    )  # fmt: skip
    empty.beat(account_id=ACCOUNT, source_problem="a.com, time: offline? | b.com, time: offline?")
    guide = read_guide(empty)
    assert (guide.stage, guide.source_problem) == (Stage.NO_PRICES, "a.com and b.com: offline?")
    empty.beat(account_id=ACCOUNT, source_problem=None)
    assert read_guide(empty).stage is Stage.TRAIN
