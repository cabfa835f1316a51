"""Record: what a model said out of sample and what came of it; from it follows, at any moment, how it stands.

A version brings the purged out-of-fold calls of the year before its training ended. Calls of later bars that have
matured join them as the bars come in. The `Standing` at a moment is a function of the calls whose outcome was known by
then, and of nothing else: calibrator, reference of confidence, skill.

Where the target is a trade, the event is "a buy here pays", the vote's direction is the call, and the chance is that of
a second model. Its event is no coin, so that the chance's distance from one half says nothing: a BUY is strong where a
buy pays more likely than at other BUYs, a SELL where it does less than at other SELLs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.features.catalogue import WARM_UP
from engine.features.window import BLOCK
from engine.learning.calibration import Calibrator
from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.members.member import Arrays
from engine.learning.online import WINDOW_MS, Matured, calibrated_online
from engine.learning.skill import Skill, gains, known_base, skill

Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a model stands from one refit to the next: its calibrator, the strengths |p - 0.5| of the calls of its last
    year under it, ascending, and its skill. Where the target is a trade, `strengths` are the chances of the BUYs that
    they pay, and `against` those at the SELLs that a buy does not, both ascending; else None."""

    calibrator: Calibrator
    strengths: Column
    skill: Skill
    against: Column | None = None

    def calibrated(self, raw: Column) -> Matrix:
        """Chance of a rise and its 90 % interval per vote, shape (n, 3)."""
        return self.calibrator.apply(raw)

    def confidence(self, probability_up: Column, rises: NDArray[np.bool_]) -> Column:
        """Share of those calls that were weaker, per row; NaN stays NaN. `rises`: the call is that price does."""
        if self.against is None:
            return _rank(np.abs(probability_up - 0.5), self.strengths)
        bought, sold = _rank(probability_up, self.strengths), _rank(1.0 - probability_up, self.against)
        return np.where(rises, bought, sold)


def _rank(strength: Column, others: Column) -> Column:
    rank = np.searchsorted(others, strength, side="left") / max(1, len(others))
    return np.where(np.isnan(strength), np.nan, rank)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Calls in order of time, all (n,): the vote `raw`, the chance of a rise as it was `said` then, what happened, when
    it was said and when its outcome was known; `horizon` in bars. Where the target is a trade, `raw`, `said` and `up`
    are about a buy that pays, and `vote` is the chance of a rise by which it was called; else None. `usual`: how often
    it happens in the long run, one half for a rise: what calibrators shrink to and skill must beat.

    The last `live` were said since training. Where calls between its end and these are missing (`whole` False), skill
    is that of these alone: calls out of fold must not stand in for live ones that nobody can see."""

    raw: Column
    said: Column
    up: Column
    close_ms: Times
    known_ms: Times
    horizon: int
    vote: Column | None = None
    usual: float = 0.5
    live: int = 0
    whole: bool = True

    @property
    def matured(self) -> Matured:
        """The same for calibration."""
        return Matured(
            raw=self.raw, up=self.up, close_ms=self.close_ms, known_ms=self.known_ms, horizon=self.horizon,
            centre=math.log(self.usual / (1.0 - self.usual)),
        )  # fmt: skip

    @property
    def rises(self) -> NDArray[np.bool_]:
        """Which side each call was on, shape (n,): True for a rise or a buy."""
        return (self.said if self.vote is None else self.vote) > 0.5

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which calls came true, shape (n,)."""
        return np.asarray(self.rises == (self.up > 0.5))

    def since(self, at_ms: int) -> Record:
        """Calls said after `at_ms`."""
        rows = self.close_ms > at_ms
        return replace(
            self, raw=self.raw[rows], said=self.said[rows], up=self.up[rows], close_ms=self.close_ms[rows],
            known_ms=self.known_ms[rows], vote=None if self.vote is None else self.vote[rows],
            live=min(self.live, int(np.count_nonzero(rows))),
        )  # fmt: skip

    def joined(
        self, raw: Column, up: Column, close_ms: Times, known_ms: Times, *, vote: Column | None = None,
        whole: bool = True,
    ) -> Record:  # fmt: skip
        """With calls since training, each said by the calibrator of its own week."""
        longer = replace(
            self, raw=np.concatenate([self.raw, raw]), said=np.concatenate([self.said, raw]),
            up=np.concatenate([self.up, up]), close_ms=np.concatenate([self.close_ms, close_ms]),
            known_ms=np.concatenate([self.known_ms, known_ms]),
            vote=None if self.vote is None or vote is None else np.concatenate([self.vote, vote]),
            live=self.live + len(raw), whole=self.whole and whole,
        )  # fmt: skip
        longer.said[len(self.said) :] = calibrated_online(longer.matured, raw, close_ms)[:, 0]
        return longer

    def standing(self, at_ms: int) -> Standing:
        """From the calls of the last year whose outcome was known at `at_ms`."""
        matured = self.matured
        calibrator = matured.calibrator(at_ms)
        lately = (self.known_ms <= at_ms) & (self.close_ms > at_ms - WINDOW_MS)
        chance, rises = calibrator.apply(self.raw[lately])[:, 0], self.rises[lately]
        plain = self.vote is None
        found = self._skill(at_ms)
        return Standing(
            calibrator=calibrator,
            strengths=np.sort(np.abs(chance - 0.5) if plain else chance[rises]),
            skill=found if plain else replace(found, coin="the long run's rate"),
            against=None if plain else np.sort(1.0 - chance[~rises]),
        )

    def _skill(self, at_ms: int) -> Skill:
        gain = np.empty((0, 2))
        if len(self.raw):
            gain = gains(self.said, self.up, known_base(self.matured), self.usual)
        live = np.arange(len(gain)) >= len(gain) - self.live
        rows = live | self.whole
        found = skill(gain[rows], self.known_ms[rows], at_ms, horizon=self.horizon, live=live[rows])
        if self.whole or found.most is None:
            return found
        return replace(found, most=min(found.most, 2 * BLOCK - WARM_UP + 1 - self.horizon))

    def arrays(self) -> Arrays:
        """All that is kept."""
        return {
            "raw": self.raw, "said": self.said, "up": self.up.astype(np.uint8), "close_ms": self.close_ms,
            "known_ms": self.known_ms,
            **({} if self.vote is None else {"vote": self.vote, "usual": np.array([self.usual])}),
        }  # fmt: skip

    @classmethod
    def restore(cls, arrays: Arrays, horizon: int) -> Record:
        """The record those arrays came from."""
        return cls(
            raw=arrays["raw"], said=arrays["said"], up=arrays["up"].astype(np.float64), close_ms=arrays["close_ms"],
            known_ms=arrays["known_ms"], horizon=horizon, vote=arrays.get("vote"),
            usual=float(arrays["usual"][0]) if "usual" in arrays else 0.5,
        )  # fmt: skip
