"""Look-ahead and warm-up of a backtest: asked for with one click, told in one line each."""

from __future__ import annotations

import streamlit as st

from engine.domain.command import CommandKind
from engine.queries.models import table
from engine.queries.results import Result
from pages.parts.ask import button


def checks(result: Result) -> None:
    """What the checks found; a button that runs the backtest again with them where they were not made."""
    found = table(result.numbers, "checks")
    for check in found:
        name, words = str(check.get("name", "")).capitalize(), str(check.get("detail"))
        if check.get("passed") is False:
            st.error(f"**{name}**: {words}. Do not believe this run.", icon=":material/gpp_bad:")
        elif check.get("passed") is None:
            st.caption(f":material/help: **{name}** could not be judged: {words}.")
        else:
            st.caption(f":material/verified: **{name}**: {words}.")
    if not found:
        button("Check for look-ahead and warm-up", CommandKind.BACKTEST, {**result.job.request, "checks": True},
               key=f"check_{result.job.job_id}", icon=":material/policy:", type="tertiary",
               help="Runs it again with the future cut off and replaced, and begun later.")  # fmt: skip
