"""Training the same name again: a refit asks to take over and says why it may not, another recipe is a challenger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine import settings
from engine.backtest.walking import Refit, WalkedModel, WalkPlan
from engine.bootstrap import Stores, open_stores
from engine.cli.training import Watched, train
from engine.cli.walking import walk_forward
from engine.commands.requests import Train
from engine.commands.run_options import RunOptions
from engine.domain.command import CommandKind
from engine.domain.errors import ConfigurationError
from engine.domain.interval import Interval
from engine.domain.model import Check, ModelVersion, Origin, Stage
from engine.domain.target import Target, barrier_of
from tests.builders import utc
from tests.sqlite_file import migrated_file

FIRST = Train(
    name="Morning", source="SIMULATED", symbol="ALFAUSDT", interval=Interval.H1, horizon=1, start=utc("2020-01-01"),
    end=utc("2020-05-10"), seed=1, members=("linear",),
)  # fmt: skip
LATER = replace(FIRST, end=utc("2020-05-24"), members=())


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """A home in which the first version was trained."""
    folder = tmp_path_factory.mktemp("lineage")
    migrated_file(folder)
    with open_stores(settings.load({"AAITI_HOME": str(folder)})) as opened:
        learn(opened, FIRST)
        yield opened


def learn(stores: Stores, wanted: Train) -> ModelVersion:
    told = train(stores, wanted, Watched(progress=lambda *_: None, cancelled=lambda: False))
    return stores.models.version(str(told["version_id"]))


def test_the_first_version_leads(stores: Stores) -> None:
    first = stores.models.versions(stores.models.model("Morning").model_id)[-1]
    assert (first.origin, first.parent_id, first.checks, first.stage) == (Origin.FIRST, None, None, Stage.CHAMPION)
    assert first.data_sha256 is not None
    assert len(first.data_sha256) == 64
    assert first.parameters == {"source": "SIMULATED", "horizon": 1, "seed": 1, "members": ["linear"]}


def test_a_refit_that_passes_asks_the_engine_to_promote_it(stores: Stores) -> None:
    refit = learn(stores, LATER)
    assert (refit.origin, refit.members, refit.stage) == (Origin.REFIT, ("linear",), Stage.CANDIDATE)
    assert refit.parent_id == stores.models.version("Morning").version_id
    assert refit.may_take_over, refit.checks
    asked = next(c for c in stores.board.pending() if c.payload["version_id"] == refit.version_id)
    assert (asked.kind, asked.asked_by) == (CommandKind.PROMOTE, "training")
    assert "passed all 5 checks" in str(asked.payload["words"])


def test_a_refit_that_fails_says_why(stores: Stores) -> None:
    refused = learn(stores, replace(LATER, end=FIRST.end))
    assert not refused.may_take_over
    assert [c.name for c in refused.checks or () if not c.passed] == ["newer data"]
    assert not any(c.payload["version_id"] == refused.version_id for c in stores.board.pending())
    assert any("does not take over. newer data: learned from bars" in a.text for a in stores.reads.alerts())


def test_another_recipe_is_a_challenger(stores: Stores) -> None:
    rival = learn(stores, replace(LATER, members=("linear", "polynomial")))
    assert (rival.origin, rival.checks, rival.stage) == (Origin.CHALLENGER, None, Stage.CANDIDATE)
    assert not any(c.payload["version_id"] == rival.version_id for c in stores.board.pending())
    assert any("is a challenger" in a.text for a in stores.reads.alerts())


def test_a_target_is_chosen_once_for_all_versions_of_a_name(stores: Stores) -> None:
    asked = replace(FIRST, name="Dusk", horizon=12, target=Target.BARRIER)
    first = learn(stores, asked)
    assert first.parameters["barrier"] == {"width": 1.5, "cost_ratio": 0.0026}
    refit = learn(stores, replace(asked, end=LATER.end, members=(), target=None))
    assert refit.origin is Origin.REFIT
    assert refit.parameters["barrier"] == first.parameters["barrier"]
    assert [check.name for check in refit.checks or ()] == [
        "newer data", "no leak", "says something", "calibrated", "not inferior",
    ]  # fmt: skip
    with pytest.raises(ConfigurationError, match="'Dusk' has versions with the target barrier"):
        learn(stores, replace(asked, target=Target.DIRECTION))
    with pytest.raises(ConfigurationError, match="'Morning' has versions with the target direction"):
        learn(stores, replace(FIRST, target=Target.BARRIER))
    with pytest.raises(ConfigurationError, match="CoinGecko tells price points"):
        learn(stores, replace(asked, name="Gecko", source="COINGECKO"))


def test_a_backtest_that_retrains_asks_what_the_model_was_asked(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = learn(stores, replace(FIRST, name="Noon", horizon=12, target=Target.BARRIER))
    plans: list[WalkPlan] = []

    def noted(plan: WalkPlan, *_: object, **__: object) -> tuple[WalkedModel, list[Refit]]:
        plans.append(plan)
        return WalkedModel(name="walk", reigns=[]), []

    monkeypatch.setattr("engine.cli.walking.walk_models", noted)
    run = RunOptions(strategy=f"model:{first.version_id}", symbols=("ALFAUSDT",), interval=Interval.H1,
                     source="SIMULATED", start=None, end=None)  # fmt: skip
    walk_forward(stores, run, (utc("2020-05-10"), utc("2020-05-20")), 5, lambda *_: False)
    assert plans[0].spec.barrier == barrier_of(first.parameters) is not None


def test_a_champion_that_cannot_be_read_is_not_replaced_unseen(stores: Stores) -> None:
    champion = stores.models.version("Morning")
    path = stores.settings.models_folder / champion.artefact_path
    kept = path.read_bytes()
    path.write_bytes(b"something else")
    try:
        refit = learn(stores, replace(LATER, end=utc("2020-05-25")))
    finally:
        path.write_bytes(kept)
    [check] = refit.checks or (Check(name="none", passed=True, detail=""),)
    assert (check.name, check.passed) == ("champion", False)
    assert "altered" in check.detail


def test_the_same_bars_have_the_same_hash(stores: Stores) -> None:
    versions = stores.models.versions(stores.models.model("Morning").model_id)
    by_end = {v.trained_to: {w.data_sha256 for w in versions if w.trained_to == v.trained_to} for v in versions}
    assert all(len(hashes) == 1 for hashes in by_end.values())
    assert len({next(iter(hashes)) for hashes in by_end.values()}) == len(by_end)
