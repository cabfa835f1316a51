"""Every training is a trial: counted by what was chosen, and told with its score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from engine.bootstrap import Stores, open_stores
from engine.cli.training import Watched, train
from engine.commands.requests import Train
from engine.domain.account import Source
from engine.domain.interval import Interval
from engine.domain.trial import TrialKind
from engine.queries.tried import worth
from engine.settings import load
from tests.builders import utc
from tests.cli.shell import Shell
from tests.sqlite_file import migrated_file

WANTED = Train(
    name="counted", source="SIMULATED", symbol="BRAVUSDT", interval=Interval.H1, horizon=6, start=utc("2020-01-01"),
    end=utc("2020-04-10"), seed=1, members=("linear",),
)  # fmt: skip


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    """A home where nothing else was tried."""
    monkeypatch.setenv("AAITI_HOME", str(tmp_path))
    migrated_file(tmp_path)
    with open_stores(load()) as opened:
        yield opened


def told(stores: Stores, wanted: Train) -> Mapping[str, object]:
    found = train(stores, wanted, Watched(progress=lambda share, message: None, cancelled=lambda: False))
    validation = found["validation"]
    assert isinstance(validation, Mapping)
    return validation


def test_each_recipe_counts_once_and_makes_the_others_worth_less(shell: Shell, stores: Stores) -> None:
    first = told(stores, WANTED)
    assert first["trials"] == 1
    assert told(stores, replace(WANTED, end=utc("2020-04-12")))["trials"] == 1, "a refit"
    other = told(stores, replace(WANTED, seed=2, name="another seed"))
    assert other["trials"] == 2
    assert str(other["words"]).startswith("2 recipes were tried on BRAVUSDT so far")
    kept = stores.trials.of("BRAVUSDT", Source.SIMULATED)
    assert [trial.name for trial in kept] == ["another seed", "counted", "counted"]
    assert {trial.kind for trial in kept} == {TrialKind.TRAINING}
    assert stores.trials.count("BRAVUSDT", Source.BINANCE) == 0
    one, two = (found["net"] for found in (first, other))
    assert isinstance(one, Mapping)
    assert isinstance(two, Mapping)
    assert one["dsr"] == one["psr"]
    assert two["dsr"] < two["psr"]
    model = stores.models.model("counted")
    now = worth(stores, model, stores.models.versions(model.model_id)[-1])
    assert str(now).startswith("2 recipes were tried on BRAVUSDT so far"), "what came later counts too"
    assert now != first["words"]
    listed = shell.json("trials", "--instrument", "BRAVUSDT")
    assert (listed["recipes"], listed["kinds"]) == (2, {"TRAINING": {"recipes": 2, "runs": 3}})
    assert [(row["name"], row["runs"]) for row in listed["trials"]] == [("another seed", 1), ("counted", 2)]
    assert listed["trials"][0]["deflated"] == pytest.approx(two["dsr"])
    assert "Nothing was scored on CHARUSDT" in shell.run("trials", "--instrument", "CHARUSDT").out
