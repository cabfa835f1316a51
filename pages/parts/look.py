"""Dark or light: one choice for the whole console, kept in the database.

Streamlit's own menu would follow the browser until one chooses, and keeps the choice for one page's address only.
"""

from __future__ import annotations

from threading import Lock

import streamlit as st
from streamlit import config

from pages.parts.wiring import console

SETTING = "look"
LOOKS = ("dark", "light")
_LIGHT = {
    "base": "light", "primaryColor": "#2b6cb0", "backgroundColor": "#ffffff", "secondaryBackgroundColor": "#f2f5f8",
    "textColor": "#1b2733", "borderColor": "#d3dbe3",
}  # fmt: skip
_lock = Lock()
_dark: dict[str, object] = {}


def apply_look() -> None:
    """Put the chosen colours in force; a page that was begun in the other ones is drawn anew."""
    wanted = _colours(chosen())
    with _lock:
        changed = [name for name, value in wanted.items() if config.get_option(f"theme.{name}") != value]
        for name in changed:
            config.set_option(f"theme.{name}", wanted[name])
    if changed:
        st.rerun()


def chosen() -> str:
    """The stored choice; dark where there is none."""
    stored = console().board.setting(SETTING)
    return stored if isinstance(stored, str) and stored in LOOKS else LOOKS[0]


def ground() -> str:
    """The chosen look's background, for what floats over the page and must not let it show through."""
    return str(_colours(chosen())["backgroundColor"])


def choose_look() -> None:
    """The choice itself."""
    st.segmented_control("Colours", LOOKS, default=chosen(), required=True, key="look", on_change=_keep,
                         format_func=str.capitalize)  # fmt: skip


def _keep() -> None:
    console().board.put_setting(SETTING, st.session_state["look"], quiet=True)


def _colours(look: str) -> dict[str, object]:
    """The colours of a look; dark ones are what the configuration file says."""
    with _lock:
        if not _dark:
            _dark.update({name: config.get_option(f"theme.{name}") for name in _LIGHT})
    return dict(_LIGHT) if look == "light" else dict(_dark)
