"""The compiled members say what scikit-learn says, to 1e-12."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from engine.learning.members import boosting, forest, linear, network, polynomial
from engine.learning.members.member import Lesson, Scaler
from tests.learning.fits import lesson


def tame() -> Lesson:
    """Rows within the clip of five deviations and of equal weight, as scikit-learn's own pipeline knows no clip."""
    plain = lesson()
    x = np.clip(plain.x, -1.2 * plain.x.std(axis=0), 1.2 * plain.x.std(axis=0))
    return Lesson(x=x, y=plain.y, weight=np.ones(len(x)), seed=7)


def test_the_forest() -> None:
    at = tame()
    theirs = forest.classifier(at.seed).fit(at.x, at.y)
    mine = forest.flattened(theirs).probability_up(at.x)
    np.testing.assert_allclose(mine, theirs.predict_proba(at.x)[:, 1], rtol=0, atol=1e-12)


def test_the_boosting() -> None:
    at = tame()
    theirs = boosting.classifier(at.seed).fit(at.x, at.y)
    mine = boosting.flattened(theirs).probability_up(at.x)
    np.testing.assert_allclose(mine, theirs.predict_proba(at.x)[:, 1], rtol=0, atol=1e-12)


def test_the_linear() -> None:
    at = tame()
    theirs = make_pipeline(StandardScaler(), LogisticRegression(C=0.005, max_iter=300, tol=1e-6)).fit(at.x, at.y)
    mine = linear.fit(at)
    assert isinstance(mine, linear.Linear)
    by_hand = 1 / (1 + np.exp(-((at.x - mine.mean) / mine.scale @ mine.weights + mine.bias)))
    np.testing.assert_allclose(mine.probability_up(at.x), by_hand, rtol=0, atol=1e-12)
    np.testing.assert_allclose(mine.probability_up(at.x), theirs.predict_proba(at.x)[:, 1], rtol=0, atol=1e-5)


def test_the_polynomial() -> None:
    at = tame()
    mine = polynomial.fit(at)
    assert isinstance(mine, polynomial.Polynomial)
    scaled = (at.x - mine.mean) / mine.scale
    pca = PCA(n_components=10, svd_solver="covariance_eigh").fit(scaled)
    terms = PolynomialFeatures(2, include_bias=False).fit_transform(pca.transform(scaled))
    standard = np.clip((terms - mine.term_mean) / mine.term_scale, -5, 5)
    by_hand = 1 / (1 + np.exp(-(standard @ mine.weights + mine.bias)))
    np.testing.assert_allclose(mine.probability_up(at.x), by_hand, rtol=0, atol=1e-12)


def test_the_network() -> None:
    at = tame()
    scaler = Scaler.of(at.x, at.weight)
    z = (at.x - scaler.mean) / scaler.scale
    theirs = network.classifier(at.seed)
    for _ in range(3):
        theirs.partial_fit(z, at.y, classes=[0.0, 1.0])
    mine = network.flattened(theirs, scaler).probability_up(at.x)
    np.testing.assert_allclose(mine, theirs.predict_proba(z)[:, 1], rtol=0, atol=1e-12)


def test_the_network_stops_where_the_newest_rows_got_no_better() -> None:
    """It goes on where a coin is to be forgotten, and stops before the end where a cause was found."""
    at = tame()
    z = (at.x - at.x.mean(axis=0)) / at.x.std(axis=0)
    coin = replace(at, y=np.random.default_rng(3).integers(0, 2, len(at.y)).astype(np.float64))
    assert 1 < network.epochs(at, z) < network.epochs(coin, z)
    assert network.fit(coin).probability_up(at.x).std() < 0.5 * network.fit(at).probability_up(at.x).std()
    one_way = replace(at, y=np.concatenate([np.zeros(2_500), at.y[2_500:]]))
    assert network.epochs(one_way, z) == 1, "one class alone teaches nothing"
