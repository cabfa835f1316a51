"""The out-of-sample report: how good the calls of the walk were, with what such numbers are worth."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from engine.domain.interval import from_ms, iso
from engine.domain.target import target
from engine.domain.trial import ALONE, Tried
from engine.features.catalogue import FEATURES
from engine.learning.calls import Calls
from engine.learning.forecast import TrainedModel
from engine.learning.kernels.compiled import Column
from engine.learning.members.roster import recipe
from engine.learning.record import Standing
from engine.learning.skill import Skill
from engine.learning.voice import Voice
from engine.learning.volatility import MEAN_TO_DEVIATION
from engine.statistics import scores
from engine.training.answers import Answers
from engine.training.material import Material
from engine.training.spec import TrainingSpec
from engine.training.validation import validation
from engine.training.walk import Walk

LEAK_MARGIN = 0.10
"""Nobody is right so much more often than by giving always the likelier answer; more means that the future got into
the features."""

_IMPORTANCE_ROWS = 1_500
_RELIABILITY_BINS = 10

Row = dict[str, object]


def report(
    material: Material, walk: Walk, answers: Answers, model: TrainedModel, *, last_fold: Voice, spec: TrainingSpec,
    tried: Tried = ALONE,
) -> Mapping[str, object]:  # fmt: skip
    """JSON values: `out_of_sample` as the command line prints it, then what the screens draw."""
    p, up = answers.said, answers.up
    overall, base = _out_of_sample(answers, spec), float(np.mean(up))
    warnings = suspicions(overall, spec, base)
    standing = model.at_training()
    return {
        "target": target(spec.barrier).value,
        "out_of_sample": overall,
        "n_independent": len(p) // spec.horizon,
        "base_rate": base,
        "leak_suspected": spec.real_market and _too_good(overall, spec, base),
        "warnings": warnings,
        "members": _members(walk, material.up[walk.rows], model),
        "weights": _weights(walk),
        "calibrator": {"a": standing.calibrator.a, "b": standing.calibrator.b},
        "skill": _skill(standing.skill),
        "reliability": _reliability(p, up, spec.horizon),
        **_strength(answers, standing, spec.horizon),
        "folds": _folds(answers),
        "months": _months(answers),
        "importance": _importance(material, answers, model, last_fold, spec.seed),
        "validation": validation(material, walk, answers, spec, tried),
        "size_skill": _size_skill(material, answers, model),
    }


def _strength(answers: Answers, standing: Standing, horizon: int) -> Row:
    """How often calls came true by their confidence, weakest first: all, or BUYs and SELLs apart where the target is a
    trade, whose chance is no coin's."""
    p, up = standing.calibrated(answers.raw)[:, 0], answers.up > 0.5
    if answers.vote is None:
        return {"strength": _bands(Calls.of(p, (answers.said >= 0.5) == up, horizon))}
    buys = answers.vote > 0.5
    return {
        "strength": _bands(Calls.by(p[buys], up[buys], horizon)),
        "strength_of_sells": _bands(Calls.by(1.0 - p[~buys], ~up[~buys], horizon)),
    }


def _bands(calls: Calls) -> list[dict[str, float | int]]:
    return [band.as_json() for band in calls.bands()]


def _out_of_sample(answers: Answers, spec: TrainingSpec) -> Row:
    p, up, base = answers.said, answers.up, answers.base
    claim = np.abs(p - 0.5) if answers.vote is None else p
    strongest = np.argsort(claim, kind="stable")[-max(1, len(p) // 10) :]
    best = scores.accuracy(p[strongest], up[strongest]) if answers.vote is None else float(up[strongest].mean())
    found: Row = {
        "n": len(p),
        "accuracy": scores.accuracy(p, up),
        "auc": scores.auc(p, up),
        "brier": scores.brier(p, up),
        "log_loss": scores.log_loss(p, up),
        "log_loss_skill": scores.log_loss_skill(p, up, base),
        "ece": scores.ece(p, up),
        "ece_noise_q95": scores.ece_noise_q95(p, seed=spec.seed, overlap=spec.horizon),
        "top_decile_accuracy": best,
        **_of_buys(answers),
    }
    return {name: None if isinstance(v, float) and math.isnan(v) else v for name, v in found.items()}


def _of_buys(answers: Answers) -> Row:
    """Where the target is a trade: how many buys were called, and how many of them, and of all bars, paid."""
    if answers.vote is None:
        return {}
    buys = answers.vote > 0.5
    paid = float(answers.up[buys].mean()) if buys.any() else math.nan
    return {"base_rate": float(answers.up.mean()), "n_buys": int(buys.sum()), "buys_paid": paid}


def _leak_limit(base: float) -> float:
    """Saying always what is likelier is right more often than a coin: where costs decide whether a buy paid, and where
    coarse ticks let price stand still, which is no rise."""
    return LEAK_MARGIN + max(base, 1.0 - base)


def _too_good(overall: Mapping[str, object], spec: TrainingSpec, base: float) -> bool:
    """Above the limit, and not by the luck of few independent calls."""
    accuracy, n = overall["accuracy"], overall["n"]
    if not isinstance(accuracy, float) or not isinstance(n, int):
        return False
    limit, noise = _leak_limit(base), 1.96 * 0.5 / math.sqrt(max(1, n // spec.horizon))
    return accuracy > limit and accuracy - noise > limit - LEAK_MARGIN


def suspicions(overall: Mapping[str, object], spec: TrainingSpec, base: float) -> list[str]:
    """What the operator must know before believing the report. `base`: how often what is asked happened."""
    found = []
    if _too_good(overall, spec, base):
        limit = f"{_leak_limit(base):.0%}"
        found.append(
            f"accuracy {overall['accuracy']:.1%} is above {limit}: on a real market that means a leak of the future "
            "into the features; do not trade this model before the leak is found"
            if spec.real_market
            else f"accuracy {overall['accuracy']:.1%} fits a simulated market with a planted edge, no real one"
        )
    skill = overall["log_loss_skill"]
    if isinstance(skill, float) and skill <= 0.0:
        found.append("no skill: the calls say no more than the base rate did out of sample")
    ece, noise = overall["ece"], overall["ece_noise_q95"]
    if isinstance(ece, float) and isinstance(noise, float) and ece > 1.5 * noise:
        found.append(
            f"probabilities were off by {ece:.3f} on average; a perfect forecaster would have stayed under {noise:.3f}"
        )
    return found


def _members(walk: Walk, up: Column, model: TrainedModel) -> list[Row]:
    losses = walk.log_losses(up)
    return [
        {
            "member": name,
            "meaning": recipe(name).meaning,
            "weight": model.ensemble.weights[k],
            "log_loss": losses[name],
            "accuracy": scores.accuracy(walk.votes[:, k], up),
        }
        for k, name in enumerate(walk.names)
    ]


def _weights(walk: Walk) -> list[Row]:
    """The ways of weighing the members that were compared; `p_value` against equal shares."""
    return [
        {
            "scheme": one.name, "chosen": one.chosen, "log_loss": one.log_loss, "ece": one.ece, "p_value": one.p_value,
            "weights": dict(one.weights),
        }
        for one in walk.schemes
    ]  # fmt: skip


def _skill(skill: Skill) -> Row:
    """The gate when training ended; it moves on with the calls that mature."""
    return {
        "gate": skill.gate.value, "gain": skill.gain, "low": skill.low, "high": skill.high, "n": skill.n,
        "n_independent": skill.n_independent, "words": skill.words,
    }  # fmt: skip


def _reliability(p: Column, up: Column, horizon: int) -> list[Row]:
    """Stated chance against how often it rose, in bins of equal mass; the interval counts overlapping calls once."""
    order = np.argsort(p, kind="stable")
    rows: list[Row] = []
    for part in np.array_split(order, min(_RELIABILITY_BINS, len(order))):
        share, independent = float(np.mean(up[part])), max(1, len(part) // horizon)
        width = 1.96 * math.sqrt(max(share * (1 - share), 0.25 / independent) / independent)
        rows.append({"stated": float(np.mean(p[part])), "came_true": share, "n": len(part), "plus_minus": width})
    return rows


def _folds(answers: Answers) -> list[Row]:
    rows: list[Row] = []
    for k in np.unique(answers.fold):
        here = answers.fold == k
        close, p, up = answers.close_ms[here], answers.said[here], answers.up[here]
        rows.append(
            {
                "from": iso(from_ms(int(close[0]))),
                "to": iso(from_ms(int(close[-1]))),
                "n": int(here.sum()),
                "accuracy": scores.accuracy(p, up),
                "log_loss_skill": scores.log_loss_skill(p, up, answers.base[here]),
            }
        )
    return rows


def _months(answers: Answers) -> list[Row]:
    months = answers.close_ms.astype("datetime64[ms]").astype("datetime64[M]")
    rows: list[Row] = []
    for month in np.unique(months):
        here = months == month
        accuracy = scores.accuracy(answers.said[here], answers.up[here])
        rows.append({"month": str(month), "n": int(here.sum()), "accuracy": accuracy})
    return rows


def _importance(material: Material, answers: Answers, model: TrainedModel, last_fold: Voice, seed: int) -> list[Row]:
    """Permutation importance on the last fold, unseen by its members: the log-loss that shuffling a feature costs."""
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(answers.fold == answers.fold[-1])
    rows = np.sort(rng.choice(rows, size=min(_IMPORTANCE_ROWS, len(rows)), replace=False))
    x, up = material.x[answers.rows[rows]], answers.up[rows]

    def loss(of: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
        return scores.log_loss(calibrator.apply(last_fold.answers(of)[1])[:, 0], up)

    calibrator = model.at_training().calibrator
    whole = loss(x)
    found: list[Row] = []
    for k, feature in enumerate(FEATURES):
        shuffled = x.copy()
        shuffled[:, k] = rng.permutation(shuffled[:, k])
        found.append({"feature": feature.name, "family": feature.family, "log_loss_increase": loss(shuffled) - whole})
    return sorted(found, key=lambda row: -float(str(row["log_loss_increase"])))


def _size_skill(material: Material, answers: Answers, model: TrainedModel) -> float:
    """Share of the squared error of 0.75 x volatility that the size model saves, on the walk's rows (it saw them)."""
    rows = answers.rows
    size, deviation = np.abs(answers.log_return), material.deviation[rows]
    mine = np.mean((size - model.size.expected_move(material.x[rows], deviation)) ** 2)
    plain = np.mean((size - MEAN_TO_DEVIATION * deviation) ** 2)
    return float(1 - mine / plain) if plain > 0 else 0.0
