"""The paced clock: never past what it was let on to, never back, at any speed."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from engine.adapters.clock import PacedClock, WallClock
from tests.builders import utc

START = utc("2025-01-01")


class Real:
    """Real seconds, as a test counts them."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def test_it_stands_until_it_is_let_on_and_waits_where_it_was_let_on_to() -> None:
    real = Real()
    clock = PacedClock(START, 3600.0, monotonic=real)
    real.seconds += 5
    assert clock.now() == START
    clock.let_on_to(at(2))
    real.seconds += 1
    assert clock.now() == at(1)
    real.seconds += 100
    assert clock.now() == at(2)
    clock.let_on_to(at(3))
    assert clock.now() == at(2)  # the hundred seconds that it waited are not made up for
    real.seconds += 0.5
    assert clock.now() == at(2.5)


def test_being_let_on_to_an_earlier_moment_takes_nothing_back() -> None:
    real = Real()
    clock = PacedClock(START, 3600.0, monotonic=real)
    clock.let_on_to(at(2))
    real.seconds += 1.5
    clock.let_on_to(at(1))
    assert clock.now() == at(1.5)
    real.seconds += 0.5
    assert clock.now() == at(2)


def test_without_a_speed_it_is_there_at_once() -> None:
    clock = PacedClock(START, None, monotonic=Real())
    clock.let_on_to(at(500))
    assert clock.now() == at(500)
    assert clock.seconds_until(at(900)) == 0.0
    assert clock.nap_until(at(900), at_most=0.0)


def test_another_speed_goes_on_from_where_it_is() -> None:
    real = Real()
    clock = PacedClock(START, 3600.0, monotonic=real)
    clock.let_on_to(at(10))
    real.seconds += 1
    clock.set_speed(7200.0)
    assert clock.now() == at(1)
    real.seconds += 1
    assert clock.now() == at(3)
    clock.set_speed(None)
    assert (clock.speed, clock.now()) == (None, at(10))


def test_held_it_stands_until_let_on_again() -> None:
    real = Real()
    clock = PacedClock(START, 3600.0, monotonic=real)
    clock.let_on_to(at(10))
    real.seconds += 1
    clock.hold()
    real.seconds += 1
    assert clock.now() == at(1)
    clock.let_on_to(at(10))
    real.seconds += 1
    assert clock.now() == at(2)


def test_it_tells_the_real_seconds_to_a_moment() -> None:
    clock = PacedClock(START, 60.0, monotonic=Real())
    assert clock.seconds_until(at(1)) == pytest.approx(60.0)
    assert clock.seconds_until(at(-1)) == 0.0


def test_a_nap_is_no_longer_than_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Real()
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        real.seconds += seconds

    monkeypatch.setattr(time, "sleep", sleep)
    clock = PacedClock(START, 60.0, monotonic=real)
    assert not clock.nap_until(at(1), at_most=0.5)
    assert clock.now() == START + timedelta(seconds=30)
    clock.sleep_until(at(1))
    assert clock.now() == at(1)
    assert slept == pytest.approx([0.5, 59.5])


def test_the_walls_clock_is_now_and_aware() -> None:
    clock = WallClock()
    before = datetime.now(UTC)
    clock.sleep_until(before - timedelta(hours=1))
    assert before <= clock.now() <= before + timedelta(seconds=5)
    assert clock.now().tzinfo is UTC
