"""A trained model: features in; probability, confidence, size and reasons out. The same live and in batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.domain.errors import FeatureMismatch, MissingBars
from engine.domain.interval import Interval, from_ms, iso
from engine.domain.signal import Prediction, Signal, Vote
from engine.features.catalogue import FEATURES, NAMES, WARM_UP, matrix
from engine.learning.calibration import Calibrator
from engine.learning.calls import Calls
from engine.learning.ensemble import Ensemble
from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.reasons import pushes, reasons
from engine.learning.size import Size
from engine.learning.volatility import volatility


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """Calls of consecutive bars, each array of shape (n,); rows without enough bars before them are NaN.

    `as_of_ms` is the bar's close. `probability` is the calibrated chance that the side of 0.5 that `probability_up` is
    on comes true, within [`probability_low`, `probability_high`] (90 %); `confidence` the share of the model's
    out-of-sample calls that were weaker; `expected_move` E|log return| over the horizon and `volatility` its standard
    deviation.
    """

    as_of_ms: NDArray[np.int64]
    probability_up: Column
    probability: Column
    probability_low: Column
    probability_high: Column
    confidence: Column
    expected_move: Column
    volatility: Column

    def __len__(self) -> int:
        return len(self.as_of_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedModel:
    """Everything a version learned. Arrays only: nothing in it can run code, refer to now, or remember a call.

    `medians` are the training medians of the features; `trained_from_ms` and `trained_to_ms` bound the bars that took
    part, the purge included. `symbol` is the instrument it was trained on; features know no prices' units, so that the
    operator may apply it to another of the same interval. `feature_names` must be the catalogue's, in its order.
    """

    symbol: str
    interval: Interval
    horizon: int
    seed: int
    trained_from_ms: int
    trained_to_ms: int
    feature_names: tuple[str, ...]
    ensemble: Ensemble
    calibrator: Calibrator
    size: Size
    calls: Calls
    medians: Column

    def __post_init__(self) -> None:
        if self.feature_names != NAMES:
            raise FeatureMismatch(_mismatch(self.feature_names))

    def forecast(self, series: BarSeries, first: int = 0) -> Forecasts:
        """Calls at the closes of bars `first`..end. Row i is the same whatever follows bar i, to the bit.

        Live: `first = len(series) - 1`, with bars from `window_start` on.
        """
        self._check(series)
        return self._forecast(series, first, np.ascontiguousarray(matrix(series, first)))

    def _forecast(self, series: BarSeries, first: int, x: Matrix) -> Forecasts:
        deviation = volatility(series, self.horizon, first, warm_up=WARM_UP)
        up = self._calibrated(x)
        rises = up[:, 0] >= 0.5
        close_ms = np.array(series.open_ms[first:], dtype=np.int64) + series.interval.ms
        return Forecasts(
            as_of_ms=close_ms,
            probability_up=up[:, 0],
            probability=np.where(rises, up[:, 0], 1.0 - up[:, 0]),
            probability_low=np.where(rises, up[:, 1], 1.0 - up[:, 2]),
            probability_high=np.where(rises, up[:, 2], 1.0 - up[:, 1]),
            confidence=self.calls.confidence(up[:, 0]),
            expected_move=np.where(np.isnan(up[:, 0]), np.nan, self.size.expected_move(x, deviation)),
            volatility=deviation,
        )

    def explain(self, series: BarSeries, i: int = -1) -> Prediction:
        """The call at the close of bar i (negative counts from the end), with votes and reasons. MissingBars where the
        bars before it do not suffice."""
        n = len(series)
        at = i + n if i < 0 else i
        if not 0 <= at < n:
            raise MissingBars(f"{series.symbol} {self.interval}: bar {i} was asked for, but there are {n} bars")
        known = series.rows(0, at + 1)
        self._check(known)
        row = np.ascontiguousarray(matrix(known, first=at))
        forecast = self._forecast(known, at, row)
        if np.isnan(forecast.probability_up[0]):
            raise MissingBars(
                f"{series.symbol} {self.interval}: the call at {iso(from_ms(int(forecast.as_of_ms[0])))} needs "
                f"{WARM_UP} bars before it, in its block of the grid or the one before; sync or import older bars"
            )
        return self._prediction(known, forecast, row)

    def _calibrated(self, x: Matrix) -> Matrix:
        """Calibrated chance of a rise with its interval, shape (n, 3); NaN where a feature is."""
        raw = self.ensemble.probability_up(x)
        return self.calibrator.apply(np.where(np.isnan(x).any(axis=1), np.nan, raw))

    def _prediction(self, known: BarSeries, forecast: Forecasts, row: Matrix) -> Prediction:
        up = float(forecast.probability_up[0])
        found = pushes(row[0], self.medians, FEATURES, lambda x: self._calibrated(x)[:, 0])
        votes = self.ensemble.votes(row)[0]
        return Prediction(
            symbol=known.symbol,
            horizon=self.horizon,
            as_of=from_ms(int(forecast.as_of_ms[0])),
            price=known.close[-1],
            signal=Signal.BUY if up > 0.5 else Signal.SELL if up < 0.5 else Signal.HOLD,
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
            reasons=reasons(found),
        )

    def _check(self, series: BarSeries) -> None:
        if series.interval is not self.interval:
            raise FeatureMismatch(
                f"this model was trained on {self.interval} bars; these are {series.interval} bars of {series.symbol}"
            )


def _mismatch(names: tuple[str, ...]) -> str:
    missing = [name for name in names if name not in NAMES]
    added = [name for name in NAMES if name not in names]
    if not missing and not added:
        return "the model's features stand in another order than this version's; retrain the model"
    parts = [f"{word} {', '.join(some)}" for word, some in (("no longer known:", missing), ("new:", added)) if some]
    return f"the model was trained on other features ({'; '.join(parts)}); retrain the model"
