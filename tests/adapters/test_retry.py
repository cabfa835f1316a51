from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from engine.adapters.retry import Retry
from engine.domain.errors import MarketDataError, RateLimited, RegionBlocked, VenueUnavailable
from tests.exchange import TurnedClock

NOON = datetime(2025, 3, 4, 12, tzinfo=UTC)


def failing(*errors: Exception) -> tuple[Callable[[], str], list[int]]:
    """A question that fails in this way, then is answered; and how often it was asked."""
    left, asked = list(errors), []

    def ask() -> str:
        asked.append(1)
        if left:
            raise left.pop(0)
        return "answer"

    return ask, asked


def test_waits_twice_as_long_each_time() -> None:
    clock = TurnedClock(NOON)
    ask, asked = failing(VenueUnavailable("down"), VenueUnavailable("down"))
    assert Retry(clock=clock, attempts=3, first_wait=0.5)(ask, patience=5) == "answer"
    assert (len(asked), clock.slept) == (3, [0.5, 1.0])


def test_gives_up_with_the_last_error() -> None:
    clock = TurnedClock(NOON)
    ask, asked = failing(*[VenueUnavailable(f"try {i}") for i in range(9)])
    with pytest.raises(VenueUnavailable, match="try 1"):
        Retry(clock=clock, attempts=2)(ask, patience=5)
    assert len(asked) == 2


def test_waits_as_long_as_the_venue_says() -> None:
    clock = TurnedClock(NOON)
    ask, _ = failing(RateLimited("slow down", retry_after=4))
    assert Retry(clock=clock)(ask, patience=5) == "answer"
    assert clock.slept == [4.0]


def test_does_not_wait_longer_than_its_patience() -> None:
    clock = TurnedClock(NOON)
    ask, asked = failing(RateLimited("slow down", retry_after=6))
    with pytest.raises(RateLimited):
        Retry(clock=clock)(ask, patience=5)
    assert (len(asked), clock.slept) == (1, [])


@pytest.mark.parametrize("error", [RegionBlocked("451"), MarketDataError("no such symbol")])
def test_never_repeats_what_will_not_change(error: Exception) -> None:
    ask, asked = failing(error)
    with pytest.raises(type(error)):
        Retry(clock=TurnedClock(NOON))(ask, patience=5)
    assert len(asked) == 1
