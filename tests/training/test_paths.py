"""Paths: whole ways through one history, each judged by members that never saw it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.domain.trial import ALONE
from engine.learning.yardstick import figures
from engine.training.fit import fit
from engine.training.material import material
from engine.training.paths import combinations
from engine.training.spec import TrainingSpec
from tests.learning.fits import planted_bars, spec


def wanted(horizon: int = 1) -> TrainingSpec:
    return replace(spec(planted_bars(), horizon=horizon), members=("linear",), paths=True)


def test_five_paths_of_fifteen_splits_scatter_around_the_planted_edge() -> None:
    found = fit(planted_bars(), wanted(), workers=1)
    told = found.report["paths"]
    assert isinstance(told, dict)
    assert (told["n_splits"], told["n_paths"], len(told["net"])) == (15, 5, 5)
    assert len(set(told["gross"])) == 5, "each path has splits of its own"
    assert all(net < gross for net, gross in zip(told["net"], told["gross"], strict=True))
    assert told["net_worst"] == min(told["net"]) <= told["net_median"]
    rows = material(planted_bars(), wanted())
    best = figures(np.maximum(np.expm1(rows.log_return), 0), wanted().interval.bars_per_year, ALONE, 0)
    assert best is not None
    assert 0.0 < np.median(told["gross"]) < best.sharpe
    assert "5 paths" in told["words"]


def test_they_change_nothing_else_and_are_made_only_when_asked_for() -> None:
    plain = fit(planted_bars(), replace(wanted(), paths=False), workers=1)
    asked = fit(planted_bars(), wanted(), workers=1)
    assert plain.report["paths"] is None
    assert asked.content_sha256 == plain.content_sha256
    assert {**asked.report, "paths": None} == plain.report
    assert replace(wanted(), paths=False).recipe_sha256 == wanted().recipe_sha256


@pytest.mark.parametrize("horizon", [1, 48])
def test_no_row_that_teaches_shares_time_with_one_that_is_judged(horizon: int) -> None:
    rows = material(planted_bars(), wanted(horizon))
    for split in combinations(rows, wanted(horizon)):
        inside = np.isin(np.arange(len(rows)), split.judge)
        began, ended = rows.close_ms[inside], rows.known_ms[inside]
        for i in split.teach[:: len(split.teach) // 50]:
            assert not ((began < rows.known_ms[i]) & (ended > rows.close_ms[i])).any()
            after = began[began <= rows.close_ms[i]]
            if len(after):
                assert rows.close_ms[i] - after.max() > 24 * 3_600_000
