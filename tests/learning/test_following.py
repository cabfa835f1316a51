"""A model that follows an instrument from close to close says what the batch says, to the bit."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest

from engine.domain.bar import BarSeries
from engine.domain.errors import MissingBars
from engine.features.catalogue import WARM_UP, matrix
from engine.features.window import BLOCK
from engine.learning.following import Following
from engine.learning.forecast import TrainedModel
from engine.learning.lately import Memory
from engine.learning.volatility import volatility
from tests.learning.fits import long_bars, trained_early
from tests.learning.markets import walk

SERIES = walk(2 * BLOCK + 300, first_block=300, gap=(BLOCK - 3, 40))
HORIZON = 24
_FIELDS = (
    "probability", "probability_low", "probability_high", "confidence", "expected_move", "volatility", "strangeness",
)  # fmt: skip


def forgetful() -> TrainedModel:
    """The model as it is loaded: it has followed nothing."""
    return replace(trained_early().model)


def bits(model: TrainedModel, series: BarSeries, followed: bool) -> list[bytes]:
    """The last bar's call, as it is said live or as one row of a batch."""
    if followed:
        said = model.say(series).prediction
        return [np.float64(getattr(said, name)).tobytes() for name in _FIELDS]
    batch = model.forecast(series, len(series) - 3)
    return [np.float64(getattr(batch, name)[-1]).tobytes() for name in _FIELDS]


def test_features_and_volatility_are_the_batchs_at_every_close() -> None:
    rows, deviations, following = matrix(SERIES), volatility(SERIES, HORIZON, warm_up=WARM_UP), Following()
    for n in (*range(WARM_UP - 2, WARM_UP + 3), *range(BLOCK - 5, BLOCK + 4), 2000, 1999, *range(4_300, 4_390)):
        x, deviation = following.newest(SERIES.rows(0, n), HORIZON)
        assert x.tobytes() == rows[n - 1 : n].tobytes()
        assert deviation.tobytes() == deviations[n - 1 : n].tobytes()


def test_calls_after_training_are_the_batchs_over_two_mondays() -> None:
    series, model = long_bars(), forgetful()
    first = len(series) - 200
    for n in range(first, len(series) + 1):
        known = series.rows(n - 2 * BLOCK, n)
        if n % 40 == 0 or n == first + 1:
            assert bits(model, known, True) == bits(forgetful(), known, False), n
        else:
            model.say(known)


def test_a_bar_put_right_after_it_was_seen_changes_the_standing_too() -> None:
    model, series = forgetful(), long_bars().rows(len(long_bars()) - 2 * BLOCK, len(long_bars()))
    model.say(series.rows(0, len(series) - 1))
    changed = series.rows(0, len(series))
    for i in range(len(series) - 1_500, len(series) - 400):
        changed.close[i] = changed.open[i]
    assert bits(model, changed, True) == bits(forgetful(), changed, False)
    assert bits(model, series, True) == bits(forgetful(), series, False)


def test_instruments_do_not_mix() -> None:
    model, series = forgetful(), long_bars()
    other = replace(walk(len(series), seed=77), symbol="X")
    for n in (len(series) - 2, len(series) - 1, len(series)):
        for one in (series, other):
            known = one.rows(n - 2 * BLOCK, n)
            assert bits(model, known, True) == bits(forgetful(), known, False)


def test_bars_that_do_not_suffice_are_refused_as_before() -> None:
    model = forgetful()
    with pytest.raises(MissingBars, match=f"needs {WARM_UP} bars"):
        model.say(long_bars().rows(0, WARM_UP - 1))
    assert model.say(long_bars().rows(0, WARM_UP + 1)).prediction.votes


def test_a_copy_for_another_process_has_followed_nothing() -> None:
    memory = Memory()
    memory.following("A").newest(SERIES.rows(0, 600), HORIZON)
    for again in (pickle.loads(pickle.dumps(memory)), copy.deepcopy(memory)):
        assert (again.followed, again.kept) == ({}, {})


def test_only_so_many_instruments_are_followed_at_once() -> None:
    memory = Memory()
    first = memory.following("0")
    assert memory.following("0") is first
    for i in range(40):
        memory.following(str(i))
    assert len(memory.followed) <= 16
