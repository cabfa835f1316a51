"""Training: finds what is there, finds nothing where nothing is, repeats itself to the bit, and can be stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import engine.training.fit as fitting
from engine.domain.errors import ModelError
from engine.learning.state import content_sha256
from engine.training.fit import fit
from engine.training.material import Material, material
from engine.training.spec import Trained, TrainingCancelled, TrainingSpec
from tests.learning.fits import planted_bars, spec, trained
from tests.learning.markets import walk

ROOT = Path(__file__).resolve().parents[2]


def score(found: Trained, name: str) -> float:
    overall = found.report["out_of_sample"]
    assert isinstance(overall, dict)
    return float(overall[name])


@cache
def of_a_random_walk() -> Trained:
    series = walk(6_000, seed=11)
    return fit(series, spec(series), workers=2)


def test_a_planted_signal_is_found() -> None:
    """Oracle: the sign of the last return, right with the chance of a normal draw above -0.2 = 57.9 %."""
    assert score(trained(), "accuracy") > 0.55
    assert score(trained(), "log_loss_skill") > 0.4 * 0.018
    assert score(trained(), "auc") > 0.56


def test_a_random_walk_has_no_skill_and_the_report_says_so() -> None:
    found = of_a_random_walk()
    n = score(found, "n")
    assert abs(score(found, "accuracy") - 0.5) < 2.58 * 0.5 / np.sqrt(n) + 0.005
    assert abs(score(found, "log_loss_skill")) < 0.004
    if score(found, "log_loss_skill") <= 0:
        assert any("no skill" in warning for warning in found.report["warnings"])  # type: ignore[attr-defined]


def test_shuffled_labels_score_the_base_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    def shuffled(series: object, wanted: TrainingSpec) -> Material:
        rows = material(planted_bars(), wanted)
        order = np.random.default_rng(1).permutation(len(rows))
        return replace(rows, up=rows.up[order], log_return=rows.log_return[order])

    monkeypatch.setattr(fitting, "material", shuffled)
    found = fit(planted_bars(), spec(planted_bars()), workers=2)
    n = score(found, "n")
    base = found.report["base_rate"]
    assert isinstance(base, float)
    assert abs(score(found, "accuracy") - 0.5) <= 2.58 * 0.5 / np.sqrt(n) + abs(base - 0.5)
    assert abs(score(found, "log_loss_skill")) < 0.004


def test_a_leaked_future_raises_the_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    def leaked(series: object, wanted: TrainingSpec) -> Material:
        rows = material(planted_bars(), wanted)
        x = rows.x.copy()
        x[:, 0] = rows.log_return / rows.deviation
        return replace(rows, x=x)

    monkeypatch.setattr(fitting, "material", leaked)
    found = fit(planted_bars(), spec(planted_bars()), workers=2)
    assert score(found, "accuracy") > 0.95
    assert found.report["leak_suspected"] is True
    assert "leak of the future" in str(found.report["warnings"])
    wanted = replace(spec(planted_bars()), members=("linear",), real_market=False)
    simulated = fit(planted_bars(), wanted, workers=2)
    assert simulated.report["leak_suspected"] is False
    assert "planted edge" in str(simulated.report["warnings"])


def test_the_report_is_whole_and_is_json() -> None:
    report = json.loads(json.dumps(trained().report, allow_nan=False))
    assert set(report["out_of_sample"]) == {
        "n", "accuracy", "auc", "brier", "log_loss", "log_loss_skill", "ece", "ece_noise_q95", "top_decile_accuracy",
    }  # fmt: skip
    assert [m["member"] for m in report["members"]] == ["linear", "polynomial", "forest", "boosting"]
    assert sum(m["weight"] for m in report["members"]) == pytest.approx(1.0)
    assert len(report["importance"]) == 42
    assert sum(row["n"] for row in report["months"]) == report["out_of_sample"]["n"]
    assert sum(row["n"] for row in report["folds"]) == report["out_of_sample"]["n"]
    assert sum(row["n"] for row in report["reliability"]) == report["out_of_sample"]["n"]
    assert len(report["strength"]) == 20
    assert not report["leak_suspected"]


def test_the_planted_cause_is_the_most_important() -> None:
    importance = trained().report["importance"]
    assert isinstance(importance, list)
    assert {"return_1", "close_location"} & {row["feature"] for row in importance[:2]}


def test_overlapping_horizons_count_once() -> None:
    assert trained(horizon=24).report["n_independent"] == int(score(trained(horizon=24), "n")) // 24
    assert score(trained(horizon=24), "ece_noise_q95") > 2 * score(trained(), "ece_noise_q95")


def test_the_training_range_covers_every_bar_that_took_part() -> None:
    series = planted_bars()
    assert trained().trained_from == series.bar(0).open_at
    assert trained().trained_to == series.last_close_at
    assert trained().n_bars == len(series)


def test_the_same_data_and_seed_give_the_same_hash_with_one_worker() -> None:
    again = fit(planted_bars(), spec(planted_bars()), workers=1)
    assert again.content_sha256 == trained().content_sha256
    assert again.report == trained().report


def test_another_seed_gives_another_hash() -> None:
    one, two = (fit(planted_bars(), replace(spec(planted_bars()), seed=s, members=("forest",))) for s in (0, 1))
    left, right = (found.model.ensemble.members[0].arrays()["threshold"] for found in (one, two))
    assert left.tobytes() != right.tobytes()
    assert one.content_sha256 != two.content_sha256


def test_a_fresh_process_gives_the_same_hash() -> None:
    code = "from tests.learning.fits import trained; print(trained().content_sha256)"
    environment = {**os.environ, "PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == trained().content_sha256


def test_any_change_of_what_was_learned_changes_the_hash() -> None:
    model = trained().model
    moved = replace(model, calibrator=replace(model.calibrator, b=np.nextafter(model.calibrator.b, 9)))
    assert content_sha256(moved) != content_sha256(model)


def test_progress_grows_to_one_and_speaks() -> None:
    heard: list[tuple[float, str]] = []
    fit(planted_bars(), spec(planted_bars()), lambda share, words: heard.append((share, words)), workers=2)
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert any("forest on all rows fitted" in words for _, words in heard)


@pytest.mark.parametrize("asked", [1, 5])
def test_a_cancelled_training_ends_with_its_own_error(asked: int) -> None:
    questions = 0

    def cancelled() -> bool:
        nonlocal questions
        questions += 1
        return questions >= asked

    with pytest.raises(TrainingCancelled, match="nothing was kept"):
        fit(planted_bars(), spec(planted_bars()), cancelled=cancelled, workers=2)
    assert questions == asked


def test_prices_that_only_rise_teach_nothing() -> None:
    series = planted_bars()
    rising = np.arange(1.0, len(series) + 1)
    lows, highs = rising - 0.5, rising + 0.5
    columns = [type(series.close)("d", values.tobytes()) for values in (rising, highs, lows)]
    only_up = replace(series, open=columns[0], high=columns[1], low=columns[2], close=columns[0])
    with pytest.raises(ModelError, match="one way only"):
        fit(only_up, spec(only_up), workers=1)


def test_one_member_alone_is_an_ensemble_too() -> None:
    found = fit(planted_bars(), replace(spec(planted_bars()), members=("linear",)), workers=1)
    assert found.model.ensemble.weights == (1.0,)
