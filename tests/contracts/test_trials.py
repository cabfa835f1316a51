"""The trial ledger: everything that was scored counts once, and nothing is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.domain.account import Source
from engine.domain.errors import ConfigurationError
from engine.domain.interval import Interval
from engine.domain.trial import Trial, TrialKind, hash_of
from engine.ports import Trials
from tests.contracts.wall import NOON, hours

BTC = ("BTCUSDT", Source.BINANCE)


def a_trial(recipe: str = "r1", **changes: Any) -> Trial:
    fields: dict[str, Any] = {
        "symbol": "BTCUSDT", "interval": Interval.H1, "source": Source.BINANCE, "kind": TrialKind.TRAINING,
        "name": "Morning", "recipe_sha256": recipe, "content_sha256": f"bars-{recipe}", "scored_from": hours(-1000),
        "scored_to": NOON, "n_periods": 400, "periods_per_year": 365.0, "sharpe": 0.1 + 0.2, "skew": -0.5,
        "kurtosis": 4.5, "tried_at": hours(1),
    }  # fmt: skip
    return Trial(**fields | changes)


def test_what_was_tried_is_kept_as_it_was_newest_first(trials: Trials) -> None:
    bare = a_trial("r2", sharpe=None, skew=None, kurtosis=None, kind=TrialKind.SWEEP)
    trials.add([a_trial("r1"), bare])
    trials.add([a_trial("r3")])
    assert trials.of(*BTC) == [a_trial("r3"), bare, a_trial("r1")]
    assert trials.of(*BTC, limit=1) == [a_trial("r3")]
    assert trials.count(*BTC) == 3


def test_the_same_content_counts_once_and_stays_as_it_was_first(trials: Trials) -> None:
    trials.add([a_trial(), a_trial(name="again"), a_trial(symbol="ETHUSDT")])
    trials.add([a_trial(sharpe=9.0)])
    assert trials.of(*BTC) == [a_trial()]
    assert trials.of("ETHUSDT", Source.BINANCE) == [a_trial(symbol="ETHUSDT")]


def test_a_refit_of_a_recipe_is_kept_and_is_no_new_trial(trials: Trials) -> None:
    trials.add([a_trial(), a_trial(content_sha256="newer bars", sharpe=0.5)])
    assert len(trials.of(*BTC)) == 2
    assert trials.count(*BTC) == 1
    assert list(trials.ratios(*BTC)) == pytest.approx([0.5 * 365**0.5])


def test_each_kind_is_counted_by_recipes_and_by_runs(trials: Trials) -> None:
    sweep = {"kind": TrialKind.SWEEP}
    trials.add([a_trial(), a_trial(content_sha256="newer bars"), a_trial("r2", **sweep), a_trial("r3", **sweep)])
    assert trials.kinds(*BTC) == {TrialKind.TRAINING: (1, 2), TrialKind.SWEEP: (2, 2)}
    assert trials.kinds("ETHUSDT", Source.BINANCE) == {}


def test_real_prices_are_one_market_and_simulated_ones_another(trials: Trials) -> None:
    trials.add([a_trial(), a_trial("r2", source=Source.ARCHIVE), a_trial("r3", source=Source.SIMULATED)])
    assert [trials.count("BTCUSDT", source) for source in (Source.BINANCE, Source.COINGECKO)] == [2, 2]
    assert trials.count("BTCUSDT", Source.SIMULATED) == 1
    assert trials.count("BTCUSDT", Source.TESTNET) == trials.count("DOGEUSDT", Source.BINANCE) == 0


def test_what_is_about_to_be_added_counts_with_what_was(trials: Trials) -> None:
    trials.add([a_trial()])
    assert trials.count(*BTC, including=["r1"]) == 1
    assert trials.count(*BTC, including=["r1", "r2", "r2"]) == 2


def test_a_sweep_is_added_in_one_call(trials: Trials) -> None:
    cells = [a_trial(f"{k:04}", sharpe=k / 1000, periods_per_year=1.0, kind=TrialKind.SWEEP) for k in range(1200)]
    trials.add(cells)
    trials.add(cells)
    assert trials.count(*BTC) == len(trials.of(*BTC)) == 1200
    assert trials.count(*BTC, including=[f"{k:04}" for k in range(600, 1800)]) == 1800
    assert trials.ratios(*BTC) == [k / 1000 for k in range(1200)]


def test_a_batch_is_added_whole_or_not_at_all(trials: Trials) -> None:
    def some() -> Iterator[Trial]:
        yield from (a_trial(str(k)) for k in range(1001))
        raise KeyError("a cell failed")

    with pytest.raises(KeyError):
        trials.add(some())
    assert trials.count(*BTC) == 0


def test_ratios_leave_out_what_never_varied(trials: Trials) -> None:
    trials.add([a_trial("r1", sharpe=None), a_trial("r2", sharpe=0.1, periods_per_year=100.0)])
    assert list(trials.ratios(*BTC)) == pytest.approx([1.0])


def test_a_hash_names_the_choice_and_not_its_order() -> None:
    assert hash_of({"a": 1, "b": (2, 3)}) == hash_of({"b": [2, 3], "a": 1}) != hash_of({"a": 1, "b": (3, 2)})


def test_a_trial_without_a_year_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="Morning"):
        a_trial(periods_per_year=0.0)
