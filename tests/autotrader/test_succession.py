"""Who leads: by the operator with words, by evidence; a sleeve keeps its position and its stop, a refusal changes
nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.autotrader.succession import UNDER_WAY
from engine.commands.models import TRAINING
from engine.domain.command import CommandKind, CommandState
from engine.domain.drift import Care, DriftAction, DriftKind, care_setting
from engine.domain.model import Stage
from engine.strategy.strategy import ModelStrategy
from tests.autotrader.modelled import OTHER, add, live, modelled
from tests.autotrader.town import ACCOUNT, Killed, Town

K, S = CommandKind, CommandState


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A champion that trades."""
    one = modelled(tmp_path)
    yield one
    one.close()


def promote(town: Town, version_id: str, words: str = "it sleeps better") -> str:
    answered = town.ask(K.PROMOTE, {"version_id": version_id, "words": words})
    assert answered.state is S.DONE, answered.message
    return answered.message


def leader(town: Town) -> str:
    [seat] = [s for s in town.session.trader.seats if isinstance(s.strategy, ModelStrategy)]
    assert isinstance(seat.strategy, ModelStrategy)
    return seat.strategy.version_id


def test_a_promotion_is_recorded_with_who_and_why(town: Town) -> None:
    add(town, 2, OTHER)
    assert promote(town, "m1.2") == (
        "Morning v2 is the champion now, in place of v1. 1 sleeve went over, with position and stop."
    )
    newest = town.stores.models.promotions("m1")[0]
    assert (newest.version_id, newest.promoted_by, newest.words, newest.replaced_id) == (
        "m1.2", "tester", "it sleeps better", "m1.1",
    )  # fmt: skip
    assert any("v2 is the champion now" in a.text for a in town.stores.reads.alerts())


def test_the_next_close_is_decided_by_the_new_champion(town: Town) -> None:
    add(town, 2, OTHER)
    live(town, 1)
    promote(town, "m1.2")
    assert leader(town) == "m1.2"
    live(town, 1)
    newest = town.ledger.decisions(ACCOUNT)[-1].prediction
    assert newest == town.stores.models.predictions("m1.2")[0]


def test_an_open_position_keeps_its_stop_and_its_sleeve(town: Town) -> None:
    add(town, 2, OTHER)
    town.ask(K.RETIRE_SLEEVE, {
        "sleeve_id": town.ledger.sleeves(ACCOUNT)[0].sleeve_id, "position": "inherit", "successor": "rule:buy_hold",
    })  # fmt: skip
    live(town, 1)
    [before] = town.positions()
    town.ask(K.RETIRE_SLEEVE, {"sleeve_id": before.sleeve_id, "position": "inherit", "successor": "model:m1.1"})
    orders = {o.client_id: o.status for o in town.orders()}
    promote(town, "m1.2")
    assert town.positions() == [before]
    assert before.stop_price is not None
    assert {o.client_id: o.status for o in town.orders()} == orders
    town.enter()  # and after a restart
    assert leader(town) == "m1.2"


def test_a_roll_back_is_the_promotion_of_the_one_before(town: Town) -> None:
    add(town, 2, OTHER)
    promote(town, "m1.2")
    promote(town, "m1.1", "rolled back from v2")
    assert leader(town) == "m1.1"
    assert [p.words for p in town.stores.models.promotions("m1")] == ["rolled back from v2", "it sleeps better", None]
    assert town.stores.models.version("m1.2").stage is Stage.RETIRED


def test_a_sleeve_that_names_the_model_follows_its_champion(town: Town) -> None:
    sleeve = town.ledger.sleeves(ACCOUNT)[0]
    town.ask(K.RETIRE_SLEEVE, {"sleeve_id": sleeve.sleeve_id, "position": "inherit", "successor": "model:Morning"})
    add(town, 2, OTHER)
    promote(town, "m1.2")
    assert town.ledger.sleeves(ACCOUNT)[0].strategy == "model:Morning"
    assert leader(town) == "m1.2"


@pytest.mark.parametrize(
    ("payload", "why"),
    [({"version_id": "m1.2", "words": "x"}, "suspected of a leak"), ({"version_id": "m1.1", "words": "x"}, "already"),
     ({"version_id": "m1.9", "words": "x"}, "no model"), ({"version_id": "m1", "words": "x"}, "MODEL.NUMBER"),
     ({"version_id": "m1.3", "words": "  "}, "words is missing"), ({"version_id": "m1.3", "words": "x"}, "altered")],
)  # fmt: skip
def test_what_must_not_lead_is_refused_and_the_champion_stays(town: Town, payload: dict[str, str], why: str) -> None:
    add(town, 2, OTHER, leak=True)
    version = add(town, 3, OTHER, n=4_400)
    (town.stores.settings.models_folder / version.artefact_path).write_bytes(b"something else")
    refused = town.ask(K.PROMOTE, payload)
    assert (refused.state, why in refused.message) == (S.REFUSED, True), refused.message
    assert town.stores.models.version("m1").version_id == "m1.1"
    assert leader(town) == "m1.1"
    assert len(town.stores.models.promotions("m1")) == 1


def test_a_refit_that_was_checked_against_another_champion_does_not_take_over(town: Town) -> None:
    add(town, 2, OTHER)
    refit = add(town, 3, n=4_400, parent_id="m1.1")
    promote(town, "m1.2")  # while the training's wish waits
    wanted = {"version_id": refit.version_id, "words": "a refit that passed all 5 checks"}
    refused = town.ask(K.PROMOTE, wanted, asked_by=TRAINING)
    why = "v3 does not take over: it was checked against m1.1, and m1.2 leads by now. Train again, or promote"
    assert (refused.state, why in refused.message) == (S.REFUSED, True), refused.message
    assert any(why in alert.text for alert in town.stores.reads.alerts())
    assert leader(town) == "m1.2"
    promote(town, "m1.1", "rolled back from v2")
    assert town.ask(K.PROMOTE, wanted, asked_by=TRAINING).state is S.DONE
    assert leader(town) == "m1.3"


def test_by_hand_any_refit_may_lead(town: Town) -> None:
    add(town, 2, OTHER)
    add(town, 3, n=4_400, parent_id="m1.1")
    promote(town, "m1.2")
    promote(town, "m1.3")
    assert leader(town) == "m1.3"


def test_a_handing_over_that_was_cut_short_is_finished_at_the_next_start(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(town, 2, OTHER)

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(town.ledger, "put_sleeve", killed)
        with pytest.raises(Killed):
            promote(town, "m1.2")
    assert town.ledger.sleeves(ACCOUNT)[0].strategy == "model:m1.1"
    town.enter()
    town.engine.settle()
    assert leader(town) == "m1.2"
    assert town.board.setting(UNDER_WAY) is None
    assert [s.strategy for s in town.ledger.sleeves(ACCOUNT)] == ["model:m1.2"]


def test_care_is_stored_and_read_back(town: Town) -> None:
    answered = town.ask(
        K.SET_CARE, {"model_id": "m1", "actions": {"skill": "stand_down", "features": "tell"}, "retrain_days": 7}
    )
    assert answered.state is S.DONE, answered.message
    assert Care.from_mapping(town.board.setting(care_setting("m1"))) == Care(
        actions={DriftKind.SKILL: DriftAction.STAND_DOWN, DriftKind.FEATURES: DriftAction.TELL}, retrain_days=7
    )
    for payload in ({"actions": {"mood": "tell"}}, {"actions": {"skill": "sing"}}, {"retrain_days": 1000}):
        assert town.ask(K.SET_CARE, {"model_id": "m1", **payload}).state is S.REFUSED
    assert Care.from_mapping(None).action(DriftKind.SKILL) is DriftAction.TELL


@pytest.mark.parametrize("strategy", ["model:m1.2", "model:m1.1"])
def test_a_version_that_is_suspected_of_a_leak_trades_nothing(town: Town, strategy: str) -> None:
    add(town, 2, leak=strategy == "model:m1.2")
    wanted = {"strategy": strategy, "symbol": "ETHUSDT", "interval": "1h"}
    answered = town.ask(K.START_SLEEVE, wanted)
    assert ("suspected of a leak of the future" in answered.message) == (strategy == "model:m1.2"), answered.message
