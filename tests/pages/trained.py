"""A trained model as a scene has it: its report, its two versions, and calls that vary."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta

from engine.domain.interval import Interval
from engine.domain.model import Model, ModelVersion, Stage
from engine.domain.signal import Prediction, Signal, Vote
from tests.pages.scene import Scene

HOUR = timedelta(hours=1)

METRICS: dict[str, object] = {
    "out_of_sample": {
        "n": 8736, "accuracy": 0.5412, "auc": 0.5527, "brier": 0.2471, "log_loss": 0.6873, "log_loss_skill": 0.0061,
        "ece": 0.0118, "ece_noise_q95": 0.0196, "top_decile_accuracy": 0.5871,
    },
    "n_independent": 364, "base_rate": 0.51, "leak_suspected": False, "warnings": ["a word of warning"],
    "reliability": [
        {"stated": 0.42 + 0.02 * i, "came_true": 0.43 + 0.0195 * i, "n": 600 - 40 * abs(i - 5), "plus_minus": 0.03}
        for i in range(10)
    ],
    "strength": [
        {"confidence_low": i / 20, "confidence_high": (i + 1) / 20, "n": 436, "n_independent": 18, "plus_minus": 0.12,
         "right": 0.5 + 0.004 * i}
        for i in range(20)
    ],
    "importance": [
        {"feature": name, "family": "trend", "log_loss_increase": 0.006 / (i + 1)}
        for i, name in enumerate(["momentum_24", "rsi_14", "macd_hist", "volatility_48", "bollinger_b", "ema_gap"])
    ],
    "members": [
        {"member": name, "meaning": "a straight line", "weight": weight, "log_loss": 0.688, "accuracy": 0.53}
        for name, weight in [("linear", 0.27), ("polynomial", 0.23), ("forest", 0.25), ("boosting", 0.25)]
    ],
    "months": [{"month": f"2024-{i + 1:02d}", "n": 700 + i, "accuracy": 0.54 + 0.02 * math.sin(i)} for i in range(12)],
    "validation": {
        "trials": 3, "net": {
            "n": 364, "sharpe": 0.9, "sharpe_low": -0.6, "sharpe_high": 2.3, "psr": 0.82, "dsr": 0.55,
            "best_by_luck": 0.8, "least_years": 3.4, "years": 1.0, "sharpe_per_period": 0.9 / 365**0.5, "skew": -0.2,
            "kurtosis": 4.1,
        },
    },
    "folds": [{"from": "2024-01-01T00:00:00Z", "to": "2024-06-01T00:00:00Z", "n": 4368, "accuracy": 0.54,
               "log_loss_skill": 0.006}],
}  # fmt: skip


def add_model(scene: Scene, end: datetime) -> None:
    """A model with two versions; the first one is its champion."""
    scene.models.add_model(
        Model(
            model_id="m1", name="first light", symbol="BTCUSDT", interval=Interval.H1, horizon=24, source="SIMULATED",
            created_at=end - 480 * HOUR,
        )
    )  # fmt: skip
    version = ModelVersion(
        version_id="m1.1", model_id="m1", version=1, stage=Stage.CANDIDATE, trained_from=end - 9000 * HOUR,
        trained_to=end - 300 * HOUR, n_bars=8700, seed=1, members=("linear", "polynomial", "forest", "boosting"),
        metrics=METRICS, fit_seconds=21.4, artefact_path="models/m1.1.skops", artefact_sha256="ab" * 32,
        content_sha256="cd" * 32, code_version="0.1.0", created_at=end - 480 * HOUR,
    )  # fmt: skip
    scene.models.add_version(version)
    scene.models.add_version(replace(version, version_id="m1.2", version=2, created_at=end - 20 * HOUR))


def predict(at: datetime, price: float, i: int) -> Prediction:
    """A call that varies with `i`."""
    strength = 0.5 + 0.5 * math.sin(i / 3)
    return Prediction(
        symbol="BTCUSDT",
        horizon=24,
        as_of=at,
        price=price,
        signal=Signal.BUY if i % 5 else Signal.SELL,
        probability=0.51 + 0.05 * strength,
        probability_low=0.49 + 0.05 * strength,
        probability_high=0.53 + 0.05 * strength,
        confidence=strength,
        expected_move=0.012,
        volatility=0.021,
        votes=(
            Vote(member="linear", probability_up=0.55, weight=0.27),
            Vote(member="polynomial", probability_up=0.52, weight=0.23),
            Vote(member="forest", probability_up=0.57, weight=0.25),
            Vote(member="boosting", probability_up=0.49, weight=0.25),
        ),
        reasons=("momentum strong", "RSI 27, oversold", "volatility below its monthly median"),
    )
