from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.adapters.binance.weight import WeightBudget
from engine.domain.errors import RateLimited
from tests.exchange import TurnedClock


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock(datetime(2025, 3, 4, 12, 0, 20, tzinfo=UTC))


def test_refuses_before_the_venue_would(clock: TurnedClock) -> None:
    budget = WeightBudget(clock, limit=100, share=0.8)
    budget.spend(80)
    with pytest.raises(RateLimited) as refused:
        budget.spend(1)
    assert refused.value.retry_after == 41  # the rest of the minute, and one second for the venue's clock


def test_a_new_minute_starts_from_nothing(clock: TurnedClock) -> None:
    budget = WeightBudget(clock, limit=100)
    budget.spend(80)
    clock.turn(40)
    budget.spend(80)
    assert budget.used == 80


def test_the_venues_own_count_is_believed_where_it_is_larger(clock: TurnedClock) -> None:
    budget = WeightBudget(clock, limit=100)
    budget.spend(10)
    budget.observe({"X-MBX-USED-WEIGHT-1M": "75"})  # another program on this address
    with pytest.raises(RateLimited):
        budget.spend(10)
    budget.observe({"X-MBX-USED-WEIGHT-1M": "3"})  # an answer that was under way longer
    assert budget.used == 75


@pytest.mark.parametrize("headers", [{}, {"X-MBX-USED-WEIGHT-1M": "<n>"}])
def test_a_reply_without_a_count_changes_nothing(clock: TurnedClock, headers: dict[str, str]) -> None:
    budget = WeightBudget(clock)
    budget.spend(7)
    budget.observe(headers)
    assert budget.used == 7


def test_a_ban_outlasts_the_minute(clock: TurnedClock) -> None:
    budget = WeightBudget(clock)
    budget.block(120)
    clock.turn(100)
    with pytest.raises(RateLimited, match="2025-03-04T12:02:20Z") as refused:
        budget.spend(1)
    assert refused.value.retry_after == 20
    clock.turn(20)
    budget.spend(1)
