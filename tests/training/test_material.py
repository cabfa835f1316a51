"""Material: bars that would teach nonsense are refused, and too few say how many are needed."""

from __future__ import annotations

from array import array
from dataclasses import replace
from math import nan
from typing import Any

import numpy as np
import pytest

from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError, InvalidBar, MissingBars
from engine.domain.interval import Interval
from engine.domain.target import Barrier
from engine.training.fit import fit
from engine.training.material import least_bars, material
from engine.training.spec import TrainingSpec
from tests.learning.fits import spec
from tests.learning.markets import walk


def with_value(series: BarSeries, column: str, i: int, value: float) -> BarSeries:
    values: array[float] = array("d", getattr(series, column))
    values[i] = value
    columns = {name: getattr(series, name) for name in ("open", "high", "low", "close", "volume")}
    columns[column] = values
    return replace(
        series, open=columns["open"], high=columns["high"], low=columns["low"], close=columns["close"],
        volume=columns["volume"],
    )  # fmt: skip


def test_every_row_is_whole_and_its_label_was_known_later() -> None:
    series = walk(2_500)
    rows = material(series, spec(series, horizon=24))
    assert np.isfinite(rows.x).all()
    assert len(rows) == 2_500 - 511 - 24
    assert (rows.known_ms - rows.close_ms == 24 * Interval.H1.ms).all()


def test_weights_halve_each_year_and_have_mean_one() -> None:
    series = walk(2_500)
    rows = material(series, spec(series))
    weight = rows.weights(np.arange(len(rows)))
    assert weight.mean() == pytest.approx(1.0)
    age_years = (rows.close_ms[-1] - rows.close_ms[0]) / (365 * 86_400_000)
    assert weight[0] / weight[-1] == pytest.approx(0.5**age_years)


def test_too_few_bars_say_how_many_are_needed() -> None:
    series = walk(1_000)
    with pytest.raises(MissingBars, match=r"needs at least 1,736 bars, there are 1,000\. Sync or import more"):
        material(series, spec(series, horizon=24))
    assert least_bars(spec(series, horizon=24)) == 1_736


@pytest.mark.parametrize(
    ("asked", "needed"),
    [({}, 512 + 400 + 4_800), ({"paths": True}, 512 + 400 + 4_800),
     ({"barrier": Barrier(cost_ratio=0.002)}, 512 + 400 + 9_600)],
)  # fmt: skip
def test_the_bars_that_a_long_horizon_is_said_to_need_suffice(asked: dict[str, Any], needed: int) -> None:
    series = walk(needed, seed=2)
    wanted = replace(spec(series, horizon=400), members=("boosting",), **asked)
    with pytest.raises(MissingBars, match=f"needs at least {needed:,} bars, there are {needed - 1:,}"):
        fit(series.rows(0, needed - 1), wanted, workers=1)
    assert fit(series, wanted, workers=1).n_bars == needed


def test_enough_bars_between_gaps_that_leave_too_few_rows_say_so() -> None:
    series = walk(2_100, gap=(1_050, 3 * 2_048))
    with pytest.raises(MissingBars, match="1,200 are needed"):
        material(series, spec(series))


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("close", nan, "has a price that is no positive number"),
        ("close", 0.0, "has a price that is no positive number"),
        ("high", 1.0, "has a high below its other prices"),
        ("low", 1e9, "has a high below its other prices or a low above them"),
        ("volume", -1.0, "has a volume that is no number or below zero"),
        ("volume", nan, "has a volume that is no number or below zero"),
    ],
)
def test_a_bad_bar_is_named(column: str, value: float, words: str) -> None:
    series = walk(2_500)
    with pytest.raises(InvalidBar, match=f"bar 77 at .*Z {words}"):
        material(with_value(series, column, 77, value), spec(series))


def test_bars_that_do_not_ascend_are_named() -> None:
    series = walk(2_500)
    opens = array("q", series.open_ms)
    opens[9] = opens[8]
    with pytest.raises(InvalidBar, match=r"bar 9 .* opens do not ascend"):
        material(replace(series, open_ms=opens), spec(series))


def test_bars_of_another_instrument_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="asked to train ETHUSDT 1h, but the bars are BTCUSDT 1h"):
        material(walk(2_500), TrainingSpec(symbol="ETHUSDT", interval=Interval.H1, horizon=1))


@pytest.mark.parametrize("members", [(), ("linear", "linear"), ("oracle",)])
def test_a_spec_without_proper_members_is_refused(members: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError):
        TrainingSpec(symbol="BTCUSDT", interval=Interval.H1, horizon=1, members=members)
    with pytest.raises(ConfigurationError, match="horizon is 0"):
        TrainingSpec(symbol="BTCUSDT", interval=Interval.H1, horizon=0)
