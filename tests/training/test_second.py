"""The second model: finds when a buy pays, finds nothing where nothing is, and learns from nothing that came later."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from engine.domain.errors import ModelError
from engine.domain.target import Barrier
from engine.learning.kernels.compiled import Column
from engine.learning.meta import Meta
from engine.learning.meta import fit as fit_meta
from engine.learning.weights import row_weights
from engine.training.fit import fit
from engine.training.folds import everything, walk_forward
from engine.training.lessons import fit_all, tasks
from engine.training.material import RECENCY_DAYS, Material, material
from engine.training.report import suspicions
from engine.training.second import second
from engine.training.spec import Trained
from engine.training.walk import Walk, walk
from tests.learning import markets
from tests.learning.fits import N_BARS, spec_of_trades, trained_on_trades, trending_bars

BARS = trending_bars().rows(0, N_BARS)
SPEC = spec_of_trades(BARS)
BARRIER = Barrier(cost_ratio=0.002)


def score(found: Trained, name: str) -> float:
    overall = found.report["out_of_sample"]
    assert isinstance(overall, dict)
    return float(overall[name])


@cache
def walked() -> tuple[Material, Walk]:
    """The votes of the trending market's first half."""
    rows = material(BARS, SPEC)
    folds = walk_forward(rows)
    fitted = fit_all(
        tasks(folds, everything(rows), SPEC), rows, workers=1, progress=lambda *_: None, cancelled=lambda: False
    )
    return rows, walk(rows, folds, fitted, SPEC.members, SPEC.horizon)


def test_a_buy_that_pays_is_found_where_trends_last() -> None:
    found = trained_on_trades()
    assert score(found, "log_loss_skill") > 0.02
    assert score(found, "auc") > 0.58
    assert score(found, "buys_paid") > score(found, "base_rate") + 0.05
    assert score(found, "top_decile_accuracy") > score(found, "base_rate") + 0.10
    assert score(found, "ece") < 1.5 * score(found, "ece_noise_q95")


def test_a_random_walk_has_no_skill() -> None:
    series = markets.walk(6_000, seed=11)
    found = fit(series, spec_of_trades(series), workers=1)
    assert abs(score(found, "log_loss_skill")) < 0.006
    assert abs(score(found, "auc") - 0.5) < 0.04
    assert found.report["skill"]["gate"] != "active"  # type: ignore[index]
    assert score(found, "base_rate") < 0.48, "costs make fewer than half of a walk's buys pay"


def test_what_is_judged_is_what_buys_came_to() -> None:
    rows, votes = walked()
    answers = second(rows, votes, BARRIER, SPEC).answers
    assert rows.trade is not None
    assert answers.fold.min() == 1, "the first fold's votes could only teach"
    assert answers.up.tolist() == rows.trade.up[answers.rows].tolist()
    assert (answers.known_ms - answers.close_ms == 12 * 3_600_000).all(), "nobody looks before the horizon's end"
    assert answers.taken.any()
    assert not answers.taken[(answers.vote <= 0.5) | (answers.said <= 0.5)].any()  # type: ignore[operator]


def test_no_trade_that_reaches_into_a_fold_teaches_for_it() -> None:
    rows, votes = walked()
    honest = second(rows, votes, BARRIER, SPEC)
    assert rows.trade is not None
    first = int(rows.close_ms[votes.rows[votes.fold == 4][0]])
    assert rows.trade.over_ms[votes.rows[votes.fold < 4]].max() > first, "some trade does reach into it"
    late = rows.trade.over_ms > first
    swapped = replace(rows.trade, up=np.where(late, 1.0 - rows.trade.up, rows.trade.up))
    told = second(replace(rows, trade=swapped), votes, BARRIER, SPEC)
    assert told.answers.raw.tobytes() == honest.answers.raw.tobytes()
    assert told.final.arrays()["weights"].tobytes() != honest.final.arrays()["weights"].tobytes()


def test_rows_weigh_by_the_lives_of_their_trades(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, votes = walked()
    seen: list[tuple[Column, Column]] = []

    def noted(*args: object, **words: object) -> Meta:
        seen.append((np.asarray(words["weight"]), np.asarray(words["life"])))
        return honest(*args, **words)  # type: ignore[arg-type]

    honest = fit_meta
    monkeypatch.setattr("engine.training.second.fit_meta", noted)
    second(rows, votes, BARRIER, SPEC)
    assert rows.trade is not None
    close, over = rows.close_ms[votes.rows], rows.trade.over_ms[votes.rows]
    weight, life = seen[-1]
    assert weight.tolist() == row_weights(close, over, RECENCY_DAYS).tolist()
    assert life.min() >= 1
    assert 1 < life.mean() < 12
    assert life.max() == 12


def test_the_same_again_is_the_same_to_the_bit_and_a_direction_is_another_recipe() -> None:
    again = fit(BARS, SPEC, workers=1)
    assert again.content_sha256 == trained_on_trades().content_sha256
    assert json.dumps(again.report) == json.dumps(trained_on_trades().report, allow_nan=False)
    plain = replace(SPEC, barrier=None)
    assert plain.recipe_sha256 != SPEC.recipe_sha256 != replace(SPEC, barrier=Barrier(cost_ratio=0.001)).recipe_sha256


def test_the_report_says_what_was_asked() -> None:
    report = trained_on_trades().report
    assert report["target"] == "barrier"
    assert len(report["strength"]) == len(report["strength_of_sells"]) == 20  # type: ignore[arg-type]


def test_a_leak_is_suspected_by_what_the_likelier_answer_scores() -> None:
    rare = {"accuracy": 0.7, "n": 20_000, "log_loss_skill": 0.1, "ece": 0.0, "ece_noise_q95": 1.0}
    for asked in (SPEC, replace(SPEC, barrier=None)):
        assert "a leak of the future" in str(suspicions(rare, asked, 0.5))
        assert suspicions(rare, asked, 0.35) == []
        assert "above 75%" in str(suspicions({**rare, "accuracy": 0.8}, asked, 0.35))


def test_costs_that_no_buy_can_earn_are_refused_in_words() -> None:
    with pytest.raises(ModelError, match=r"none paid its costs of 50\.00%"):
        fit(BARS, replace(SPEC, barrier=Barrier(cost_ratio=0.5)), workers=1)


def test_paths_tell_of_the_vote_s_buys() -> None:
    found = fit(BARS, replace(SPEC, paths=True), workers=1).report["paths"]
    assert isinstance(found, dict)
    assert "every buy it calls" in found["words"]
