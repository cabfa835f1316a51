"""Long jobs as a scene has them: any job with plain defaults, and a backtest with its request and result."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from engine.domain.interval import iso
from engine.domain.job import Job, JobKind, JobState
from tests.backtest.report.sample import sample_report

HOUR = timedelta(hours=1)


def job(kind: JobKind, state: JobState, at: datetime, **changes: object) -> Job:
    """A job with plain defaults."""
    plain = Job(
        job_id=f"{kind}-{state}".lower(),
        kind=kind,
        state=state,
        request={},
        progress=0.0,
        message="",
        result=None,
        pid=None,
        cancel_requested=False,
        created_at=at,
        started_at=at,
        finished_at=None,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def backtest_request(strategy: str, end: datetime) -> dict[str, object]:
    """Over the last 300 bars."""
    return {
        "strategy": strategy,
        "source": "SIMULATED",
        "symbols": ["BTCUSDT"],
        "interval": "1h",
        "start": iso(end - 300 * HOUR),
        "end": iso(end),
        "options": {"in_sample": False},
    }


def backtest_result(end: datetime, drift: float) -> dict[str, object]:
    """A small report."""
    trade = {
        "symbol": "BTCUSDT", "opened_at": iso(end - 90 * HOUR), "closed_at": iso(end - 80 * HOUR), "quantity": "0.04",
        "entry_price": "60100.5", "exit_price": "61302.1", "fees": "4.86", "profit": "43.2", "exit_reason": "target",
    }  # fmt: skip
    return {
        "bars": 300,
        "seconds": 0.021,
        "trades": 1,
        "final_equity": str(round(10_000 + drift * 300, 2)),
        "total_return": drift * 0.03,
        "sharpe": 1.12,
        "max_drawdown": 0.021,
        "trades_sha256": "ef" * 32,
        "trade_list": [trade],
        "in_sample": False,
        "held_by": {"confidence": 210, "edge": 60},
        "report": sample_report().to_json(),
    }
