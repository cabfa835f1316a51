"""The schedule: wakes the engine at each bar close, in UTC. The only file that knows APScheduler.

Jobs live in memory and are rebuilt from the seats in use; the lease, not the scheduler, makes the trader a singleton.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from engine.domain.interval import Interval

_SECONDS_AFTER_CLOSE = 1
_GRACE_SECONDS = 60  # a late wake-up still counts; APScheduler's default of 1 s would drop it


class Schedule:
    """Calls `wake(interval)` a moment after each close of the intervals in use."""

    def __init__(self, wake: Callable[[Interval], None]) -> None:
        self._wake = wake
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": _GRACE_SECONDS, "coalesce": True, "max_instances": 1}
        )

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def stop(self) -> None:
        """End; a wake-up that is under way is waited for."""
        self._scheduler.shutdown(wait=True)

    def use(self, intervals: Iterable[Interval]) -> None:
        """Keep exactly one job for each interval in use."""
        wanted = {i.value: i for i in intervals}
        for job in self._scheduler.get_jobs():
            if job.id not in wanted:
                job.remove()
        for name, interval in wanted.items():
            if self._scheduler.get_job(name) is None:
                self._scheduler.add_job(self._wake, cron(interval), args=[interval], id=name)


def cron(interval: Interval) -> CronTrigger:
    """Fire a moment after each close of `interval`, on the UTC grid whatever the machine's zone."""
    minutes = interval.ms // 60_000
    if minutes < 60:
        return CronTrigger(minute=f"*/{minutes}", second=_SECONDS_AFTER_CLOSE, timezone=UTC)
    hours = "*" if minutes == 60 else "0" if minutes == 1440 else f"*/{minutes // 60}"
    return CronTrigger(hour=hours, minute=0, second=_SECONDS_AFTER_CLOSE, timezone=UTC)
