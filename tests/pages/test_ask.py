"""A click becomes one command's row; its answer comes back."""

from __future__ import annotations

from datetime import timedelta

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


def test_an_answer_that_comes_late_takes_the_place_of_the_silence(empty: Scene) -> None:
    empty.clock.step = timedelta(seconds=1)  # nobody answers: the wait ends by the clock
    at = AppTest.from_string(ONE_BUTTON).run()
    at.button(key="go").click().run()
    assert at.warning[0].value.startswith("**Cancel all not answered.** The engine did not answer")
    empty.board.answer(empty.last.key, CommandState.DONE, "2 orders cancelled.", empty.clock.at)
    at.run()
    assert [s.value for s in at.success] == ["2 orders cancelled."]
    assert not at.warning


A_FORM = """
import streamlit as st
from engine.domain.command import CommandKind
from pages.parts.ask import form_button, show_answer

show_answer()
amount = st.text_input("Amount", key="amount")
form_button("Go", CommandKind.{kind}, {{"amount": amount}}, key="go", disabled=amount == "no")
"""


def typed_as_it_is_clicked(kind: str, text: str) -> AppTest:
    """The browser sends a field's last change together with the click that takes the focus from it."""
    at = AppTest.from_string(A_FORM.format(kind=kind)).run()
    at.text_input(key="amount").input(text)
    return at.button(key="go").click().run()


def test_what_was_typed_last_is_what_is_sent(empty: Scene) -> None:
    empty.engine_says("moved")
    typed_as_it_is_clicked("MOVE_CASH", "500")
    assert empty.last.payload == {"amount": "500"}


def test_an_order_that_nobody_has_seen_as_it_is_now_is_not_sent(empty: Scene) -> None:
    empty.engine_says("bought")
    at = typed_as_it_is_clicked("PLACE_ORDER", "500")
    assert not empty.board.asked
    assert "form changed as you clicked" in at.warning[0].value
    at.button(key="go").click().run()
    assert [c.payload for c in empty.board.asked] == [{"amount": "500"}]


def test_a_form_that_became_impossible_as_it_was_clicked_says_so(empty: Scene) -> None:
    at = typed_as_it_is_clicked("MOVE_CASH", "no")
    assert not empty.board.asked
    assert "cannot be asked for" in at.warning[0].value
