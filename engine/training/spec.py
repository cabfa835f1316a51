"""What is to be trained, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.domain.errors import ConfigurationError, ModelError
from engine.domain.interval import Interval
from engine.domain.target import Barrier
from engine.domain.trial import hash_of
from engine.learning.forecast import TrainedModel
from engine.learning.members.roster import DEFAULT_MEMBERS, recipe


class TrainingCancelled(ModelError):
    """The operator cancelled. Nothing was kept; the model that is active stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSpec:
    """One instrument and interval, a horizon in bars, a seed, and the members of the ensemble.

    `paths` asks for combinatorial cross-validation too, which takes three times as long. `barrier`: what a buy has to
    do to pay, where that is the target; None where it is the direction.
    `real_market` False (a simulated one, where an edge is planted) turns the suspicion of a leak into a note.
    """

    symbol: str
    interval: Interval
    horizon: int
    seed: int = 0
    members: tuple[str, ...] = DEFAULT_MEMBERS
    real_market: bool = True
    paths: bool = False
    barrier: Barrier | None = None

    def __post_init__(self) -> None:
        if self.horizon < 1:
            raise ConfigurationError(f"horizon is {self.horizon}; it must be at least 1 bar")
        if not self.members or len(set(self.members)) != len(self.members):
            raise ConfigurationError(f"members are {self.members}; name at least one, and each once")
        for name in self.members:
            recipe(name)

    @property
    def recipe_sha256(self) -> str:
        """Names what was chosen, whatever the bars: a refit on newer ones has the same."""
        target = {} if self.barrier is None else {"barrier": self.barrier.as_json()}
        return hash_of(
            {"kind": "training", "interval": self.interval, "horizon": self.horizon, "members": self.members,
             "seed": self.seed, **target}
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A fitted model with its out-of-sample report (JSON values; `ModelVersion.metrics`) and canonical hash.

    Bars in [trained_from, trained_to) took part, the purge included.
    """

    model: TrainedModel
    report: Mapping[str, object]
    content_sha256: str
    n_bars: int
    trained_from: datetime
    trained_to: datetime
