"""Target: what a model is asked. Where price will be, or whether a buy will pay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.domain.errors import ConfigurationError


class Target(StrEnum):
    """DIRECTION: does the close `horizon` bars later lie above this one? BARRIER: does a buy at the next open pay, net
    of costs, by its target, its stop or the horizon's end, whichever is first?"""

    DIRECTION = "direction"
    BARRIER = "barrier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Barrier:
    """The buy that a model's calls are judged by: target and stop `width` deviations of the horizon's log return from
    the entry, and what a round trip costs as a share of notional. Part of the version: another makes another label."""

    width: float = 1.5
    cost_ratio: float

    def __post_init__(self) -> None:
        if not 0 < self.width < float("inf") or not 0 <= self.cost_ratio < 1:
            raise ConfigurationError(
                f"a barrier {self.width:g} deviations away at costs of {self.cost_ratio:g} is none; the width must be "
                "above zero, the costs within 0 and 1"
            )

    def paid(self, gross_ratio: float) -> bool:
        """True where a trade of that return before costs earned more than it cost."""
        return gross_ratio - self.cost_ratio > 0

    def as_json(self) -> dict[str, object]:
        """As a version's parameters keep it."""
        return {"width": self.width, "cost_ratio": self.cost_ratio}


def barrier_of(parameters: Mapping[str, object]) -> Barrier | None:
    """The barrier in a version's parameters; None where it predicts a direction, as all did before there was a choice.

    >>> barrier_of({"barrier": {"width": 1.5, "cost_ratio": 0.0026}})
    Barrier(width=1.5, cost_ratio=0.0026)
    """
    kept = parameters.get("barrier")
    if not isinstance(kept, Mapping):
        return None
    return Barrier(width=float(kept["width"]), cost_ratio=float(kept["cost_ratio"]))


def target(barrier: Barrier | None) -> Target:
    """The target that goes with a barrier, or with none."""
    return Target.DIRECTION if barrier is None else Target.BARRIER
