"""The standing since training: a function of the version and the bars of the window, worked out once a week."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.domain.bar import BarSeries
from engine.domain.interval import from_ms
from engine.domain.signal import SkillGate
from engine.features.catalogue import WARM_UP
from engine.features.window import BLOCK, block_of, window_start
from engine.learning.forecast import TrainedModel
from engine.learning.labels import Labels
from engine.learning.lately import Seen
from engine.learning.online import REFIT_MS, refitted_at
from engine.learning.record import Record, Standing
from tests.features.test_catalogue import changed_after
from tests.learning.fits import N_BARS, long_bars, trained_early
from tests.learning.test_forecast import ARRAYS, bits


def fresh() -> TrainedModel:
    """The model as after a restart: it remembers nothing."""
    return replace(trained_early().model)


@pytest.mark.parametrize("t", [N_BARS, 5_100, 6_143, 6_144, 6_500, 7_777, 8_999])
def test_after_training_the_live_call_from_its_window_alone_is_the_batch_call_to_the_bit(t: int) -> None:
    series = long_bars()
    known = series.rows(0, t + 1)
    short = known.between(window_start(from_ms(known.open_ms[-1] + known.interval.ms), known.interval), None)
    batch = fresh().forecast(series)
    assert bits(fresh().forecast(short, len(short) - 1), 0) == bits(batch, t)
    told = fresh().explain(short)
    assert (told.probability, told.confidence) == (batch.probability[t], batch.confidence[t])


def test_a_model_that_remembers_says_what_one_that_does_not_says() -> None:
    series, model = long_bars(), fresh()
    for t in range(8_000, 8_030):
        known = series.rows(3_000, t + 1)
        assert bits(model.forecast(known, len(known) - 1), 0) == bits(fresh().forecast(known, len(known) - 1), 0)


def test_later_bars_change_no_earlier_standing() -> None:
    series, t = long_bars(), 7_000
    past, again = fresh().forecast(series), fresh().forecast(changed_after(series, t))
    for name in ARRAYS:
        assert getattr(past, name)[: t + 1].tobytes() == getattr(again, name)[: t + 1].tobytes(), name


def test_what_is_remembered_of_other_bars_is_not_used() -> None:
    """A gap that is filled later makes other standings, also in a model that saw the gap."""
    series, model = long_bars(), fresh()
    holed = changed_after(series, 7_000)
    model.forecast(holed)
    assert bits(model.forecast(series), 8_500) == bits(fresh().forecast(series), 8_500)
    assert bits(model.forecast(holed), 8_500) != bits(model.forecast(series), 8_500)


def test_it_moves_on_mondays_and_at_no_other_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    real = Record.standing

    def noted(self: Record, at_ms: int) -> Standing:
        asked.append(at_ms)
        return real(self, at_ms)

    monkeypatch.setattr(Record, "standing", noted)
    series, model = long_bars(), fresh()
    found = model.forecast(series.rows(0, N_BARS + BLOCK), N_BARS)
    closes = found.as_of_ms[found.as_of_ms >= model.trained_to_ms]
    mondays = {max(int(m), model.trained_to_ms) for m in refitted_at(closes)}
    assert set(asked) == mondays
    assert all(m % REFIT_MS == 4 * 86_400_000 for m in mondays - {model.trained_to_ms})
    assert len(asked) <= len(mondays) + 1, "once each, once more where a block of the grid begins within a week"


def test_in_sample_it_stands_as_at_the_end_of_training() -> None:
    model = fresh()
    found = model.forecast(long_bars().rows(0, N_BARS))
    assert set(found.skill.tolist()) == {{"active": 1, "paper_only": 0, "off": -1}[model.at_training().skill.gate]}


def test_a_planted_edge_opens_the_gate_and_its_end_shuts_it() -> None:
    """After training the market loses its edge: the gate, which stood open, does not stay so."""
    model = fresh()
    assert model.at_training().skill.gate is SkillGate.ACTIVE
    record = model.record
    rows = len(record.raw)
    rng = np.random.default_rng(1)
    raw, up = np.tile(record.raw, 3), rng.integers(0, 2, 3 * rows).astype(np.float64)
    close = record.close_ms[-1] + 3_600_000 * np.arange(1, 3 * rows + 1)
    later = record.joined(raw, up, close, close + 3_600_000)
    assert later.standing(int(close[-1]) + 3_600_000).skill.gate is not SkillGate.ACTIVE
    assert later.standing(int(record.known_ms[-1])).skill.gate is SkillGate.ACTIVE


def stands(model: TrainedModel, at: int) -> Standing:
    """At the open of bar `at`, from its own window."""
    series = long_bars().rows(0, at)
    first = series.position((block_of(series.open_ms[-1], series.interval) - 1) * BLOCK * series.interval.ms)
    seen = Seen(bars=series.rows(first, at))
    return seen.joined(model.record, model, model.trained_to_ms).standing(series.open_ms[-1] + series.interval.ms)


def test_where_the_window_reaches_back_to_the_training_all_calls_are_judged() -> None:
    found = stands(fresh(), 6_000).skill
    assert found.n == len(fresh().record.raw) + found.n_live
    assert (found.n_live, round(found.live_days)) == (6_000 - N_BARS - 1, round((6_000 - N_BARS - 1) / 24))
    assert f"of {found.n:,} calls {found.n_live:,} since training, over {found.live_days:.0f} days" in found.words


def test_where_it_does_not_calls_out_of_fold_stand_in_for_none() -> None:
    """Bar 8,300 looks back to bar 6,144: of the calls between, nobody knows."""
    found = stands(fresh(), 8_300).skill
    assert found.n == found.n_live == 8_300 - 6_144 - (WARM_UP - 1) - 1
    assert f"of {found.n:,} calls {found.n:,} since training, over {found.live_days:.0f} days" in found.words


def test_a_model_whose_edge_died_is_not_kept_active_by_what_it_was_taught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At all bars that the window shows its calls are noise; its calls out of fold were good, and far more."""
    model, end = fresh(), 5_000 + WARM_UP + 700
    assert model.at_training().skill.gate is SkillGate.ACTIVE
    dice = np.random.default_rng(1)
    known = model.labels

    def tossed(self: TrainedModel, window: BarSeries) -> Labels:
        found = known(window)
        return replace(found, up=np.where(np.isnan(found.up), np.nan, dice.integers(0, 2, len(found.up))))

    monkeypatch.setattr(TrainedModel, "labels", tossed)
    record = Seen(bars=long_bars().rows(5_000, end)).joined(model.record, model, model.trained_to_ms)
    now = long_bars().open_ms[end]
    assert replace(record, whole=True).standing(now).skill.gate is SkillGate.ACTIVE, "as if none were missing"
    found = record.standing(now).skill
    assert found.gate is not SkillGate.ACTIVE
    assert (found.n, found.gain is None) == (700, False)


def test_few_calls_in_a_window_that_does_not_reach_back_trade_on_paper_only() -> None:
    series, model = long_bars(), fresh()
    short = Seen(bars=series.rows(7_000, 7_000 + WARM_UP + 300)).joined(model.record, model, model.trained_to_ms)
    found = short.standing(series.open_ms[7_000 + WARM_UP + 300]).skill
    assert (found.gate, found.gain, found.n) == (SkillGate.PAPER_ONLY, None, 300)
    assert "too few to tell skill from luck" in found.words
    ahead = replace(short, horizon=150).standing(series.open_ms[7_000 + WARM_UP + 300]).skill
    assert "3,435 calls at most can be looked at here, and 3,600 are needed" in ahead.words
    none = Seen(bars=series.rows(7_000, 7_300)).joined(model.record, model, model.trained_to_ms)
    assert none.standing(series.open_ms[7_300]).skill.n == 0
