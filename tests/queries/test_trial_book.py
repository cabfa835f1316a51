"""The trial ledger as it is read: recipes with their refits in one row, and what trying more costs the best of them."""

from __future__ import annotations

import pytest

from engine.domain.account import Source
from engine.domain.trial import TrialKind
from engine.queries.trial_book import read_trial_book
from engine.statistics.probabilistic import probabilistic_sharpe
from engine.statistics.track import Track
from tests.contracts.test_trials import a_trial
from tests.fakes.trials import FakeTrials

GOOD = {"sharpe": 0.1, "n_periods": 1_000}


def test_a_refit_is_a_run_of_its_recipe_and_its_newest_score_counts() -> None:
    ledger = FakeTrials()
    ledger.add([a_trial("r1", sharpe=0.9), a_trial("r2"), a_trial("r1", content_sha256="newer bars", **GOOD)])
    book = read_trial_book(ledger, "BTCUSDT", Source.ARCHIVE)
    assert (book.n_recipes, [one.runs for one in book.recipes]) == (2, [2, 1])
    assert book.recipes[0].newest.sharpe == 0.1
    assert book.words.startswith("2 recipes tried on BTCUSDT: 2 trainings in 3 runs.")


def test_trying_more_makes_each_look_worse_and_alone_stays() -> None:
    track = Track(n=1_000, sharpe=0.1, skew=-0.5, kurtosis=4.5)
    before: list[float] = []
    for n in (1, 2, 10, 100):
        ledger = FakeTrials()
        ledger.add([a_trial("best", **GOOD), *(a_trial(f"r{k}", sharpe=0.0) for k in range(n - 1))])
        best = next(one for one in read_trial_book(ledger, "BTCUSDT", Source.BINANCE).recipes if one.newest.sharpe)
        assert best.alone == pytest.approx(probabilistic_sharpe(track))
        assert best.deflated is not None
        before.append(best.deflated)
    assert before[0] == pytest.approx(probabilistic_sharpe(track)), "the only one is not deflated"
    assert before == sorted(before, reverse=True)
    assert before[-1] < before[0] - 0.1


def test_kinds_are_told_apart_and_what_never_varied_is_not_judged() -> None:
    ledger = FakeTrials()
    bare = {"sharpe": None, "skew": None, "kurtosis": None}
    sweep = [a_trial(f"s{k}", kind=TrialKind.SWEEP, **bare) for k in range(3)]
    ledger.add([a_trial(), a_trial("b", kind=TrialKind.BACKTEST, name="rule:sma"), *sweep])
    book = read_trial_book(ledger, "BTCUSDT", Source.BINANCE)
    assert "1 training, 1 backtest, 3 cells of sweeps." in book.words
    assert [one.deflated for one in book.recipes[:3]] == [None, None, None]
    assert "had it been the only one; above the luck of as many with" in book.words


def test_where_nothing_was_tried_it_says_what_to_do() -> None:
    book = read_trial_book(FakeTrials(), "BTCUSDT", Source.BINANCE)
    assert (book.recipes, book.words) == ([], "Nothing was scored on BTCUSDT yet: train a model or run a backtest.")
