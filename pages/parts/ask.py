"""Asking the engine: a click becomes a command's row, and the engine's answer comes back to the screen."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from engine.domain.command import Command, CommandKind, CommandState
from engine.domain.errors import AaitiError
from pages.parts.access import asked_by
from pages.parts.wiring import console

EXPIRES_AFTER = timedelta(seconds=30)
ANSWER_WITHIN = timedelta(seconds=3)
SAME_CLICK_WITHIN = timedelta(seconds=2)
GOOD_NEWS_FOR = timedelta(seconds=30)
POLL_SECONDS = 0.1

SILENT = (
    "The engine did not answer: is it running? Start it with make run or python -m engine trade. "
    "If it comes back within 30 seconds it still does what you asked; after that it never will."
)
_STALE_CARE = frozenset(
    {
        CommandKind.PLACE_ORDER, CommandKind.SET_LIMITS, CommandKind.RETIRE_SLEEVE, CommandKind.USE_ACCOUNT,
        CommandKind.RESET_ACCOUNT, CommandKind.ARM,
    }
)  # fmt: skip
"""Commands that are refused when the state moved on since they were drawn. Ways out of risk are never refused so."""


@dataclass(slots=True)
class Draft:
    """A button as it was drawn: its idempotency key, the state version that the operator was looking at, and what a
    form's button would have sent."""

    key: str
    version: int
    used_at: datetime | None = None
    payload: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a click. `key` is its command's."""

    kind: CommandKind
    state: CommandState
    message: str
    at: datetime
    result: Mapping[str, object] | None
    key: str = ""


def button(label: str, kind: CommandKind, payload: Mapping[str, object], *, key: str, **look: Any) -> None:
    """Draw a button that asks the engine for `kind`. However often it is clicked at once, it is one command."""
    st.button(label, key=key, on_click=send, args=(key, kind, dict(payload)), **_remembered(key, look))


def form_button(label: str, kind: CommandKind, payload: Mapping[str, object], *, key: str, **look: Any) -> None:
    """The button of a form. A field's last change may arrive together with the click, so what is sent is read after
    it; what risks money is refused instead, because nobody has seen what the changed form says."""
    st.button(label, key=key, on_click=_note_click, args=(key,), **look)
    before = _drafts().get(key)
    if st.session_state.pop(f"{key}_clicked", False):
        if look.get("disabled"):
            _refuse(kind, "as the form stands now this cannot be asked for; look at it again")
        elif kind in _STALE_CARE and before is not None and before.payload != payload:
            _refuse(kind, "the form changed as you clicked, and nothing was sent; look at it and click again")
        else:
            send(key, kind, payload)
        draw(key).payload = dict(payload)
        st.rerun()
    draw(key).payload = dict(payload)


def _note_click(key: str) -> None:
    st.session_state[f"{key}_clicked"] = True


def _refuse(kind: CommandKind, why: str) -> None:
    _keep(Answer(kind, CommandState.REFUSED, f"{why[0].upper()}{why[1:]}.", console().clock.now(), None))


def send(name: str, kind: CommandKind, payload: Mapping[str, object]) -> None:
    """Ask once for the draft called `name`; a second click at the same moment gets the first one's answer."""
    draft = _drafts().get(name) or draw(name)
    now = console().clock.now()
    if draft.used_at is not None and now - draft.used_at > SAME_CLICK_WITHIN:
        draft.key = uuid.uuid4().hex
    version = draft.version if kind in _STALE_CARE else None
    ask(kind, payload, key=draft.key, state_version=version)
    draft.used_at = console().clock.now()


def draw(name: str) -> Draft:
    """Make or renew the draft called `name`: from now on it is about what the screen shows now."""
    drafts = _drafts()
    version = console().board.state_version()
    draft = drafts.setdefault(name, Draft(key=uuid.uuid4().hex, version=version))
    draft.version = version
    return draft


def ask(
    kind: CommandKind, payload: Mapping[str, object], key: str | None = None, state_version: int | None = None
) -> Answer:
    """Insert the command, wait a moment for the engine's answer, and keep it for the screen."""
    board, now = console().board, console().clock.now()
    name = key or uuid.uuid4().hex
    command = Command(
        key=name, kind=kind, payload=payload, asked_by=asked_by(), asked_at=now, expires_at=now + EXPIRES_AFTER,
        state_version=state_version,
    )  # fmt: skip
    try:
        board.ask(command)
        answer = _await(name, kind)
    except AaitiError as error:
        answer = Answer(kind, CommandState.REFUSED, f"{error}", now, None)
    _keep(answer)
    return answer


def _keep(answer: Answer) -> None:
    st.session_state["answer"] = answer
    st.session_state["answer_fresh"] = True


def take_fresh() -> bool:
    """True once after an answer came."""
    return bool(st.session_state.pop("answer_fresh", False))


def show_answer() -> None:
    """The last answer, until the next one or until it is dismissed: as a message, and at first as a toast."""
    answer: Answer | None = st.session_state.get("answer")
    fresh = take_fresh()
    if answer is None:
        return
    if answer.state is CommandState.DONE and console().clock.now() - answer.at > GOOD_NEWS_FOR:
        _dismiss()
        return
    done = answer.state is CommandState.DONE
    icon = ":material/check_circle:" if done else ":material/block:"
    if fresh:
        st.toast(answer.message, icon=icon)
    with st.container(horizontal=True, vertical_alignment="center", key="answer"):
        (st.success if done else st.warning)(f"{_title(answer)}{answer.message}", icon=icon)
        st.button("Dismiss", key="dismiss_answer", type="tertiary", on_click=_dismiss)
    if answer.state is CommandState.PENDING:
        _watch_for(answer)


@st.fragment(run_every=1.0)
def _watch_for(silent: Answer) -> None:
    """An answer that comes late takes the place of the silence."""
    told = _told(silent.key, silent.kind)
    if told is not None:
        _keep(told)
        st.rerun()


def _title(answer: Answer) -> str:
    words = answer.kind.value.replace("_", " ").capitalize()
    states = {CommandState.REFUSED: "refused", CommandState.EXPIRED: "too late", CommandState.PENDING: "not answered"}
    return f"**{words} {states[answer.state]}.** " if answer.state in states else ""


def _dismiss() -> None:
    st.session_state.pop("answer", None)


def _await(key: str, kind: CommandKind) -> Answer:
    clock = console().clock
    give_up_at = clock.now() + ANSWER_WITHIN
    while True:
        told = _told(key, kind)
        if told is not None:
            return told
        if clock.now() >= give_up_at:
            return Answer(kind, CommandState.PENDING, SILENT, clock.now(), None, key)
        time.sleep(POLL_SECONDS)


def _told(key: str, kind: CommandKind) -> Answer | None:
    """The engine's answer, if it has come."""
    row = console().board.command(key)
    if row is None or row.state is CommandState.PENDING:
        return None
    message = row.message or ("Done." if row.state is CommandState.DONE else "The engine gave no reason.")
    return Answer(kind, row.state, message, row.answered_at or console().clock.now(), row.result, key)


def _drafts() -> dict[str, Draft]:
    drafts: dict[str, Draft] = st.session_state.setdefault("drafts", {})
    return drafts


def _remembered(key: str, look: dict[str, Any]) -> dict[str, Any]:
    """Renew the draft as its button is drawn."""
    draw(key)
    return look
