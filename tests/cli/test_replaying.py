"""Replay equals backtest, equals itself, and equals itself after any death (what shows that it is done, 2 and 3)."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from engine import settings
from engine.adapters.archive import import_paths
from engine.bootstrap import Stores, open_stores
from engine.cli.backtesting import run_backtest
from engine.cli.replaying import run_replay
from engine.commands.run_options import RunOptions
from engine.domain.errors import ConfigurationError, LedgerError, MissingBars
from engine.domain.interval import Interval
from engine.domain.signal import Signal
from tests.builders import utc
from tests.cli.conftest import TRAIN
from tests.cli.replays import THREE, a_run, replayed, usual_ranges
from tests.cli.shell import Said, process, subprocess_json
from tests.sqlite_file import migrated_file

SIX = (*THREE, "DELTUSDT", "ECHOUSDT", "FOXTUSDT")
RULES = {
    "buy_hold": ("2020-07-06", 0.5),
    "sma_cross:fast=2,slow=4": ("2020-07-29", 1.0),
    "rsi_reversion:period=3,low=40,high=60": ("2020-07-13", 0.7),
    "random_entry:probability=0.4,hold=2": ("2020-07-15", 1.0),
}
"""Until when, and how many usual hourly ranges away stop and target lie: enough trades for each reason to leave."""
OPEN = {
    "min_confidence": "0", "min_edge_multiple": "-1000000", "max_daily_loss": "1", "max_drawdown": "1",
}  # fmt: skip


def of_the_model(trained: dict[str, object], end: str, start: str = "2020-04-10", barrier: str = "0.005") -> RunOptions:
    """The small model with its gates opened."""
    return replace(a_run(f"model:{trained['version_id']}", end, barrier, start=start), limits=OPEN)


@pytest.mark.parametrize("rule", list(RULES))
def test_a_replay_of_a_rule_gives_the_backtests_trades_exactly(stores: Stores, rule: str) -> None:
    end, barrier = RULES[rule]
    run = a_run(f"rule:{rule}", end, usual_ranges(stores, barrier))
    live, compiled = replayed(stores, run), run_backtest(stores, run, lambda *_: False)
    assert live["trades_sha256"] == compiled["trades_sha256"]
    for name in ("trades", "final_equity", "decisions", "bars", "held_by"):
        assert live[name] == compiled[name], name
    assert isinstance(live["trades"], int)
    assert live["trades"] >= 200
    exits = live["exits"]
    assert isinstance(exits, dict)
    if rule.startswith("random_entry"):
        assert min(exits[reason] for reason in ("signal", "stop", "target")) >= 10


def test_a_replay_of_a_model_gives_the_backtests_trades_exactly(stores: Stores, trained: dict[str, object]) -> None:
    run = replace(of_the_model(trained, "2020-04-25", barrier=usual_ranges(stores, 0.9)), symbols=SIX)
    live, compiled = replayed(stores, run), run_backtest(stores, run, lambda *_: False)
    assert live["trades_sha256"] == compiled["trades_sha256"]
    assert live["held_by"] == compiled["held_by"]
    assert isinstance(live["trades"], int)
    assert live["trades"] >= 200
    exits = live["exits"]
    assert isinstance(exits, dict)
    assert min(exits[reason] for reason in ("signal", "stop", "target")) >= 10, exits


def test_a_replay_of_a_model_of_trades_gives_the_backtests_trades_exactly(tmp_path: Path) -> None:
    """What it asks is whether a buy pays: the vote calls, the second model says when to believe it."""
    migrated_file(tmp_path)
    of_trades = subprocess_json(tmp_path, *TRAIN[:-1], "of trades", "--target", "barrier")
    own = open_stores(settings.load({"AAITI_HOME": str(tmp_path)}))
    run = replace(of_the_model(of_trades, "2020-04-25", barrier=usual_ranges(own, 0.9)), symbols=SIX)
    live, compiled = replayed(own, run), run_backtest(own, run, lambda *_: False)
    for name in ("trades_sha256", "trades", "final_equity", "decisions", "held_by"):
        assert live[name] == compiled[name], name
    exits = live["exits"]
    assert isinstance(exits, dict)
    assert min(exits[reason] for reason in ("stop", "target")) >= 10, exits
    own.database.close()


def test_a_replay_whose_account_holds_back_gives_the_backtests_trades_exactly(stores: Stores) -> None:
    """Correlation, cooldown, pace and a drawdown that shrinks sizes all bind, over instruments that move together."""
    tight = {
        "max_correlation": "0.6", "cooldown_bars": 2, "max_orders_per_minute": 1, "max_drawdown": "0.05",
        "max_daily_loss": "1", "shrink_from": "0.1", "max_position_ratio": "0.15",
    }  # fmt: skip
    run = replace(
        a_run("rule:random_entry:probability=0.4,hold=2", "2020-07-15", usual_ranges(stores, 1.0)), symbols=SIX,
        stake=None, limits=tight,
    )  # fmt: skip
    live, compiled = replayed(stores, run), run_backtest(stores, run, lambda *_: False)
    for name in ("trades_sha256", "trades", "final_equity", "decisions", "held_by"):
        assert live[name] == compiled[name], name
    held = live["held_by"]
    assert isinstance(held, dict)
    assert all(held[gate] >= 10 for gate in ("correlation", "cooldown", "pace")), held
    decided = stores.ledger.decisions(str(live["account_id"]))
    sizes = [g.detail for d in decided if d.action is Signal.BUY for g in d.gates if g.name == "size"]
    assert sum("shrunk" in words for words in sizes) >= 10


def test_the_same_replay_twice_gives_the_same_ledger(stores: Stores, short: dict[str, object]) -> None:
    again = replayed(stores, a_run())
    assert again["ledger_sha256"] == short["ledger_sha256"]
    assert again["account_id"] != short["account_id"]


def test_another_cost_gives_another_ledger(stores: Stores, short: dict[str, object]) -> None:
    dear = replayed(stores, replace(a_run(), fee_bps=Decimal(11)))
    assert dear["ledger_sha256"] != short["ledger_sha256"]
    assert dear["trades_sha256"] != short["trades_sha256"]


@pytest.mark.parametrize("at", [1, 2, 17, 40, 63])
def test_a_replay_that_fails_at_any_write_goes_on_to_the_same_ledger(
    stores: Stores, short: dict[str, object], at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, left = type(stores.ledger).commit, at

    def failing(self: object, *args: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise LedgerError("the disk is full")
        real(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(type(stores.ledger), "commit", failing)
    with pytest.raises(LedgerError, match="disk is full"):
        replayed(stores, a_run())
    resumed = replayed(stores, a_run())
    assert resumed["ledger_sha256"] == short["ledger_sha256"]
    assert resumed["trades_sha256"] == short["trades_sha256"]


def test_a_replay_that_was_asked_to_stop_goes_on_from_there(stores: Stores, short: dict[str, object]) -> None:
    halfway = replayed(stores, a_run(), lambda share, _: share >= 0.5)
    assert (halfway["finished"], halfway["ok"]) == (False, False)
    rest = replayed(stores, a_run())
    assert rest["account_id"] == halfway["account_id"]
    assert rest["ledger_sha256"] == short["ledger_sha256"]
    assert rest["finished"]


def test_a_replay_at_real_speed_stops_when_it_is_asked_to_not_at_the_next_bar(stores: Stores) -> None:
    asked: list[float] = []

    def twice(share: float, _: str) -> bool:
        asked.append(share)
        return len(asked) == 2

    began = time.monotonic()
    told = run_replay(stores, a_run(), speed=1.0, fresh=True, progress=twice)
    assert (told["finished"], told["decisions"]) == (False, 0)
    assert time.monotonic() - began < 60, "the next bar is an hour away"


def test_fresh_begins_anew(stores: Stores) -> None:
    halfway = replayed(stores, a_run(), lambda share, _: share >= 0.5)
    assert replayed(stores, a_run(), fresh=True)["account_id"] != halfway["account_id"]


def test_a_model_is_not_shown_what_it_was_trained_on(stores: Stores, trained: dict[str, object]) -> None:
    run = of_the_model(trained, "2020-04-11", start="2020-04-09 12:00")
    with pytest.raises(ConfigurationError, match="IN SAMPLE"):
        replayed(stores, run)
    with pytest.raises(ConfigurationError, match="IN SAMPLE"):
        run_backtest(stores, run, lambda *_: False)
    allowed = replace(run, in_sample=True)
    assert replayed(stores, allowed)["in_sample"] is True
    assert run_backtest(stores, allowed, lambda *_: False)["in_sample"] is True


def test_bars_that_are_not_there_are_named(stores: Stores) -> None:
    with pytest.raises(MissingBars, match="NOPEUSDT"):
        replayed(stores, replace(a_run(), symbols=("NOPEUSDT",)))


def test_held_bars_say_which_gate_held_them_and_what_the_nearest_lacked(
    stores: Stores, trained: dict[str, object]
) -> None:
    run = replace(of_the_model(trained, "2020-04-11"), limits={})
    told = replayed(stores, run)
    held, nearest = told["held_by"], told["nearest"]
    assert isinstance(held, dict)
    decided = stores.ledger.decisions(str(told["account_id"]))
    assert sum(held.values()) == sum(d.action is Signal.HOLD for d in decided)
    assert isinstance(nearest, dict)
    assert nearest["lacked"]


# ---------------------------------------------------------------------- real processes, really killed

LONG = (
    "trade", "--replay", "2020-07-01..2020-07-18", "--rule", "random_entry:probability=0.4,hold=2",
    "--instrument", ",".join(THREE), "--interval", "1h", "--source", "SIMULATED", "--stop-loss", "0.008",
    "--take-profit", "0.008", "--stake", "500", "--json",
)  # fmt: skip


def after_some_bars(running: subprocess.Popen[str]) -> None:
    """Wait until it trades, and then a little, whatever that hits."""
    assert running.stderr is not None
    for line in running.stderr:
        if "%" in line:
            break
    time.sleep(random.uniform(0.05, 0.3))


def let_the_lease_run_out(stores: Stores) -> None:
    """Ten seconds later, without waiting for them."""
    with stores.database.engine.begin() as connection:
        connection.execute(text("UPDATE leases SET expires_us = 0"))


def test_a_replay_killed_at_a_random_moment_and_stopped_at_another_ends_in_the_ledger_of_an_unbroken_one(
    home: Path, stores: Stores
) -> None:
    run = a_run("rule:random_entry:probability=0.4,hold=2", "2020-07-18", "0.008")
    unbroken = replayed(stores, run)
    assert int(str(unbroken["trades"])) >= 200
    with process(home, *LONG) as killed:
        after_some_bars(killed)
        killed.send_signal(signal.SIGKILL)
    assert killed.returncode == -signal.SIGKILL
    stem = str(unbroken["account_id"]).split("-")[0] + "-"
    [account] = [a for a in stores.ledger.accounts() if a.closed_at is None and a.account_id.startswith(stem)]
    done = len(stores.ledger.decisions(account.account_id))
    assert 0 < done < int(str(unbroken["decisions"]))
    let_the_lease_run_out(stores)
    with process(home, *LONG, "--speed", "1000000") as stopped:
        after_some_bars(stopped)
        stopped.send_signal(signal.SIGTERM)
        out, err = stopped.communicate(timeout=30)
    assert stopped.returncode == 1, err  # it is not finished, so it is no success
    told = Said(1, out, err).json
    assert (told["finished"], told["account_id"]) == (False, account.account_id)
    assert done < told["decisions"] < int(str(unbroken["decisions"]))
    resumed = replayed(stores, run)
    assert resumed["account_id"] == account.account_id
    for name in ("ledger_sha256", "trades_sha256", "final_equity", "orders", "fills"):
        assert resumed[name] == unbroken[name], name


@pytest.mark.market_data
def test_on_real_bars_too_a_replay_gives_the_backtests_trades_and_itself_again(shared: Path, tmp_path: Path) -> None:
    real = open_stores(settings.load({"AAITI_HOME": str(tmp_path)}))
    files = [shared / "data" / "bars" / f"{symbol}-1h.parquet" for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT")]
    assert import_paths(files, real.bars, real.clock.now()).bars > 10_000
    run = RunOptions(
        strategy="rule:random_entry:probability=0.4,hold=3", symbols=("BTCUSDT", "ETHUSDT", "SOLUSDT"),
        interval=Interval.H1, source="ARCHIVE", start=utc("2025-04-01"), end=utc("2025-04-15"),
        stop_loss=Decimal("0.006"), take_profit=Decimal("0.006"), stake=Decimal(500),
    )  # fmt: skip
    live, compiled = replayed(real, run), run_backtest(real, run, lambda *_: False)
    again = replayed(real, run)
    real.database.close()
    assert live["trades_sha256"] == compiled["trades_sha256"]
    assert live["ledger_sha256"] == again["ledger_sha256"]
    exits = live["exits"]
    assert isinstance(exits, dict)
    assert sum(exits.values()) >= 200
    assert min(exits[reason] for reason in ("signal", "stop", "target")) >= 10, exits
