"""`trade` without a replay: an engine of its own until SIGTERM; never beside another one."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine import settings
from engine.autotrader import lease as leases
from engine.autotrader.lease import LeaseHolder
from engine.bootstrap import ENGINE_LEASE, Stores, open_stores
from engine.cli import running
from engine.cli.planned import COMPILES
from engine.domain.account import AccountKind
from engine.domain.errors import LeaseLost
from engine.strategy.warm import warm_up
from tests.cli.shell import Said, Shell, process
from tests.contracts.wall import PAPER, a_step, an_account, an_order
from tests.sqlite_file import migrated_file

TRADE = (
    "trade", "--rule", "random_entry:probability=0.5,hold=2", "--instrument", "ALFAUSDT,BRAVUSDT", "--interval", "1h",
    "--source", "SIMULATED", "--stake", "500", "--stop-loss", "0.01", "--take-profit", "0.01", "--json",
)  # fmt: skip


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Stores]:
    """A home where nobody traded yet."""
    migrated_file(tmp_path)
    opened = open_stores(settings.load({"AAITI_HOME": str(tmp_path)}))
    yield opened
    opened.database.close()


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """Compiled before, for the engine's own process too: a compiler that is at work is not stopped within seconds."""
    warm_up()


def soon(what: Callable[[], object], running: subprocess.Popen[str], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_it_trades_until_sigterm_and_then_tells(alone: Stores) -> None:
    alone.board.put_setting("simulation_speed", "100000")
    home = alone.settings.home
    with process(home, *TRADE) as engine:
        soon(lambda: isinstance(alone.board.setting("account_id"), str), engine)
        account_id = str(alone.board.setting("account_id"))
        soon(lambda: len(alone.ledger.decisions(account_id)) >= 4, engine)
        stopped = time.monotonic()
        engine.send_signal(signal.SIGTERM)
        out, err = engine.communicate(timeout=30)
        assert time.monotonic() - stopped < 5
    assert engine.returncode == 0, err
    told = Said(0, out, err).json
    keys = "bars decisions orders fills trades final_equity ledger_sha256 trades_sha256 held_by"
    assert set(keys.split()) <= set(told)
    assert told["account_id"] == account_id
    assert told["decisions"] >= 4
    assert told["fills"] >= 1
    assert len(alone.ledger.accounts()) == 1
    assert alone.ledger.take_lease(ENGINE_LEASE, "next", alone.clock.now(), 10) is not None


def test_beside_an_engine_that_lives_nothing_is_changed(
    alone: Stores, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AAITI_HOME", str(alone.settings.home))
    monkeypatch.setattr(leases, "SECONDS", 60.0)
    monkeypatch.setattr(running, "LEFT_BEHIND", 0.3)
    console = LeaseHolder(alone.ledger, ENGINE_LEASE, "the console's", alone.clock.now)
    assert console.take()
    said = Shell(capsys).run(*TRADE)
    assert (said.code, "another engine trades here" in said.err) == (1, True)
    assert alone.ledger.accounts() == []
    assert alone.board.setting("trading_on") is None


def test_an_account_that_waits_to_buy_at_its_exchange_is_not_left(
    alone: Stores, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AAITI_HOME", str(alone.settings.home))
    alone.ledger.open_account(an_account(kind=AccountKind.TESTNET))
    alone.board.put_setting("account_id", PAPER)
    lease = alone.ledger.take_lease("of the day before", "somebody", alone.clock.now(), 60.0)
    assert lease is not None
    alone.ledger.commit(a_step(intents=[an_order()]), lease)
    said = Shell(capsys).run(*TRADE)
    assert (said.code, "has orders on their way (BTCUSDT)" in said.err) == (2, True)
    assert [a.account_id for a in alone.ledger.accounts()] == [PAPER]


def test_without_an_account_or_a_strategy_there_is_nothing_to_run(
    alone: Stores, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AAITI_HOME", str(alone.settings.home))
    said = Shell(capsys).run("trade")
    assert (said.code, "no account is in use" in said.err) == (2, True)


def test_an_instrument_that_is_not_on_offer_is_named_beside_those_that_are(
    alone: Stores, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AAITI_HOME", str(alone.settings.home))
    where = ("--source", "SIMULATED", "--instrument", "NOSUCH", "--interval", "1h")
    said = Shell(capsys).run("trade", *where, "--rule", "buy_hold")
    assert said.code == 2
    assert "--instrument NOSUCH is not on offer on SIMULATED; choose of ALFAUSDT, " in said.err
    assert alone.ledger.accounts() == []


def test_the_first_engine_after_an_install_says_that_it_compiles(
    alone: Stores, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_engine(*_: object) -> None:
        raise LeaseLost("enough was said")

    monkeypatch.setenv("AAITI_HOME", str(alone.settings.home))
    monkeypatch.setattr(running, "make_engine", no_engine)
    assert COMPILES not in Shell(capsys).run(*TRADE).err
    monkeypatch.setattr(running, "is_warm", lambda: False)
    assert COMPILES in Shell(capsys).run(*TRADE).err
