"""Walk-forward: no fold learns from what was not known when it began."""

from __future__ import annotations

import numpy as np
import pytest

from engine.training.folds import everything, walk_forward
from engine.training.material import material
from tests.learning.fits import spec
from tests.learning.markets import walk


@pytest.mark.parametrize("horizon", [1, 24])
@pytest.mark.parametrize("gap", [None, (1_800, 300)])
def test_every_label_that_teaches_was_known_at_the_first_call_judged(horizon: int, gap: tuple[int, int] | None) -> None:
    series = walk(3_000, gap=gap)
    rows = material(series, spec(series, horizon=horizon))
    for fold in walk_forward(rows):
        began = rows.close_ms[fold.judge[0]]
        assert (rows.known_ms[fold.teach] <= began).all()
        # and nothing that was known is thrown away
        assert len(fold.teach) == np.count_nonzero(rows.known_ms[: fold.judge[0]] <= began)


def test_the_purge_is_as_long_as_the_horizon() -> None:
    series = walk(3_000)
    rows = material(series, spec(series, horizon=24))
    for fold in walk_forward(rows):
        assert fold.judge[0] - fold.teach[-1] == 24


def test_the_folds_follow_each_other_to_the_last_row() -> None:
    series = walk(3_000)
    rows = material(series, spec(series))
    folds = walk_forward(rows)
    judged = np.concatenate([fold.judge for fold in folds])
    assert len(folds) == 5
    assert judged.tolist() == list(range(judged[0], len(rows)))
    assert judged[0] == len(rows) // 3
    assert everything(rows).tolist() == list(range(len(rows)))
