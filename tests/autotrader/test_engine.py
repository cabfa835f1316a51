"""The engine's loop: it beats, answers, halts on a fault and goes on, stands by, takes over."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from engine.autotrader import engine as loop
from engine.autotrader import pauses, reopening
from engine.autotrader.cycle import Cycle
from engine.autotrader.engine import Engine
from engine.autotrader.session import Session
from engine.domain.command import Command, CommandKind, CommandState
from engine.domain.errors import LeaseLost, Overfill, VenueUnavailable
from engine.domain.halt import HaltKind
from engine.strategy.warm import warm_up
from tests.autotrader.town import ACCOUNT, Town, TownMakers, decided
from tests.contracts.wall import a_halt

K = CommandKind
pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """Compiled before: no test's patience counts the compiler."""
    warm_up()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop's seconds, a tenth as long."""
    for name in ("TICK_SECONDS", "BEAT_SECONDS", "WATCH_SECONDS", "TEND_SECONDS"):
        monkeypatch.setattr(loop, name, getattr(loop, name) / 10)
    for name in ("FIRST_SECONDS", "MOST_SECONDS", "LIVED_SECONDS"):
        monkeypatch.setattr(reopening, name, getattr(reopening, name) / 10)
    monkeypatch.setattr(pauses, "GOOD_SECONDS", pauses.GOOD_SECONDS / 10)


@contextmanager
def running(engine: Engine) -> Iterator[None]:
    thread = threading.Thread(target=engine.run)
    thread.start()
    try:
        yield
    finally:
        engine.stop()
        thread.join(timeout=30)
        assert not thread.is_alive()


def soon(what: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until it is true."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def asked(town: Town, key: str, kind: CommandKind = K.CANCEL_ALL, **payload: object) -> Callable[[], bool]:
    """Ask; true once it is answered."""
    now = town.clock.now()
    command = Command(
        key=key, kind=kind, payload=payload, asked_by="tester", asked_at=now, expires_at=now + timedelta(seconds=30),
        state_version=None,
    )  # fmt: skip
    town.board.ask(command)
    return lambda: _state(town, key) is not CommandState.PENDING


def _state(town: Town, key: str) -> CommandState:
    command = town.board.command(key)
    assert command is not None
    return command.state


def alerts(town: Town) -> list[str]:
    return [a.text for a in town.stores.reads.alerts()]


def close_bar(town: Town) -> None:
    town.clock.at = town.session.trader.next_close + timedelta(seconds=2)


def test_it_beats_answers_and_deals_with_closes(town: Town) -> None:
    with running(town.engine):
        soon(town.board.heartbeat)
        soon(asked(town, "one"))
        close_bar(town)
        soon(lambda: town.ledger.last_mark(ACCOUNT))
        beat = town.board.heartbeat()
        assert beat is not None
        assert {"trading_on", "state_version", "source_problem", "account_id", "source", "clock", "next_close"} <= set(
            beat.status
        )
    assert town.ledger.take_lease("engine", "another", town.clock.now(), 10) is not None  # given back


def test_a_fault_halts_is_told_once_and_the_loop_goes_on(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="aaiti")
    town.start_sleeve()
    town.ask(K.SWITCH_TRADING, {"on": True})
    real, failures = Cycle.run, 0

    def broken(self: Cycle, *args: object) -> object:
        nonlocal failures
        failures += 1
        if failures <= 3:
            raise ZeroDivisionError("nobody thought of this")
        return real(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Cycle, "run", broken)
    with running(town.engine):
        close_bar(town)
        soon(lambda: failures >= 3)
        soon(asked(town, "still there"))
        soon(lambda: town.ledger.last_mark(ACCOUNT))
    assert town.causes() == ["fault"]
    assert alerts(town) == ["halted: ZeroDivisionError: nobody thought of this"]
    assert decided(town) == [("HOLD", "halted")]


def test_a_full_disk_ends_neither_the_engine_nor_keeps_its_lease(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Bars that were fetched can be put away neither between two closes nor as the session ends."""
    caplog.set_level(logging.CRITICAL + 1, logger="aaiti")
    real, failures = TownMakers.session, 0

    def full() -> bool:
        nonlocal failures
        failures += 1
        raise OSError(28, "No space left on device")

    def on_a_full_disk(*args: Any, **named: Any) -> Session:
        return replace(real(*args, **named), save=full)

    town.house.leave(None)
    monkeypatch.setattr(TownMakers, "session", on_a_full_disk)
    with running(town.engine):
        soon(lambda: failures >= 4)
        soon(asked(town, "still there"))
    assert town.causes() == ["fault"]
    assert town.ledger.take_lease("engine", "another", town.clock.now(), 10) is not None  # given back


def test_books_that_do_not_add_up_halt_as_such(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="aaiti")
    town.start_sleeve()

    def overfilled(*_: object) -> None:
        raise Overfill("more than was ordered")

    monkeypatch.setattr(Cycle, "run", overfilled)
    with running(town.engine):
        close_bar(town)
        soon(lambda: town.causes() == ["ledger"])


def test_a_lost_lease_halts_nothing_and_the_engine_comes_back(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    real, lost = Cycle.run, 0

    def once_lost(self: Cycle, *args: object) -> object:
        nonlocal lost
        lost += 1
        if lost == 1:
            raise LeaseLost("away for too long")
        return real(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Cycle, "run", once_lost)
    with running(town.engine):
        close_bar(town)
        soon(lambda: town.ledger.last_mark(ACCOUNT))
    assert lost == 2
    assert town.causes() == []


def test_a_second_engine_stands_by_and_takes_over(tmp_path: Path) -> None:
    first = Town(tmp_path, owner="first").open()
    second = Town(tmp_path, owner="second")
    second.clock = first.clock
    with running(first.engine):
        soon(first.board.heartbeat)
        with running(second.engine):
            for n in range(3):
                soon(asked(first, f"k{n}"))
            beat = first.board.heartbeat()
            assert beat is not None
            assert beat.owner == "first"
            assert not second.engine.led
            soon(lambda: "stands by" in (second.house.problem or ""))
            first.engine.stop()
            soon(lambda: second.engine.led)
            soon(asked(second, "taken over"))
            soon(lambda: (beat := second.board.heartbeat()) is not None and beat.owner == "second")
    first.close()
    second.close()


def test_a_source_that_is_away_at_the_start_leaves_a_beating_engine_that_says_why(town: Town) -> None:
    town.house.session = None
    makers = cast(TownMakers, town.house.makers)
    makers.failing = VenueUnavailable("the line is dead")
    with running(town.engine):
        soon(lambda: town.house.problem == "the line is dead")
        soon(lambda: (beat := town.board.heartbeat()) is not None and beat.status["source_problem"])
        soon(asked(town, "off", K.SWITCH_TRADING, on=False))
        makers.failing = None
        soon(lambda: town.house.session)
        soon(asked(town, "now"))


def test_prices_that_do_not_come_pause_new_risk_until_they_do(town: Town) -> None:
    town.start_sleeve()
    bars, quote = town.market.bars, town.market.quote

    def away(*_: object) -> None:
        raise VenueUnavailable("the line is dead")

    with running(town.engine):
        town.market.bars = town.market.quote = away  # type: ignore[method-assign, assignment]
        town.clock.at = town.session.trader.next_close + timedelta(seconds=31)
        soon(lambda: [(h.kind, h.cause) for h in town.ledger.halts(ACCOUNT)] == [(HaltKind.PAUSE, "market_data")])
        town.market.bars, town.market.quote = bars, quote  # type: ignore[method-assign]
        close_bar(town)
        soon(lambda: town.causes() == [])


def test_an_operators_halt_survives_a_restart(town: Town) -> None:
    town.ledger.raise_halt(a_halt(account_id=ACCOUNT))
    town.house.session = None
    with running(town.engine):
        soon(lambda: town.house.session)
        assert town.causes() == ["operator"]


def test_commands_of_one_moment_are_answered_by_the_account_they_lead_to(town: Town) -> None:
    """Open an account and let a rule trade it, asked at once: the second command meets the first one's account."""
    makers = cast(TownMakers, town.house.makers)
    assert makers.failing is None
    opened = asked(town, "open", K.OPEN_ACCOUNT, name="next", source="SIMULATED", cash="500")
    started = asked(town, "start", K.START_SLEEVE, strategy="rule:buy_hold", symbol="BTCUSDT", interval="1h")
    with running(town.engine):
        soon(lambda: opened() and started())
    answered = town.board.command("start")
    assert answered is not None
    assert answered.state is CommandState.DONE
    account_id = town.board.setting("account_id")
    assert account_id != ACCOUNT
    assert [s.strategy for s in town.ledger.sleeves(str(account_id))] == ["rule:buy_hold"]
