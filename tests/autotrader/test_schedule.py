"""The schedule: a moment after each close, in UTC whatever the machine's zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from engine.autotrader.schedule import Schedule, cron
from engine.domain.interval import Interval


@pytest.mark.parametrize("interval", list(Interval))
def test_it_fires_a_second_after_each_close_and_never_between(interval: Interval) -> None:
    trigger = cron(interval)
    at = datetime(2025, 3, 30, 0, 30, 30, tzinfo=UTC)  # the day Europe's clocks change
    for _ in range(50):
        fired = trigger.get_next_fire_time(at, at)
        assert fired is not None
        fired = fired.astimezone(UTC)
        assert fired == interval.floor(fired).replace(second=1)
        assert fired - at <= interval.duration
        at = fired.replace(second=2)


def test_the_machines_zone_does_not_matter() -> None:
    local = datetime(2025, 1, 1, 5, 44, 30, tzinfo=ZoneInfo("Asia/Kathmandu"))
    fired = cron(Interval.D1).get_next_fire_time(None, local)
    assert fired is not None
    assert fired.astimezone(UTC) == datetime(2025, 1, 1, 0, 0, 1, tzinfo=UTC)  # 05:45:01 there


def test_one_job_per_interval_in_use() -> None:
    schedule = Schedule(lambda _: None)
    schedule.start()
    try:
        schedule.use([Interval.H1, Interval.H1, Interval.D1])
        assert {j.id for j in schedule._scheduler.get_jobs()} == {"1h", "1d"}
        schedule.use([Interval.M5])
        assert {j.id for j in schedule._scheduler.get_jobs()} == {"5m"}
    finally:
        schedule.stop()
