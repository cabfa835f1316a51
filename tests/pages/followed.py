"""A scene whose model was followed: live calls that matured, a challenger in shadow, a promotion with words."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

from engine.domain.drift import Drift, DriftKind
from engine.domain.model import Check, Origin, Stage
from engine.domain.outcome import Outcome
from engine.domain.target import Barrier
from engine.queries.models import scores
from tests.builders import utc
from tests.pages.scene import Scene
from tests.pages.trained import METRICS, predict

HOUR = timedelta(hours=1)
N = 2_400
MONDAY = utc("2025-03-24")


def follow(scene: Scene, n: int = N) -> None:
    """Store n calls of champion and challenger from the champion's training on; the last day has not matured."""
    champion, rival = scene.models.version("m1.1"), scene.models.version("m1.2")
    dice = random.Random(5)
    moments = [champion.trained_to + i * HOUR for i in range(n)]
    outcomes = []
    calls: dict[str, list[object]] = {}
    for i, at in enumerate(moments):
        call = predict(at, 60_000.0, i)
        right = dice.random() < call.probability
        rises = right == (call.signal.value == "BUY")
        for version in (champion, rival):
            calls.setdefault(version.version_id, []).append(call)
            outcomes.append(
                Outcome(
                    version_id=version.version_id, symbol="BTCUSDT", as_of=at, matured_at=at + 24 * HOUR,
                    realised=0.01 if rises else -0.01,
                )
            )  # fmt: skip
    for version_id, told in calls.items():
        scene.models.save_predictions(version_id, told)  # type: ignore[arg-type]
    last = moments[-24]
    scene.models.follow({}, [o for o in outcomes if o.as_of < last])


def refuse(scene: Scene) -> None:
    """A refit that failed a check, and one whose scores are too good."""
    base = scene.models.version("m1.2")
    checks = (
        Check(name="newer data", passed=True, detail="a week more"),
        Check(name="not inferior", passed=False, detail="Brier score +2.00 thousandths"),
    )
    refit = replace(
        base, version_id="m1.3", version=3, origin=Origin.REFIT, parent_id="m1.1", checks=checks, data_sha256="12" * 32,
        stage=Stage.CANDIDATE, parameters={"seed": 7, "members": ["linear", "forest"]},
    )  # fmt: skip
    scene.models.add_version(refit)
    leaky = {**METRICS, "leak_suspected": True}
    scene.models.add_version(replace(base, version_id="m1.4", version=4, metrics=leaky))


def drift(scene: Scene) -> None:
    """Two Mondays' looks of the champion: calm at first, then its skill has drifted."""
    for week, drifted in enumerate((False, True)):
        at = MONDAY + week * timedelta(days=7)
        scene.models.record_drift(
            Drift(
                version_id="m1.1", at=at, kind=kind, score=None if kind is DriftKind.CALIBRATION else 0.5, limit=0.45,
                drifted=drifted and kind is DriftKind.SKILL, detail=f"what was found of {kind}",
            )
            for kind in DriftKind
        )  # fmt: skip


def ask_for_trades(scene: Scene) -> None:
    """A second model, whose versions say whether a buy pays; it has just called one."""
    first = scene.models.version("m1.1")
    scene.models.add_model(replace(scene.models.model("m1"), model_id="m2", name="dusk"))
    found = {**scores(METRICS), "base_rate": 0.458, "n_buys": 8_704, "buys_paid": 0.471}
    scene.models.add_version(
        replace(
            first, version_id="m2.1", model_id="m2", metrics={**first.metrics, "out_of_sample": found},
            parameters={"barrier": Barrier(cost_ratio=0.0026).as_json()},
        )
    )  # fmt: skip
    scene.models.save_predictions("m2.1", [predict(scene.clock.at, 60_000.0, 1)])
