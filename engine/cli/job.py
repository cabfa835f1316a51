"""`job ID`: run a queued job, with its progress in the database. The console starts this process."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from engine.bootstrap import Stores, market_of, open_stores
from engine.cli.against import against
from engine.cli.backtesting import run_backtest
from engine.cli.importing import import_files
from engine.cli.predict import predict
from engine.cli.replaying import run_replay
from engine.cli.sweeping import run_sweep
from engine.cli.trade import stop_on_signals
from engine.cli.training import Watched, train
from engine.commands import fields
from engine.commands.predict import Predict
from engine.commands.requests import StartReplay, Sync, Train
from engine.commands.run_options import RunOptions
from engine.commands.sweeps import Sweep
from engine.domain.errors import AaitiError, ConfigurationError
from engine.domain.job import Job, JobKind, JobState
from engine.market.sync import sync
from engine.settings import load
from engine.training.spec import TrainingCancelled

_TELL_SECONDS = 0.2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("job_id", metavar="ID")


class Reporter:
    """Writes progress and hears about cancels: from the database, and from SIGTERM."""

    def __init__(self, stores: Stores, job: Job) -> None:
        self._stores = stores
        self._job = job
        self._stopping = stop_on_signals()
        self._cancelled = False
        self._told_at = 0.0

    def tell(self, share: float, message: str) -> None:
        """Write progress."""
        self(share, message)

    def __call__(self, share: float, message: str) -> bool:
        """Write progress, a few times a second at most; True where the job should stop."""
        if time.monotonic() - self._told_at < _TELL_SECONDS and share < 1.0:
            return self.cancelled()
        self._told_at = time.monotonic()
        self._cancelled = self._stores.board.update_job(
            self._job.job_id, self._stores.clock.now(), progress=min(1.0, max(0.0, share)), message=message
        )
        return self.cancelled()

    def cancelled(self) -> bool:
        """True once somebody asked to stop."""
        return self._cancelled or self._stopping.is_set()


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Run it to its end, its failure or its cancel; each is written into its row."""
    with open_stores(load()) as stores:
        return _job(stores, options)


def _job(stores: Stores, options: argparse.Namespace) -> Mapping[str, object]:
    job = stores.board.job(options.job_id)
    if job is None or job.state is not JobState.QUEUED:
        raise ConfigurationError(f"job {options.job_id} is not waiting to be run")
    stores.board.update_job(job.job_id, stores.clock.now(), state=JobState.RUNNING, pid=os.getpid(), message="starting")
    reporter = Reporter(stores, job)
    try:
        result = _DOERS[job.kind](stores, job, reporter)
    except TrainingCancelled as cancelled:
        _end(stores, job, JobState.CANCELLED, str(cancelled))
        return {"state": "CANCELLED"}
    except AaitiError as error:
        _end(stores, job, JobState.FAILED, str(error))
        raise
    except Exception as error:
        _end(stores, job, JobState.FAILED, f"{type(error).__name__}: {error}")
        raise
    state = JobState.CANCELLED if reporter.cancelled() and result.get("finished") is False else JobState.DONE
    stores.board.update_job(
        job.job_id, stores.clock.now(), state=state, progress=1.0 if state is JobState.DONE else None,
        message="done" if state is JobState.DONE else "stopped; start it again to go on", result=result,
    )  # fmt: skip
    return result


def _end(stores: Stores, job: Job, state: JobState, message: str) -> None:
    stores.board.update_job(job.job_id, stores.clock.now(), state=state, message=message)


def _train(stores: Stores, job: Job, reporter: Reporter) -> dict[str, object]:
    return train(stores, Train.parse(job.request), Watched(progress=reporter.tell, cancelled=reporter.cancelled))


def _predict(stores: Stores, job: Job, reporter: Reporter) -> dict[str, object]:
    reporter.tell(0.1, "loading the model and its bars")
    return predict(stores, Predict.parse(job.request))


def _backtest(stores: Stores, job: Job, reporter: Reporter) -> dict[str, object]:
    if "against" in job.request:
        span = fields.moment(job.request, "start"), fields.moment(job.request, "end")
        return against(stores, fields.text(job.request, "against"), span, reporter)
    run, days = RunOptions.parse(job.request), fields.whole(job.request, "retrain_days", 0)
    checked, latency = fields.flag(job.request, "checks"), fields.whole(job.request, "latency_bars", 1)
    return run_backtest(stores, run, reporter, detailed=True, checked=checked, retrain_days=days, latency_bars=latency)


def _sweep(stores: Stores, job: Job, reporter: Reporter) -> dict[str, object]:
    return run_sweep(stores, Sweep.parse(job.request), reporter)


def _import(stores: Stores, job: Job, reporter: Reporter) -> dict[str, object]:
    return import_files(stores, [Path(p) for p in fields.texts(job.request, "paths")], reporter)


def _replay(stores: Stores, job: Job, reporter: Reporter) -> dict[str, object]:
    wanted = StartReplay.parse(job.request)
    return run_replay(stores, wanted.run, speed=wanted.speed, fresh=False, progress=reporter)


def _sync(stores: Stores, job: Job, reporter: Reporter) -> dict[str, object]:
    wanted = Sync.parse(job.request)
    market = market_of(wanted.source, stores, stores.clock)
    stores.bars.write_rules(wanted.source.value, market.instruments())
    end = stores.clock.now()
    report = sync(
        market, stores.bars, wanted.source.value, wanted.symbol, interval=wanted.interval,
        start=end - timedelta(days=wanted.days), end=end,
        progress=lambda share: reporter.tell(share, f"fetching {wanted.symbol} {wanted.interval}"),
    )  # fmt: skip
    return {"bars": len(report.series), "new_bars": report.new, "gaps": len(report.gaps), "missing": report.missing}


_DOERS: Mapping[JobKind, Callable[[Stores, Job, Reporter], dict[str, object]]] = {
    JobKind.TRAIN: _train,
    JobKind.PREDICT: _predict,
    JobKind.BACKTEST: _backtest,
    JobKind.SWEEP: _sweep,
    JobKind.IMPORT: _import,
    JobKind.REPLAY: _replay,
    JobKind.SYNC: _sync,
}


def words(result: Mapping[str, object]) -> Iterator[str]:
    """The result for a person."""
    yield str(dict(result))
