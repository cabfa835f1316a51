"""A trained model: features in; probability, confidence, size and reasons out. The same live and in batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.domain.errors import FeatureMismatch, MissingBars
from engine.domain.interval import Interval, from_ms, iso
from engine.domain.signal import Prediction, Said, Signal, SkillGate, Vote, Why
from engine.features.catalogue import FEATURES, NAMES, WARM_UP, window_matrix
from engine.features.window import BLOCK, anchored_from, block_of
from engine.learning.dissimilarity import Domain
from engine.learning.ensemble import Ensemble
from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.labels import Labels, labels
from engine.learning.lately import Memory, Seen, moments
from engine.learning.meta import Meta
from engine.learning.reasons import account
from engine.learning.record import Record, Standing
from engine.learning.size import Size
from engine.learning.voice import Voice
from engine.learning.volatility import volatility

_SKILLS = {SkillGate.ACTIVE: 1, SkillGate.PAPER_ONLY: 0, SkillGate.OFF: -1}
_SIGNALS = {1: Signal.BUY, 0: Signal.HOLD, -1: Signal.SELL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """Calls of consecutive bars, each array of shape (n,); rows without enough bars before them are NaN.

    `as_of_ms` is the bar's close. `signal` (int8) is 1 where it calls a rise, -1 a fall, 0 neither. `probability` is
    the calibrated chance that this comes true, within [`probability_low`, `probability_high`] (90 %); `confidence` the
    share of the model's out-of-sample calls that were weaker; `expected_move` E|log return| over the horizon and
    `volatility` its standard deviation. `skill` (int8) is 1 where the model's matured calls let it trade live money, 0
    paper only, -1 nothing; `strangeness` the share of the newer training bars that were less strange to the older ones.

    Where the target is a trade, `probability_up` is the chance that a buy pays and `expected_move` its E|log return|: a
    BUY's probability says that it does, a SELL's that it does not.
    """

    as_of_ms: NDArray[np.int64]
    signal: NDArray[np.int8]
    probability_up: Column
    probability: Column
    probability_low: Column
    probability_high: Column
    confidence: Column
    expected_move: Column
    volatility: Column
    skill: NDArray[np.int8]
    strangeness: Column

    def __len__(self) -> int:
        return len(self.as_of_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedModel:
    """Everything a version learned. Arrays only: nothing in it can run code or refer to now. What it remembers of a
    week (`memory`) is worked out from the same bars again wherever it is missing.

    `medians` are the training medians of the features; `trained_from_ms` and `trained_to_ms` bound the bars that took
    part, the purge included. `symbol` is the instrument it was trained on; features know no prices' units, so that the
    operator may apply it to another of the same interval. `feature_names` must be the catalogue's, in its order.
    `meta` where the target is a trade: what says when the vote is to be believed; None where it is the direction.
    """

    symbol: str
    interval: Interval
    horizon: int
    seed: int
    trained_from_ms: int
    trained_to_ms: int
    feature_names: tuple[str, ...]
    ensemble: Ensemble
    record: Record
    size: Size
    domain: Domain
    medians: Column
    meta: Meta | None = None
    memory: Memory = field(default_factory=Memory, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.feature_names != NAMES:
            raise FeatureMismatch(_mismatch(self.feature_names))

    def forecast(self, series: BarSeries, first: int = 0) -> Forecasts:
        """Calls at the closes of bars `first`..end. Row i is the same whatever follows bar i, to the bit.

        Live: `first = len(series) - 1`, with bars from `window_start` on.
        """
        self._check(series)
        seen, x = _looked_at(series, first)
        deviation = volatility(series, self.horizon, first, warm_up=WARM_UP)
        return self._forecast(_closes(series, first), [_Late.of(self, view) for view in seen], x, deviation)

    def at_training(self) -> Standing:
        """How the model stood when its training ended: by its own out-of-fold calls."""
        key = ("", 0, self.trained_to_ms, 0)
        return self.memory.recall(key, lambda: self.record.standing(self.trained_to_ms))

    def _forecast(
        self, close_ms: NDArray[np.int64], late: Sequence[_Late], x: Matrix, deviation: Column
    ) -> Forecasts:  # fmt: skip
        unknown = np.isnan(x).any(axis=1)
        vote, raw = (np.where(unknown, np.nan, chance) for chance in self.answers(x))
        up, signal, confidence, skill = self._judged(vote, raw, close_ms, late)
        rises = signal >= 0
        return Forecasts(
            as_of_ms=close_ms,
            signal=signal,
            probability_up=up[:, 0],
            probability=np.where(rises, up[:, 0], 1.0 - up[:, 0]),
            probability_low=np.where(rises, up[:, 1], 1.0 - up[:, 2]),
            probability_high=np.where(rises, up[:, 2], 1.0 - up[:, 1]),
            confidence=confidence,
            expected_move=np.where(np.isnan(up[:, 0]), np.nan, self.size.expected_move(x, deviation)),
            volatility=deviation,
            skill=skill,
            strangeness=self.domain.strangeness(x),
        )

    def _judged(
        self, vote: Column, raw: Column, close_ms: NDArray[np.int64], late: Sequence[_Late]
    ) -> tuple[Matrix, NDArray[np.int8], Column, NDArray[np.int8]]:
        """Chance of what is asked with its interval, signal, confidence and skill per row, each by the standing of its
        own week."""
        up, confidence = np.full((len(raw), 3), np.nan), np.full(len(raw), np.nan)
        signal, skill = np.zeros(len(raw), dtype=np.int8), np.zeros(len(raw), dtype=np.int8)
        span = BLOCK * self.interval.ms
        blocks, at = (close_ms - self.interval.ms) // span, moments(close_ms, self.trained_to_ms)
        for record in late:
            mine = blocks == record.block
            for moment in np.unique(at[mine]).tolist():
                rows = np.flatnonzero(mine & (at == moment))
                standing = record.standing(moment)
                up[rows] = standing.calibrated(raw[rows])
                called = up[rows, 0] if self.meta is None else vote[rows]
                signal[rows] = (called > 0.5).astype(np.int8) - (called < 0.5).astype(np.int8)
                confidence[rows] = standing.confidence(up[rows, 0], signal[rows] >= 0)
                skill[rows] = _SKILLS[standing.skill.gate]
        return up, signal, confidence, skill

    def answers(self, x: Matrix) -> tuple[Column, Column]:
        """The vote's chance of a rise and the chance of what is asked, neither calibrated, both of shape (n,)."""
        return Voice(ensemble=self.ensemble, meta=self.meta).answers(x)

    def labels(self, window: BarSeries) -> Labels:
        """What a call at each bar of one window will be judged by."""
        return labels(window, self.horizon) if self.meta is None else self.meta.labels(window, self.horizon)

    def explain(self, series: BarSeries, i: int = -1) -> Prediction:
        """The call at the close of bar i (negative counts from the end), with votes and reasons. MissingBars where the
        bars before it do not suffice."""
        said = self.say(series, i)
        return said.why().told(said.prediction)

    def say(self, series: BarSeries, i: int = -1) -> Said:
        """The same call, its reasons to be had when there is time for them. They are a third of the work."""
        forecast, late, row = self._look(series, i)
        known, standing = _upto(series, i + len(series) if i < 0 else i), self._standing(forecast, late)
        return Said(
            prediction=self._prediction(known, forecast, standing, row),
            why=lambda: self._why(standing, row),
        )

    def _why(self, standing: Standing, row: Matrix) -> Why:
        found = account(
            row[0], self.medians, FEATURES, lambda x: standing.calibrated(self.answers(x)[1])[:, 0]
        )  # fmt: skip
        return Why(reasons=found.reasons(), contributions=found.contributions)

    def _look(self, series: BarSeries, i: int) -> tuple[Forecasts, _Late, Matrix]:
        n = len(series)
        at = i + n if i < 0 else i
        if not 0 <= at < n:
            raise MissingBars(f"{series.symbol} {self.interval}: bar {i} was asked for, but there are {n} bars")
        known = _upto(series, at)
        self._check(known)
        following = self.memory.following(known.symbol)
        row, deviation = following.newest(known, self.horizon)
        block = block_of(known.open_ms[-1], self.interval)
        late = _Late(self, block, lambda: _window(known, block), following.standings)
        forecast = self._forecast(_closes(known, at), [late], row, deviation)
        if np.isnan(forecast.probability_up[0]):
            raise MissingBars(
                f"{series.symbol} {self.interval}: the call at {iso(from_ms(int(forecast.as_of_ms[0])))} needs "
                f"{WARM_UP} bars before it, in its block of the grid or the one before; sync or import older bars"
            )
        return forecast, late, row

    def _standing(self, forecast: Forecasts, late: _Late) -> Standing:
        return late.standing(int(moments(forecast.as_of_ms, self.trained_to_ms)[0]))

    def _prediction(self, known: BarSeries, forecast: Forecasts, standing: Standing, row: Matrix) -> Prediction:
        """The call with its votes."""
        votes = self.ensemble.votes(row)[0]
        return Prediction(
            symbol=known.symbol,
            horizon=self.horizon,
            as_of=from_ms(int(forecast.as_of_ms[0])),
            price=known.close[-1],
            signal=_SIGNALS[int(forecast.signal[0])],
            probability=float(forecast.probability[0]),
            probability_low=float(forecast.probability_low[0]),
            probability_high=float(forecast.probability_high[0]),
            confidence=float(forecast.confidence[0]),
            expected_move=float(forecast.expected_move[0]),
            volatility=float(forecast.volatility[0]),
            votes=tuple(
                Vote(member=m.name, probability_up=float(p), weight=w)
                for m, p, w in zip(self.ensemble.members, votes, self.ensemble.weights, strict=True)
            ),
            reasons=(),
            skill=standing.skill.gate,
            strangeness=float(forecast.strangeness[0]),
        )

    def _check(self, series: BarSeries) -> None:
        if series.interval is not self.interval:
            raise FeatureMismatch(
                f"this model was trained on {self.interval} bars; these are {series.interval} bars of {series.symbol}"
            )


class _Late:
    """The standings of one window; its later calls are voted on at the first that is not remembered."""

    def __init__(
        self, model: TrainedModel, block: int, window: Callable[[], Seen], found: dict[int, Standing]
    ) -> None:  # fmt: skip
        """`block`: that of the grid whose rows look at this `window`; `found`: its standings so far."""
        self.block = block
        self._model = model
        self._window = window
        self._record: Record | None = None
        self._found = found

    @classmethod
    def of(cls, model: TrainedModel, seen: Seen) -> _Late:
        """Of a window of which nothing is known yet."""
        return cls(model, block_of(seen.bars.open_ms[-1], model.interval), lambda: seen, {})

    def standing(self, at_ms: int) -> Standing:
        """The standing at a moment that is not before training ended."""
        if at_ms <= self._model.trained_to_ms:
            return self._model.at_training()
        if at_ms not in self._found:
            recall = self._model.memory.recall
            self._found[at_ms] = recall(self._window().key(at_ms), lambda: self._joined().standing(at_ms))
        return self._found[at_ms]

    def _joined(self) -> Record:
        if self._record is None:
            model = self._model
            self._record = self._window().joined(model.record, model, model.trained_to_ms)
        return self._record


def _closes(series: BarSeries, first: int) -> NDArray[np.int64]:
    """When bars `first`..end closed."""
    return np.array(series.open_ms[first:], dtype=np.int64) + series.interval.ms


def _window(series: BarSeries, block: int) -> Seen:
    """What the last bar, which lies in that block, looks at."""
    return Seen(bars=series.rows(series.position((block - 1) * BLOCK * series.interval.ms), len(series)))


def _looked_at(series: BarSeries, first: int) -> tuple[list[Seen], Matrix]:
    """The windows of bars `first`..end, and these bars' features."""
    seen: list[Seen] = []

    def compute(window: BarSeries, wanted: int) -> Matrix:
        if len(window):
            seen.append(Seen(bars=window))
        return window_matrix(window, wanted)

    x = anchored_from(series, compute, first, warm_up=WARM_UP)
    return seen, np.ascontiguousarray(x)


def _upto(series: BarSeries, at: int) -> BarSeries:
    """Bars 0..at; the series itself where that is all of it."""
    return series if at + 1 == len(series) else series.rows(0, at + 1)


def _mismatch(names: tuple[str, ...]) -> str:
    missing = [name for name in names if name not in NAMES]
    added = [name for name in NAMES if name not in names]
    if not missing and not added:
        return "the model's features stand in another order than this version's; retrain the model"
    parts = [f"{word} {', '.join(some)}" for word, some in (("no longer known:", missing), ("new:", added)) if some]
    return f"the model was trained on other features ({'; '.join(parts)}); retrain the model"
