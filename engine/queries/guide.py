"""The next thing to do: one step at a time from an empty house to trades on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.domain.account import Account, AccountKind
from engine.domain.halt import HaltKind
from engine.domain.job import Job, JobKind, JobState
from engine.domain.model import Model, ModelVersion
from engine.domain.sleeve import MANUAL, Sleeve, SleeveState
from engine.queries.console import Console, current_account, is_fresh
from engine.queries.market import fits
from engine.queries.papers import armed_until
from engine.queries.status import source_problem

RUNNING = (JobState.QUEUED, JobState.RUNNING)


class Stage(StrEnum):
    """How far the operator has come."""

    START_ENGINE = "start_engine"
    CHOOSE_MARKET = "choose_market"
    NO_PRICES = "no_prices"
    TRAIN = "train"
    WAIT_FOR_TRAINING = "wait_for_training"
    TRADE_WITH_MODEL = "trade_with_model"
    ARM = "arm"
    SWITCH_ON = "switch_on"
    WAIT_FOR_TRADE = "wait_for_trade"
    HALTED = "halted"
    RUNNING = "running"


STEPS: Sequence[tuple[str, str]] = (
    ("market", "Choose a market"),
    ("train", "Train a model"),
    ("sleeve", "Trade with it"),
    ("switch", "Switch on"),
)
"""The path of a newcomer, as the guide draws it."""

_DONE = {
    Stage.START_ENGINE: 0, Stage.CHOOSE_MARKET: 0, Stage.NO_PRICES: 0, Stage.TRAIN: 1, Stage.WAIT_FOR_TRAINING: 1,
    Stage.TRADE_WITH_MODEL: 2, Stage.ARM: 3, Stage.SWITCH_ON: 3,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """Where the operator stands, with what the next step acts on."""

    stage: Stage
    account: Account | None = None
    job: Job | None = None
    model: Model | None = None
    version: ModelVersion | None = None
    sleeves: Sequence[Sleeve] = ()
    source_problem: str | None = None

    @property
    def steps_done(self) -> int:
        """How many of `STEPS` lie behind."""
        return _DONE.get(self.stage, len(STEPS))


def read_guide(console: Console) -> Guide:
    """Choose the first thing that is still missing."""
    beat = console.board.heartbeat()
    account = current_account(console)
    told = source_problem(beat)
    if not is_fresh(beat, console.clock.now()):
        return Guide(stage=Stage.START_ENGINE, account=account)
    if account is None:
        return Guide(stage=Stage.CHOOSE_MARKET, source_problem=told)
    sleeves = [s for s in console.ledger.sleeves(account.account_id, SleeveState.ACTIVE) if s.strategy != MANUAL]
    if any(halt.kind is HaltKind.HALT for halt in console.ledger.halts(account.account_id)):
        return Guide(stage=Stage.HALTED, account=account, sleeves=sleeves)
    if not sleeves and told and not console.bars.coverage(account.source.value):
        return Guide(stage=Stage.NO_PRICES, account=account, source_problem=told)
    if not sleeves:
        return _towards_a_sleeve(console, account)
    if account.kind is AccountKind.LIVE and armed_until(console, account, console.clock.now()) is None:
        return Guide(stage=Stage.ARM, account=account, sleeves=sleeves)
    if console.board.setting("trading_on") is not True:
        return Guide(stage=Stage.SWITCH_ON, account=account, sleeves=sleeves)
    traded = bool(console.reads.recent_fills(account.account_id, limit=1))
    stage = Stage.RUNNING if traded else Stage.WAIT_FOR_TRADE
    return Guide(stage=stage, account=account, sleeves=sleeves)


def _towards_a_sleeve(console: Console, account: Account) -> Guide:
    """A model of the account's own market, trained and ready, comes before any trading."""
    training = newest_training(console)
    if training is not None and training.state in RUNNING:
        return Guide(stage=Stage.WAIT_FOR_TRAINING, account=account, job=training)
    for model in console.models.models():
        versions = console.models.versions(model.model_id) if _may_trade(model, account) else ()
        if versions:
            champion = console.models.version(model.model_id)
            return Guide(stage=Stage.TRADE_WITH_MODEL, account=account, job=training, model=model, version=champion)
    return Guide(stage=Stage.TRAIN, account=account, job=training)


def _may_trade(model: Model, account: Account) -> bool:
    """On paper a model of the account's own market; at an exchange one of any real market."""
    return fits(model.source, account.source) if account.kind.at_exchange else model.source == account.source


def newest_training(console: Console) -> Job | None:
    """The last training that was asked for."""
    jobs = console.board.jobs(JobKind.TRAIN)
    return jobs[0] if jobs else None
