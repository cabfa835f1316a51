"""The status bar's figures, and what it says where there is none."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from engine.domain.account import Source
from engine.domain.halt import Halt, HaltKind
from engine.queries.status import mode_words, read_status
from tests.pages.full import ACCOUNT
from tests.pages.scene import Scene


def test_nothing_is_invented(empty: Scene) -> None:
    status = read_status(empty)
    assert (status.mode, status.alive, status.mark, status.day_profit, status.data_age) == (
        "No account", False, None, None, None,
    )  # fmt: skip
    assert set(status.why) == {"engine", "data", "equity", "drawdown", "day"}


def test_a_living_engine_and_todays_profit(full: Scene) -> None:
    status = read_status(full)
    assert status.alive
    assert status.trading_on
    assert status.day_profit == Decimal("23.17")
    assert status.data_age == timedelta(seconds=20)
    assert status.why == {}


def test_yesterdays_mark_is_not_todays_profit(full: Scene) -> None:
    full.clock.at += timedelta(days=1)
    full.beat(account_id=ACCOUNT)
    status = read_status(full)
    assert status.day_profit is None
    assert "since 00:00 UTC" in status.why["day"]


def test_a_silent_engine_on_real_prices_lets_data_age_by_the_wall(full: Scene) -> None:
    full.beat(account_id=ACCOUNT, source="BINANCE")
    full.clock.at += timedelta(hours=1)
    status = read_status(full)
    assert not status.alive
    assert status.data_age == timedelta(hours=1, seconds=20)


def test_the_simulated_clock_stands_while_the_engine_is_away(full: Scene) -> None:
    full.clock.at += timedelta(days=3)
    assert read_status(full).data_age == timedelta(seconds=20)


def test_a_pause_is_no_halt(full: Scene) -> None:
    pause = Halt(
        account_id=ACCOUNT, kind=HaltKind.PAUSE, cause="stale_data", detail="old bars", raised_at=full.clock.at
    )
    full.ledger.raise_halt(pause)
    assert not read_status(full).halted
    full.ledger.raise_halt(
        Halt(account_id=ACCOUNT, kind=HaltKind.HALT, cause="drawdown", detail="20 %", raised_at=full.clock.at)
    )
    assert read_status(full).halted


def test_simulated_prices_are_always_called_so(full: Scene) -> None:
    account = full.ledger.account(ACCOUNT)
    assert account.source is Source.SIMULATED
    assert "SIMULATED" in mode_words(account)
