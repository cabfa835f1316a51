"""A model's report says what it is worth after everything that was tried on its instrument."""

from __future__ import annotations

from dataclasses import replace

from engine.domain.account import Source
from engine.domain.model import Stage
from engine.domain.trial import TrialKind
from tests.contracts.test_trials import a_trial
from tests.pages.conftest import Open
from tests.pages.reading import assert_calm, figure, words
from tests.pages.scene import Scene


def test_what_was_tried_since_makes_it_look_worse(full: Scene, show: Open) -> None:
    at = show("models")
    assert_calm(at)
    assert "3 recipes were tried on BTCUSDT so far" in words(at), "as its own report knew"
    assert "It takes 3.4 years to tell it from zero; there are 1.0. Trying more makes each look worse." in words(at)
    tried = [replace(a_trial(str(k)), source=Source.SIMULATED) for k in range(1_234)]
    full.database.trials.add(tried)
    assert "1,234 recipes were tried on BTCUSDT so far" in words(show("models"))


def test_unseen_calls_are_shown_as_accounts_beside_the_baselines(full: Scene, show: Open) -> None:
    assert "Not in this version's report: train it anew." in words(show("models"))
    at = [f"2024-0{k}-01T00:00:00Z" for k in range(1, 6)]
    line = {
        "equity": [10_000.0, 10_100.0, 10_050.0, 9_900.0, 10_250.0], "total_return": 0.025, "max_drawdown": 0.02,
        "sharpe": 0.7, "trades": 12, "fees": 31.0, "in_market": 0.1,
    }  # fmt: skip
    names = ("the model", "its calls, no gates", "buy_hold", "random entry, the middle of 20")
    told = {
        "from": at[0], "to": at[-1], "cash": 10_000.0, "cost_bps": 13.0, "calls": 2_880, "at": at,
        "held_by": {"signal": 900, "confidence": 700, "edge": 1_200}, "lines": [line | {"name": n} for n in names],
    }  # fmt: skip
    version = full.models.version("m1.1")
    full.models.add_version(
        replace(version, version_id="m1.9", version=9, stage=Stage.CANDIDATE, content_sha256="c2",
                metrics={**version.metrics, "unseen": told})
    )  # fmt: skip
    full.models.promote("m1.9", full.clock.at, by="the operator")
    page = show("models")
    assert_calm(page)
    assert "2024-01-01 to 2024-05-01, on bars it had never seen: 2,880 calls" in words(page)
    assert "0.13 % a side" in words(page)
    assert "most often: edge (1,200 bars)" in words(page)
    shown = next(frame.value for frame in page.dataframe if "deepest drawdown" in frame.value.columns)
    assert shown["account"].tolist() == list(names)


def test_the_ledger_of_what_was_tried_is_on_the_page(full: Scene, show: Open) -> None:
    at = show("models").segmented_control(key="model_view").set_value("Trials").run()
    assert_calm(at)
    assert "Nothing was scored on BTCUSDT yet" in words(at)
    one = a_trial(source=Source.SIMULATED, name="first light", sharpe=0.1, n_periods=1_000)
    other = a_trial("r2", source=Source.SIMULATED, name="rule:sma_cross", kind=TrialKind.BACKTEST, sharpe=0.01)
    full.database.trials.add([one, replace(one, content_sha256="newer bars"), other])
    at = show("models").segmented_control(key="model_view").set_value("Trials").run()
    assert_calm(at)
    assert "2 recipes tried on BTCUSDT: 1 training in 2 runs, 1 backtest." in words(at)
    shown = next(frame.value for frame in at.dataframe if "deflated" in frame.value.columns)
    assert shown["what"].tolist() == ["rule:sma_cross", "first light"]
    assert shown["runs"].tolist() == [1, 2]
    assert (shown["deflated"] < shown["alone"]).all()


def test_the_model_page_shows_honesty_beside_each_score(full: Scene, show: Open) -> None:
    at = show("models")
    assert figure(at, "Accuracy") == "54.1 %"
    assert "lies within the noise floor of 8,736 calls" in words(at)
    assert "a word of warning" in words(at)
    assert "cd" * 32 in words(at)
