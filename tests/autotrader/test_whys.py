"""Reasons are worked out for the decisions of the newest close, and only when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import nan

from engine.autotrader.whys import Whys
from engine.domain.decision import GateOutcome
from engine.domain.signal import Contributions, Why
from engine.strategy.calls import BUY, Call
from engine.strategy.decide import SleeveView
from tests.builders import instrument
from tests.contracts.wall import a_decision

NO_HALT = GateOutcome(name="halted", passed=True, detail="no halt, no pause")


def view(sleeve_id: str, why: Callable[[], Why] | None) -> SleeveView:
    return SleeveView(
        sleeve_id=sleeve_id, instrument=instrument(), close_ticks=1, call=Call(BUY, nan, nan, nan, nan, nan, nan, 0.0),
        prediction=None, held_lots=0, bars_held=0, horizon=0, fresh=True, why=why,
    )  # fmt: skip


def test_each_decision_gets_the_reasons_of_its_own_sleeve() -> None:
    asked: list[str] = []

    def why(name: str) -> Callable[[], Why]:
        def because() -> Why:
            asked.append(name)
            return Why(reasons=(f"because of {name}",), contributions=Contributions(usual=0.5, pushes={name: 0.1}))

        return because

    whys = Whys()
    whys.keep([view("s1", why("one")), view("s2", why("two")), view("rule", None)])
    assert not asked, "nothing is worked out before somebody has time"
    first, second, rule = a_decision(sleeve_id="s1"), a_decision(sleeve_id="s2"), a_decision(sleeve_id="rule")
    found = whys.explained([first, second, rule, replace(first, prediction=None)])
    assert [d.prediction and d.prediction.reasons for d in found[:2]] == [("because of one",), ("because of two",)]
    made = [d.prediction.contributions for d in found[:2] if d.prediction]
    assert [one and dict(one.pushes) for one in made] == [{"one": 0.1}, {"two": 0.1}]
    assert found[2] is rule
    assert found[3].prediction is None
    whys.keep([])
    assert whys.explained([first]) == [first], "an earlier close's reasons are no longer known"


def test_gates_get_their_words_and_keep_what_came_in_between() -> None:
    asked: list[str] = []

    def words() -> tuple[GateOutcome, ...]:
        asked.append("s1")
        return (GateOutcome(name="signal", passed=True, detail="the call is BUY"), NO_HALT)

    whys = Whys()
    whys.keep([])
    whys.words["s1"] = words
    bare = tuple(GateOutcome(name=name, passed=True, detail="") for name in ("signal", "halted"))
    bought = replace(a_decision(sleeve_id="s1"), gates=bare)
    drifted = GateOutcome(name="drift", passed=True, detail="half its size")
    halted = GateOutcome(name="halted", passed=False, detail="halted by the operator")
    other = a_decision(sleeve_id="s2")
    assert not asked, "nobody's order waits for words"
    found = whys.explained([bought, replace(bought, gates=(*bare, drifted)), replace(bought, gates=(halted,)), other])
    assert [g.detail for g in found[0].gates] == ["the call is BUY", "no halt, no pause"]
    assert found[1].gates[2] == drifted
    assert found[2].gates == (found[0].gates[0], halted)
    assert found[3] is other
