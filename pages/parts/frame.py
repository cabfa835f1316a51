"""The frame of a page: its heading, the style sheet, and the guard around everything inside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from pages.parts.access import require_login
from pages.parts.guard import guard
from pages.parts.look import ground

STYLE = Path(__file__).with_name("console.css")


@contextmanager
def page(title: str, lead: str) -> Iterator[None]:
    """Draw the heading, then the page's own content under the guard. Nothing is drawn without a login."""
    require_login()
    with guard(title):
        st.header(title, anchor=False)
        st.caption(lead)
        yield


def style() -> None:
    """The few rules that themes cannot say."""
    st.html(STYLE)
    st.html(f"<style>.st-key-status {{ background: {ground()}; }}</style>")


def section(title: str, note: str = "") -> None:
    """A heading within a page."""
    st.subheader(title, anchor=False)
    if note:
        st.caption(note)


def empty(text: str, page_file: str | None = None, label: str = "", *, key: str = "") -> None:
    """An empty state: what is missing and what to do next, with the way there."""
    with st.container(border=True, key=f"empty_{key}" if key else None):
        st.markdown(f":gray[:material/inbox:] {text}")
        if page_file and st.button(label, key=f"go_{key or page_file}", type="secondary"):
            st.switch_page(Path(__file__).parents[1] / page_file)
