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


def quick() -> TrainingSpec:
    """The member that is fitted in no time."""
    return replace(spec(planted_bars()), members=("linear",))


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
    found = fit(planted_bars(), quick(), workers=1)
    assert score(found, "accuracy") > 0.95
    assert found.report["leak_suspected"] is True
    assert "leak of the future" in str(found.report["warnings"])
    simulated = fit(planted_bars(), replace(quick(), real_market=False), workers=1)
    assert simulated.report["leak_suspected"] is False
    assert "planted edge" in str(simulated.report["warnings"])


def test_coarse_ticks_are_no_leak(monkeypatch: pytest.MonkeyPatch) -> None:
    """Price stands still at three closes of ten, which is no rise: who says so is right more often, and knows nothing
    of the future."""

    def coarse(series: object, wanted: TrainingSpec) -> Material:
        rows = material(planted_bars(), wanted)
        still = np.random.default_rng(1).random(len(rows)) < 0.3
        return replace(rows, up=np.where(still, 0.0, rows.up), log_return=np.where(still, 0.0, rows.log_return))

    monkeypatch.setattr(fitting, "material", coarse)
    found = fit(planted_bars(), quick(), workers=1)
    assert score(found, "accuracy") > 0.6
    assert found.report["leak_suspected"] is False


def test_the_report_is_whole_and_is_json() -> None:
    report = json.loads(json.dumps(trained().report, allow_nan=False))
    assert set(report["out_of_sample"]) == {
        "n", "accuracy", "auc", "brier", "log_loss", "log_loss_skill", "ece", "ece_noise_q95", "top_decile_accuracy",
    }  # fmt: skip
    assert [m["member"] for m in report["members"]] == ["linear", "polynomial", "forest", "boosting", "network"]
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
    near, far = (fit(planted_bars(), replace(quick(), horizon=horizon), workers=1) for horizon in (1, 24))
    assert far.report["n_independent"] == int(score(far, "n")) // 24
    assert score(far, "ece_noise_q95") > 2 * score(near, "ece_noise_q95")


def test_the_training_range_covers_every_bar_that_took_part() -> None:
    series = planted_bars()
    assert trained().trained_from == series.bar(0).open_at
    assert trained().trained_to == series.last_close_at
    assert trained().n_bars == len(series)


_AGAIN = """
import json
from engine.training.fit import fit
from tests.learning.fits import planted_bars, spec
again = fit(planted_bars(), spec(planted_bars()), workers=1)
print(json.dumps([again.content_sha256, again.report]))
"""


def test_a_fresh_process_with_another_number_of_workers_and_threads_gives_the_same_model_and_report() -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, "-c", _AGAIN], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [trained().content_sha256, json.loads(json.dumps(trained().report))]


def test_another_seed_grows_another_forest() -> None:
    forest = next(member for member in trained().model.ensemble.members if member.name == "forest")
    found = fit(planted_bars(), replace(spec(planted_bars()), seed=1, members=("forest",)), workers=2)
    assert found.model.ensemble.members[0].arrays()["threshold"].tobytes() != forest.arrays()["threshold"].tobytes()


def test_any_change_of_what_was_learned_changes_the_hash() -> None:
    model = trained().model
    moved = replace(model, medians=np.nextafter(model.medians, 9))
    assert content_sha256(moved) != content_sha256(model)


def test_progress_grows_to_one_and_speaks() -> None:
    heard: list[tuple[float, str]] = []
    fit(planted_bars(), quick(), lambda share, words: heard.append((share, words)), workers=2)
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert any("linear on all rows fitted" in words for _, words in heard)


@pytest.mark.parametrize("asked", [1, 5])
def test_a_cancelled_training_ends_with_its_own_error(asked: int) -> None:
    questions = 0

    def cancelled() -> bool:
        nonlocal questions
        questions += 1
        return questions >= asked

    with pytest.raises(TrainingCancelled, match="nothing was kept"):
        fit(planted_bars(), quick(), cancelled=cancelled, workers=2)
    assert questions == asked


def test_the_first_training_after_an_install_says_that_it_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    def told() -> str:
        with pytest.raises(TrainingCancelled):
            fit(planted_bars(), quick(), lambda _, words: heard.append(words), lambda: True, workers=1)
        return heard.pop(0)

    monkeypatch.setattr(fitting, "is_ready", lambda: True)
    assert told() == f"computing features of {len(planted_bars()):,} bars"
    heard.clear()
    monkeypatch.setattr(fitting, "is_ready", lambda: False)
    assert "compiling them first: once after an install" in told()


def test_prices_that_only_rise_teach_nothing() -> None:
    series = planted_bars()
    rising = np.arange(1.0, len(series) + 1)
    lows, highs = rising - 0.5, rising + 0.5
    columns = [type(series.close)("d", values.tobytes()) for values in (rising, highs, lows)]
    only_up = replace(series, open=columns[0], high=columns[1], low=columns[2], close=columns[0])
    with pytest.raises(ModelError, match="one way only"):
        fit(only_up, spec(only_up), workers=1)


def test_one_member_alone_is_an_ensemble_too() -> None:
    found = fit(planted_bars(), quick(), workers=1)
    assert found.model.ensemble.weights == (1.0,)
