"""Network member: one hidden layer of 16 tanh units, strongly regularised, stopped where the newest rows got no better.

How many epochs is decided on the newest sixth of the rows, purged of what overlaps with the rest; then all rows are
learned for so many. scikit-learn's own early stopping would validate on rows drawn at random, which overlap in time
with the ones that teach.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.kernels.linear import sigmoid_rows, standard_rows
from engine.learning.kernels.network import network_rows
from engine.learning.members.member import Arrays, Lesson, Member, Recipe, Scaler

if TYPE_CHECKING:
    from sklearn.neural_network import MLPClassifier

NAME = "network"
_HIDDEN = 16
_BATCH = 512
_STEPS = 400
"""Batches at most: 12 epochs of 17,500 rows."""

_JUDGE = 1 / 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Logit = bias + out . tanh(inner_bias + inner . standardised features)."""

    mean: Column
    scale: Column
    inner: Matrix
    inner_bias: Column
    out: Column
    bias: float
    name: str = NAME

    def probability_up(self, x: Matrix) -> Column:
        """Sigmoid of the logit per row."""
        return sigmoid_rows(
            network_rows(x, (self.mean, self.scale), self.inner, (self.inner_bias, self.out, self.bias))
        )  # fmt: skip

    def arrays(self) -> Arrays:
        """Moments and both layers."""
        return {
            "mean": self.mean, "scale": self.scale, "inner": self.inner, "inner_bias": self.inner_bias,
            "out": self.out, "bias": np.array([self.bias]),
        }  # fmt: skip


def classifier(seed: int) -> MLPClassifier:
    """The settings. The penalty is per batch of 512 rows, as scikit-learn divides it by them."""
    from sklearn.neural_network import MLPClassifier  # only training pays for this import

    return MLPClassifier(
        hidden_layer_sizes=(_HIDDEN,), activation="tanh", alpha=20.0, batch_size=_BATCH, learning_rate_init=0.002,
        random_state=seed,
    )  # fmt: skip


def flattened(model: MLPClassifier, scaler: Scaler) -> Network:
    """The fitted layers as arrays."""
    inner, out = model.coefs_
    return Network(
        mean=scaler.mean,
        scale=scaler.scale,
        inner=np.ascontiguousarray(inner.T, dtype=np.float64),
        inner_bias=np.ascontiguousarray(model.intercepts_[0], dtype=np.float64),
        out=np.ascontiguousarray(out[:, 0], dtype=np.float64),
        bias=float(model.intercepts_[1][0]),
    )


def fit(lesson: Lesson) -> Member:
    """Fit for as many epochs as the newest rows, learned from the older ones, asked for."""
    scaler = Scaler.of(lesson.x, lesson.weight)
    z = standard_rows(lesson.x, scaler.mean, scaler.scale)
    return flattened(_taught(lesson, z, slice(None), epochs(lesson, z)), scaler)


def epochs(lesson: Lesson, z: Matrix) -> int:
    """Epochs after which the newest rows' log-loss was least; given up where a quarter of the most brought nothing."""
    cut = int(len(z) * (1 - _JUDGE))
    teach = slice(0, max(_BATCH // 4, cut - lesson.overlap))
    if len(set(lesson.y[teach])) < 2:
        return 1
    model = classifier(lesson.seed)
    best, least, judged = 1, np.inf, lesson.weight[cut:]
    most = max(4, _STEPS * _BATCH // len(z))
    for epoch in range(1, most + 1):
        _one_epoch(model, lesson, z, teach)
        p = np.clip(model.predict_proba(z[cut:])[:, 1], 1e-9, 1 - 1e-9)
        loss = float(-(judged * np.where(lesson.y[cut:] > 0.5, np.log(p), np.log1p(-p))).sum())
        if loss < least:
            best, least = epoch, loss
        elif 4 * (epoch - best) >= most:
            break
    return best


def _taught(lesson: Lesson, z: Matrix, rows: slice, n: int) -> MLPClassifier:
    model = classifier(lesson.seed)
    for _ in range(n):
        _one_epoch(model, lesson, z, rows)
    return model


def _one_epoch(model: MLPClassifier, lesson: Lesson, z: Matrix, rows: slice) -> None:
    """Overlapping rows share one row's weight: they move the network as little as one would."""
    weight = lesson.weight[rows] / lesson.overlap
    model.partial_fit(z[rows], lesson.y[rows], sample_weight=weight, classes=[0.0, 1.0])


def restore(arrays: Arrays) -> Member:
    """The member those arrays came from."""
    return Network(
        mean=arrays["mean"], scale=arrays["scale"], inner=np.ascontiguousarray(arrays["inner"]),
        inner_bias=arrays["inner_bias"], out=arrays["out"], bias=float(arrays["bias"][0]),
    )  # fmt: skip


RECIPE = Recipe(name=NAME, meaning="small neural network", cost=1.5, fit=fit, restore=restore)
