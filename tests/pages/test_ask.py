"""A click becomes one command's row; its answer comes back."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from engine.domain.command import CommandState
from tests.pages.scene import Scene

ONE_BUTTON = """
from engine.domain.command import CommandKind
from pages.parts.ask import button, show_answer

show_answer()
button("Go", CommandKind.CANCEL_ALL, {}, key="go")
"""


def test_the_row_carries_who_when_and_until(empty: Scene) -> None:
    empty.engine_says("2 orders cancelled.")
    at = AppTest.from_string(ONE_BUTTON).run()
    at.button(key="go").click().run()
    command = empty.last
    assert command.asked_by == "operator"
    assert (command.expires_at - command.asked_at).total_seconds() == 30
    assert command.state_version is None, "a way out of risk is never stale"
    assert [s.value for s in at.success] == ["2 orders cancelled."]
    assert [t.value for t in at.toast] == ["2 orders cancelled."]


def test_a_refusal_stays_on_screen_until_it_is_dismissed(empty: Scene) -> None:
    empty.engine_says("nothing is open", CommandState.REFUSED)
    at = AppTest.from_string(ONE_BUTTON).run()
    at.button(key="go").click().run()
    at.run()
    assert at.warning[0].value == "**Cancel all refused.** nothing is open"
    assert not at.toast, "the toast comes once"
    at.button(key="dismiss_answer").click().run()
    assert not at.warning
