"""Models: train them, see what they are really worth, let them trade."""

from __future__ import annotations

import streamlit as st

from engine.domain.job import JobKind
from engine.queries.asked import EVENT, asked_of
from engine.queries.console import current_account
from engine.queries.market import SOURCES, source_of
from engine.queries.models import ModelRow, as_float, read_models, scores
from pages.parts.access import require_login
from pages.parts.care import care_view
from pages.parts.frame import empty, page, section
from pages.parts.jobs import job_progress
from pages.parts.live_calls import live_calls_view
from pages.parts.report import version_report
from pages.parts.shadow import shadow_view
from pages.parts.tables import Row, table
from pages.parts.train_form import train_form
from pages.parts.trials import trials_view
from pages.parts.versions import versions_view
from pages.parts.wiring import console

VIEWS = ("Report", "Versions", "In shadow", "Live calls", "Drift", "Trials")


def train() -> None:
    """A new model, and the training that runs."""
    with st.container(border=True, key="train_card"):
        section("Train a model", "A name that exists already gets a new version.")
        job_progress(JobKind.TRAIN)
        default = source_of(current_account(console()))
        source = st.segmented_control("Prices", SOURCES, default=default, key="train_source", required=True) or default
        train_form(source, key="models")


def listing(rows: list[ModelRow]) -> None:
    """All models, and one of them in full."""
    section("Your models")
    if not rows:
        empty(
            "No model yet. Type a name above and press Train: half a minute later it stands here with its scores.",
            key="models",
        )
        return
    table(
        [_row(row) for row in rows],
        key="models",
        empty="",
        formats={"accuracy": "percent", "AUC": "%.3f", "calibration error": "%.4f", "noise floor": "%.4f"},
    )
    names = [row.model.name for row in rows if row.version]
    if not names:
        return
    section("One model in full")
    left, right = st.columns([2, 1])
    name = left.selectbox("Model", names, key="model_choice")
    row = next(row for row in rows if row.model.name == name)
    versions = console().models.versions(row.model.model_id)
    labels = {f"v{v.version} · {v.stage.value.lower()}": v for v in versions}
    champion = next(i for i, v in enumerate(versions) if row.version and v.version_id == row.version.version_id)
    label = right.selectbox("Version", list(labels), index=champion, key=f"version_choice_{row.model.model_id}")
    chosen = labels[label]
    view = st.segmented_control("View", VIEWS, default=VIEWS[0], key="model_view", label_visibility="collapsed")
    if view == "Versions":
        versions_view(row.model, chosen)
    elif view == "In shadow":
        shadow_view(row.model)
    elif view == "Live calls":
        live_calls_view(row.model)
    elif view == "Drift":
        care_view(row.model, chosen)
    elif view == "Trials":
        trials_view(row.model)
    else:
        version_report(row.model, chosen)


def _row(row: ModelRow) -> Row:
    s = scores(row.version.metrics) if row.version else {}
    return {
        "model": row.model.name, "instrument": row.model.symbol, "interval": row.model.interval.value,
        "horizon": row.model.horizon, "predicts": EVENT[asked_of(row.version)] if row.version else "",
        "prices": row.model.source, "versions": row.n_versions,
        "accuracy": as_float(s.get("accuracy")), "AUC": as_float(s.get("auc")),
        "calibration error": as_float(s.get("ece")), "noise floor": as_float(s.get("ece_noise_q95")),
        "trained to": row.version.trained_to if row.version else None, "created": row.model.created_at,
    }  # fmt: skip


require_login()
with page("Models", "A model learns from closed bars and is scored only on bars it has never seen."):
    train()
    listing(list(read_models(console())))
