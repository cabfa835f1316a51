"""The system page: zone, colours, and the word that resets a halt."""

from __future__ import annotations

from streamlit import config

from engine.domain.command import CommandKind
from tests.pages.conftest import Open
from tests.pages.reading import words
from tests.pages.scene import Scene


def test_times_are_shown_in_the_chosen_zone(full: Scene, show: Open) -> None:
    at = show("system")
    at.selectbox(key="zone").set_value("Asia/Tokyo").run()
    assert "2025-04-01 21:00:20 JST" in words(at)


def test_a_halt_is_reset_by_a_typed_word(full: Scene, show: Open) -> None:
    full.engine_says("1 halt reset.")
    at = show("overview")
    at.button(key="halt").click().run()
    at = show("system")
    at.text_input(key="reset_halt_word").set_value("RESET").run()
    at.button(key="reset_halt").click().run()
    assert (full.last.kind, full.last.payload) == (CommandKind.RESET_HALT, {"typed": "RESET"})


def test_light_colours_are_kept_and_dark_is_the_default(full: Scene, show: Open) -> None:
    before = {name: config.get_option(f"theme.{name}") for name in ("base", "backgroundColor")}
    at = show("system")
    assert at.segmented_control(key="look").value == "dark"
    version = full.board.state_version()
    at.segmented_control(key="look").set_value("light").run()
    assert (config.get_option("theme.base"), full.board.setting("look")) == ("light", "light")
    assert full.board.state_version() == version, "a ticket in another tab is not stale for that"
    at.segmented_control(key="look").set_value("dark").run()
    assert {name: config.get_option(f"theme.{name}") for name in before} == before
