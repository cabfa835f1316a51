"""What a version's calls would have earned out of sample, how its members are weighed, how its skill gate stands."""

from __future__ import annotations

import streamlit as st

from engine.domain.model import ModelVersion
from engine.domain.signal import SkillGate
from engine.domain.target import Target
from engine.queries.asked import asked_of
from engine.queries.models import table as report_table
from engine.queries.validation import earned, judged, skill_words
from pages.parts.frame import section
from pages.parts.tables import table
from pages.parts.wiring import console

_GATES = {
    SkillGate.ACTIVE: ("green", "active: live money may be traded"),
    SkillGate.PAPER_ONLY: ("orange", "paper only: not told from {coin} or the base rate"),
    SkillGate.OFF: ("red", "off: worse than {coin} and the base rate, it trades nothing"),
}


def validation(version: ModelVersion) -> None:
    """Earnings with their doubts, then weights and skill."""
    rows = earned(version.metrics)
    long = "long or flat"
    how = long if asked_of(version) is Target.DIRECTION else f"{long} where a called buy is likelier to pay than not"
    section(
        "What trading the calls would have earned",
        f"Out of sample, {how}, one horizon after the other. Deflated: the chance that the true ratio beats what "
        "the best of all trials on this instrument would show by luck.",
    )
    if rows:
        table(
            [
                {"": r.way, "Sharpe a year (95 %)": r.sharpe, "chance above zero": r.chance, "deflated": r.deflated,
                 "needs": r.needs}
                for r in rows
            ],
            key="validation",
            empty="",
        )  # fmt: skip
        st.caption("  \n".join(judged(version.metrics)))
    else:
        st.caption("Not in this version's report.")
    left, right = st.columns(2, gap="medium")
    with left:
        _skill(version)
    with right:
        _weights(version)


def _skill(version: ModelVersion) -> None:
    section("Skill gate")
    newest = console().models.predictions(version.version_id, limit=1)
    if newest and newest[0].skill is not None:
        color, words = _GATES[newest[0].skill]
        coin = "a coin" if asked_of(version) is Target.DIRECTION else "the long run's rate"
        st.badge(words.format(coin=coin), color=color)  # type: ignore[arg-type]
        st.caption(f"As of its newest call. When training ended: {skill_words(version.metrics)}.")
    else:
        st.caption(f"When training ended: {skill_words(version.metrics)}. It moves on with the calls that mature.")


def _weights(version: ModelVersion) -> None:
    section("How votes are weighed", "Equal shares stand until another scheme is better beyond luck (p < 0.05).")
    table(
        [
            {"scheme": row.get("scheme"), "in use": "yes" if row.get("chosen") else "", "log-loss": row.get("log_loss"),
             "p against equal": row.get("p_value")}
            for row in report_table(version.metrics, "weights")
        ],
        key="weights",
        empty="Not in this version's report.",
        formats={"log-loss": "%.5f", "p against equal": "%.3f"},
    )  # fmt: skip
