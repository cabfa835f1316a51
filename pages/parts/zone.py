"""The operator's time zone: the one chosen on the System page, else the browser's, else UTC."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from engine.queries.words import moment
from pages.parts.wiring import console

BROWSER = "browser"
"""The stored choice that means: whatever zone the browser is in."""


def zone() -> tzinfo:
    """The zone that times are shown in."""
    chosen = console().board.setting("zone")
    name = chosen if isinstance(chosen, str) and chosen != BROWSER else st.context.timezone
    return named(name) or UTC


def named(name: str | None) -> tzinfo | None:
    """The zone of that name; None where there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def show(at: datetime | None, *, seconds: bool = False) -> str:
    """A moment as text in the operator's zone."""
    return moment(at, zone(), seconds=seconds)
