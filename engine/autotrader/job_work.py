"""Commands about long work: each becomes a job in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping

from engine.autotrader.answer import Answer, Doer
from engine.autotrader.house import House
from engine.autotrader.naming import spoken_name
from engine.commands import fields
from engine.commands.predict import Predict
from engine.commands.requests import StartReplay, Sync, Train
from engine.commands.run_options import RunOptions
from engine.commands.sweeps import Sweep
from engine.domain.command import Command, CommandKind
from engine.domain.errors import ConfigurationError
from engine.domain.job import JobKind, JobState


class JobWork:
    """Checks the request before a process is started for it."""

    def __init__(self, house: House) -> None:
        self._house = house

    def doers(self) -> Mapping[CommandKind, Doer]:
        """Which method answers what."""
        return {
            CommandKind.TRAIN: self.train,
            CommandKind.PREDICT: self.predict,
            CommandKind.BACKTEST: self.backtest,
            CommandKind.SWEEP: self.sweep,
            CommandKind.IMPORT: self.import_bars,
            CommandKind.START_REPLAY: self.replay,
            CommandKind.STOP_REPLAY: self.stop_replay,
            CommandKind.SYNC: self.sync,
            CommandKind.CANCEL_JOB: self.cancel,
        }

    def train(self, command: Command) -> Answer:
        """Train a model."""
        wanted = Train.parse(command.payload)
        return self._begin(command, JobKind.TRAIN, f"Training {wanted.name} on {wanted.symbol} has begun.")

    def predict(self, command: Command) -> Answer:
        """Ask a model for one call."""
        wanted = Predict.parse(command.payload)
        version = self._house.models.version(wanted.model)
        name = self._house.models.model(version.model_id).name
        return self._begin(command, JobKind.PREDICT, f"{name} v{version.version} is being asked.")

    def backtest(self, command: Command) -> Answer:
        """Run a backtest, or one of what an account has traded."""
        if "against" in command.payload:
            account = self._house.account(fields.text(command.payload, "against"))
            return self._begin(command, JobKind.BACKTEST, f"What {account.name} traded is being backtested.")
        run = RunOptions.parse(command.payload)
        words = f"Backtest of {spoken_name(self._house, run.strategy)} has begun."
        return self._begin(command, JobKind.BACKTEST, words)

    def sweep(self, command: Command) -> Answer:
        """Run a backtest for every combination of values."""
        wanted = Sweep.parse(command.payload)
        words = f"Sweep of {spoken_name(self._house, wanted.run.strategy)} has begun."
        return self._begin(command, JobKind.SWEEP, words)

    def import_bars(self, command: Command) -> Answer:
        """Import files of bars."""
        paths = fields.texts(command.payload, "paths")
        return self._begin(command, JobKind.IMPORT, f"Importing {len(paths)} path{'s' * (len(paths) != 1)}.")

    def replay(self, command: Command) -> Answer:
        """Replay archived bars through the live cycle, in an account of its own."""
        wanted = StartReplay.parse(command.payload)
        words = f"Replay of {spoken_name(self._house, wanted.run.strategy)} has begun in an account of its own."
        return self._begin(command, JobKind.REPLAY, words)

    def stop_replay(self, command: Command) -> Answer:
        """Stop every replay that runs; it can be resumed."""
        running = [j for j in self._house.board.jobs(JobKind.REPLAY) if j.state in (JobState.QUEUED, JobState.RUNNING)]
        stopped = sum(self._house.board.cancel_job(j.job_id) for j in running)
        return Answer(message=f"{stopped} replay{'s' * (stopped != 1)} asked to stop at the next bar.")

    def sync(self, command: Command) -> Answer:
        """Fetch bars into the cache."""
        wanted = Sync.parse(command.payload)
        words = f"Fetching {wanted.days} days of {wanted.symbol} {wanted.interval} from {wanted.source}."
        return self._begin(command, JobKind.SYNC, words)

    def cancel(self, command: Command) -> Answer:
        """Cancel a job; nothing half-done stays."""
        if not self._house.board.cancel_job(fields.text(command.payload, "job_id")):
            raise ConfigurationError("that job is over already")
        return Answer(message="Asked to stop; it ends at its next step and leaves nothing half-done.")

    def _begin(self, command: Command, kind: JobKind, words: str) -> Answer:
        return Answer(message=words, result={"job_id": self._house.begin(kind, command.key, command.payload)})
