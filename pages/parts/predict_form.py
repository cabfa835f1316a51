"""Asking a model for one call: now, or at any past bar."""

from __future__ import annotations

import streamlit as st

from engine.domain.command import CommandKind
from engine.domain.errors import ConfigurationError
from engine.domain.interval import iso, parse_time
from engine.domain.job import JobKind
from engine.queries.asked import EVENT, asked_of
from engine.queries.guide import RUNNING
from engine.queries.predictions import PAST, made_of, read_asked
from pages.parts.ask import form_button
from pages.parts.books import check_list
from pages.parts.jobs import job_progress, newest_job
from pages.parts.plots import push_plot
from pages.parts.wiring import console
from pages.parts.zone import show


def predict_form() -> None:
    """Choose a version and a moment; a call at the newest bar then stands on its card and in the history."""
    names = {
        f"{model.name} v{version.version} · {model.symbol} {model.interval.value}": version.version_id
        for model in console().models.models()
        for version in console().models.versions(model.model_id)
    }
    if not names:
        return
    with st.container(border=True, key="predict_card"):
        job_progress(JobKind.PREDICT)
        _fields(names)
        _answer({version_id: label for label, version_id in names.items()})


def _fields(names: dict[str, str]) -> None:
    job = newest_job(JobKind.PREDICT)
    left, middle, right = st.columns([3, 2, 1], vertical_alignment="bottom")
    name = left.selectbox("Ask a model", list(names), key="predict_model")
    at = middle.text_input("At (UTC)", key="predict_at", placeholder="the newest bar, or 2025-04-01 12:00").strip()
    moment, problem = _moment(at)
    with right:
        form_button("Predict", CommandKind.PREDICT, {"model": names[name], "at": moment}, key="predict",
                    icon=":material/online_prediction:", width="stretch",
                    disabled=problem is not None or (job is not None and job.state in RUNNING))  # fmt: skip
    if problem:
        st.caption(f":red[{problem}]")


def _moment(text: str) -> tuple[str | None, str | None]:
    """(what the command carries, what is wrong with it)."""
    if not text:
        return None, None
    try:
        return iso(parse_time(text)), None
    except (ValueError, ConfigurationError) as error:
        return None, str(error)


def _answer(labels: dict[str, str]) -> None:
    asked = read_asked(console())
    if asked is None or asked.model not in labels:
        return
    held = f"held by **{asked.held_by}**" if asked.held_by else "every gate lets it pass"
    st.markdown(
        f"**{labels[asked.model]}** at {show(asked.as_of)}, price {asked.price:,.8g}: the call is "
        f"**{asked.signal.value}**; an account that holds nothing would do **{asked.action.value}**, {held}."
    )
    if asked.in_sample:
        st.error("**IN SAMPLE**: the model has learned from this bar.", icon=":material/warning:")
    if not asked.kept:
        st.caption(PAST)
    st.markdown(asked.sentence)
    if asked.parts is not None:
        event = EVENT[asked_of(console().models.version(asked.model))]
        with st.expander(f"What made this chance of {event}", icon=":material/stacked_bar_chart:"):
            push_plot(asked.parts.pushes, key="pushes")
            st.caption(made_of(asked.parts))
    with st.expander("What each gate says", icon=":material/rule:"):
        check_list(asked.gates)
