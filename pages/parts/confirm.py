"""Typed confirmation: a word that nobody types by accident."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from engine.domain.command import CommandKind
from pages.parts.ask import draw, send

WORD = "RESET"


def typed(
    label: str, kind: CommandKind, payload: Mapping[str, object], *, key: str, icon: str, word: str = WORD
) -> None:
    """A text field and a button that stays shut until `word` is typed; the engine checks the word again."""
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{key}_box"):
        text = st.text_input(f"Type {word} to confirm", key=f"{key}_word", width=220)
        draw(key)
        st.button(
            label, key=key, icon=icon, disabled=text != word, on_click=_send, args=(key, kind, dict(payload), word)
        )


def _send(key: str, kind: CommandKind, payload: dict[str, object], word: str) -> None:
    if st.session_state.get(f"{key}_word") == word:
        send(key, kind, {**payload, "typed": word})
    st.session_state[f"{key}_word"] = ""
