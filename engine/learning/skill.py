"""Skill gate: have a model's matured calls lately beaten a coin and the base rate, beyond what luck explains?

The gain of a call is the log-loss of whoever knows nothing less its own: of the last year's share of rises, and of a
coin. A year of overlapping outcomes makes a noisy share, so that against it alone a model would be praised for saying
one half. The gate is open (ACTIVE) where the 90 % intervals of both mean gains of the last 180 days lie above zero, OFF
where both lie below, else PAPER_ONLY. It guards against models without skill; it does not time the market, and a fresh
model starts on paper.

It is a function of matured calls at one moment: the same after a restart, live and in a backtest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.domain.signal import SkillGate
from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.online import DAY_MS, WINDOW_MS, Matured
from engine.statistics.blocks import memory, resampled_variance
from engine.statistics.sample import pair, varying
from engine.statistics.scores import log_losses
from engine.statistics.tails import normal_quantile

GATE_MS = 180 * DAY_MS
LEAST_BLOCKS = 8
"""Blocks below which resampling them says nothing."""

Gate = SkillGate
_LEAST_BLOCK = 72
_LEVEL = 0.90
_PRIOR_ROWS = 10
"""Independent rows of a fair coin that a base rate starts from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """Mean gain per call in nats with its interval, over `n` calls of which `n_independent` do not overlap: of the two
    the one whose lower end is the lesser; where off, whose upper end is the greater. Without an interval (None) there
    were too few. `coin`: what stood for one. `n_live` of them were said since training, over `live_days`.

    `need`: calls without which nothing can be told; `most`: how many there can be at this interval at all, None where
    nobody knows."""

    gate: Gate
    gain: float | None
    low: float | None
    high: float | None
    n: int
    n_independent: int
    coin: str = "a coin"
    n_live: int = 0
    live_days: float = 0.0
    need: int = 0
    most: int | None = None

    @property
    def words(self) -> str:
        """Why the gate stands where it does.

        >>> print(Skill(gate=Gate.PAPER_ONLY, gain=None, low=None, high=None, n=40, n_independent=1).words)
        paper only: 40 matured calls (1 independent; none since training) are too few to tell skill from luck
        """
        live = f"{self.n_live:,} since training, over {self.live_days:,.0f} days"
        since = live if self.n_live else "none since training"
        name = self.gate.value.replace("_", " ")
        if self.gain is None and self.most is not None and self.most < self.need:
            return (
                f"{name}: {self.most:,} calls at most can be looked at here, and {self.need:,} are needed to tell "
                "skill from luck; no waiting changes that: it trades on paper only"
            )
        if self.gain is None or self.low is None or self.high is None:
            return (
                f"{name}: {self.n:,} matured calls ({self.n_independent:,} independent; {since}) are too few to tell "
                "skill from luck"
            )
        verdict = {
            Gate.ACTIVE: f"better than {self.coin} and the base rate",
            Gate.PAPER_ONLY: f"not told from {self.coin} or the base rate",
            Gate.OFF: f"worse than {self.coin} and the base rate",
        }[self.gate]
        return (
            f"{name}: {verdict}; gain {1e3 * self.gain:+.2f} thousandths of a nat per call "
            f"({1e3 * self.low:+.2f} to {1e3 * self.high:+.2f}, n = {self.n_independent:,} independent; of {self.n:,} "
            f"calls {since})"
        )


def known_base(matured: Matured, window_ms: int = WINDOW_MS) -> Column:
    """Share of rises among outcomes of the last year that were known when each call was said, shape (n,); drawn to one
    half by ten independent rows, so that the first calls have one too."""
    known = np.maximum.accumulate(matured.known_ms) if len(matured.known_ms) else matured.known_ms
    last = np.searchsorted(known, matured.close_ms, "right")
    first = np.minimum(np.searchsorted(matured.close_ms, matured.close_ms - window_ms, "right"), last)
    rises = np.concatenate(([0.0], np.cumsum(matured.up)))
    prior = _PRIOR_ROWS * matured.horizon
    return np.asarray((rises[last] - rises[first] + 0.5 * prior) / (last - first + prior))


def gains(probability_up: Column, up: Column, base: Column, usual: float = 0.5) -> Matrix:
    """Per call, the log-loss of the base rate less its own and that of a coin less its own, in nats, shape (n, 2);
    above zero the call knew more. `usual` stands for the coin where the event is none: how often it happens."""
    p, y = pair(probability_up, up, "calls and outcomes")
    rate, y = pair(base, y, "base rates and outcomes")
    return np.column_stack([log_losses(rate, y), log_losses(np.full(len(y), usual), y)]) - log_losses(p, y)[:, None]


def skill(
    gain: Matrix, known_ms: NDArray[np.int64], at_ms: int, *, horizon: int, live: NDArray[np.bool_] | None = None
) -> Skill:  # fmt: skip
    """The gate at `at_ms`, from `gains` of calls whose outcome was known within the 180 days before it: open where the
    lesser of the two lower ends is above zero, off where the greater of the two upper ends is below. `live`: which of
    them were said since training, for the words alone.

    The interval is the stationary bootstrap's in closed form: its variance of the mean is known without resampling
    (lemma 1 of Politis and Romano), which costs a thousandth of the time. Blocks hold max(72 bars, 3 horizons), as
    learned on random walks: shorter ones let overlapping luck pass for skill.
    """
    rows = (known_ms <= at_ms) & (known_ms > at_ms - GATE_MS)
    seen, block = gain[rows], max(_LEAST_BLOCK, 3 * horizon)
    few = _few(len(seen), np.empty(0, dtype=np.int64) if live is None else known_ms[rows & live], horizon)
    few = replace(few, need=LEAST_BLOCKS * block, most=_most(known_ms))
    if few.n < few.need:
        return few
    both = [_interval(seen[:, k], block) for k in range(seen.shape[1])]
    worst, best = min(both, key=lambda one: one[0]), max(both, key=lambda one: one[2])
    gate = Gate.ACTIVE if worst[0] > 0 else Gate.OFF if best[2] < 0 else Gate.PAPER_ONLY
    low, mean, high = best if gate is Gate.OFF else worst
    return replace(few, gate=gate, gain=mean, low=low, high=high)


def _few(n: int, live_ms: NDArray[np.int64], horizon: int) -> Skill:
    """What is said of so many calls before they are looked at."""
    return Skill(
        gate=Gate.PAPER_ONLY, gain=None, low=None, high=None, n=n, n_independent=n // horizon, n_live=len(live_ms),
        live_days=float(np.ptp(live_ms)) / DAY_MS if len(live_ms) else 0.0,
    )  # fmt: skip


def _most(known_ms: NDArray[np.int64]) -> int | None:
    """How many bars the 180 days hold."""
    return GATE_MS // int(np.diff(known_ms).min()) if len(known_ms) > 1 else None


def _interval(seen: Column, block: int) -> tuple[float, float, float]:
    """Lower end, mean, upper end."""
    mean, half = float(seen.mean()), _half_width(seen, block)
    return mean - half, mean, mean + half


def _half_width(seen: Column, block: int) -> float:
    if not varying(seen):
        return 0.0
    variance = max(resampled_variance(seen, block), memory(seen).variance, 0.0)
    return normal_quantile((1 + _LEVEL) / 2) * math.sqrt(variance / len(seen))
