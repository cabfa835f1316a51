"""The auto-trading page: what held the bars, the switch, the limits, and how a sleeve ends."""

from __future__ import annotations

from engine.domain.command import CommandKind
from tests.pages.conftest import Open
from tests.pages.full import SLEEVE
from tests.pages.reading import figure, words
from tests.pages.scene import Scene


def test_the_gates_are_counted_and_missed_bars_shown(full: Scene, show: Open) -> None:
    at = show("autotrader")
    assert figure(at, "Bars decided") == "120"
    assert figure(at, "Missed bars") == "2"
    assert "2 missed bars" in words(at)
    assert "The nearest call" in words(at)


def test_switching_off_is_one_click(full: Scene, show: Open) -> None:
    full.engine_says("Auto-trading is off.")
    show("autotrader").button(key="switch").click().run()
    assert full.last.payload == {"on": False}


def test_limits_are_checked_before_they_are_sent(full: Scene, show: Open) -> None:
    full.engine_says("Limits stored.")
    at = show("autotrader")
    at.text_input(key="limit_max_drawdown").set_value("lots")
    at.button(key="limits_store").click().run()
    assert "max_drawdown is 'lots'; write a number such as 0.25" in words(at)
    assert not full.board.asked
    at.text_input(key="limit_max_drawdown").set_value("0.1")
    at.button(key="limits_store").click().run()
    assert full.last.payload["limits"]["max_drawdown"] == "0.1"  # type: ignore[index]


def test_retiring_asks_what_becomes_of_the_position(full: Scene, show: Open) -> None:
    full.engine_says("The sleeve decides no more.")
    at = show("autotrader")
    at.button(key=f"retire_{SLEEVE}").click().run()
    assert "What becomes of that?" in words(at)
    at.radio(key=f"policy_{SLEEVE}").set_value("keep_stop").run()
    at.button(key=f"retire_now_{SLEEVE}").click().run()
    assert full.last.kind is CommandKind.RETIRE_SLEEVE
    assert full.last.payload == {"sleeve_id": SLEEVE, "position": "keep_stop", "successor": None}
