"""Versions of a model: lineage, two side by side, promotion with words, one click back, and who promoted what."""

from __future__ import annotations

import streamlit as st

from engine.domain.command import CommandKind
from engine.domain.model import Model, ModelVersion, Stage
from engine.queries.registry import (
    figures_with_intervals,
    former_champion,
    moments,
    origin_words,
    read_versions,
    side_by_side,
)
from engine.queries.words import count
from pages.parts.ask import button, form_button
from pages.parts.frame import empty, section
from pages.parts.tables import table
from pages.parts.wiring import console
from pages.parts.zone import show


def versions_view(model: Model, chosen: ModelVersion) -> None:
    """Everything about who leads this model."""
    rows = read_versions(console(), model)
    section("Versions", origin_words(chosen.origin))
    table(
        [
            {
                "version": f"v{r.version.version}", "stage": r.version.stage.value.lower(), "lineage": r.lineage,
                "what became of it": r.fate, "trained to": r.version.trained_to,
                "accuracy": figures_with_intervals(r.version)["accuracy"], "members": len(r.version.members),
                "created": r.version.created_at,
            }
            for r in rows
        ],
        key="versions",
        empty="",
    )  # fmt: skip
    _checks(chosen)
    _lead(model, chosen)
    if len(rows) < 2:
        empty("One version only: train this name again for a refit, or with other members for a challenger.",
              key="versions")  # fmt: skip
    else:
        _compare(model, [r.version for r in rows], chosen)
    _promotions(model)


def _checks(version: ModelVersion) -> None:
    """What was looked at before a refit may take over."""
    if version.checks is None:
        return
    failed = [check for check in version.checks if not check.passed]
    head = f"v{version.version} passed its checks" if not failed else f"v{version.version} does not take over"
    with st.container(border=True, key="checks"):
        st.markdown(f"**{head}**")
        for check in version.checks:
            icon = ":green[:material/check:]" if check.passed else ":red[:material/close:]"
            st.markdown(f"{icon} **{check.name}**: {check.detail}")


def _lead(model: Model, chosen: ModelVersion) -> None:
    """Promote the chosen version in words, or go back to the one before in one click."""
    former = former_champion(console(), model)
    left, right = st.columns(2, gap="medium", vertical_alignment="bottom")
    with right:
        if former is not None:
            champion = console().models.version(model.model_id)
            words = f"rolled back from v{champion.version}"
            button(
                f"Roll back to v{former.version}", CommandKind.PROMOTE,
                {"version_id": former.version_id, "words": words}, key=f"roll_back_{model.model_id}",
                icon=":material/undo:", help="The champion before leads again, and takes the sleeves with it.",
            )  # fmt: skip
        else:
            st.caption("Nobody was replaced yet, so there is nothing to roll back to.")
    with left:
        if chosen.stage is Stage.CHAMPION:
            st.caption(f":material/trophy: v{chosen.version} is the champion: sleeves of this model trade it.")
        elif chosen.leak_suspected:
            st.error("A leak of the future is suspected: this version cannot be promoted.", icon=":material/warning:")
        else:
            _promote(chosen)


def _promote(version: ModelVersion) -> None:
    words = st.text_input(
        f"Why should v{version.version} lead?", key=f"why_{version.version_id}", max_chars=200,
        placeholder="kept with the promotion",
    )  # fmt: skip
    form_button(
        f"Promote v{version.version}", CommandKind.PROMOTE,
        {"version_id": version.version_id, "words": words.strip()}, key=f"promote_{version.version_id}",
        icon=":material/trophy:", disabled=not words.strip(),
    )  # fmt: skip


def _compare(model: Model, versions: list[ModelVersion], chosen: ModelVersion) -> None:
    section("Side by side")
    labels = {f"v{v.version} · {v.stage.value.lower()}": v for v in versions}
    others = [label for label, v in labels.items() if v.version_id != chosen.version_id]
    leading = next((label for label in others if labels[label].stage is Stage.CHAMPION), others[0])
    label = st.selectbox(
        f"v{chosen.version} beside", others, index=others.index(leading), key=f"beside_{model.model_id}"
    )
    other = labels[label]
    shown = {at.isoformat(): show(at) for at in moments(chosen, other)}
    rows = side_by_side(chosen, other, shown)
    only = st.toggle("Differences only", key="beside_only")
    table(
        [
            {"": row.name, f"v{chosen.version}": row.left, f"v{other.version}": row.right,
             "same": "" if row.differs else "same"}
            for row in rows
            if row.differs or not only
        ],
        key="beside",
        empty="They do not differ.",
    )  # fmt: skip


def _promotions(model: Model) -> None:
    rows = console().models.promotions(model.model_id)
    section("Promotions", f"{count(len(rows), 'promotion')}, newest first.")
    table(
        [
            {
                "at": p.at, "version": f"v{p.version_id.rpartition('.')[2]}", "by": p.promoted_by,
                "in place of": "" if p.replaced_id is None else f"v{p.replaced_id.rpartition('.')[2]}",
                "words": p.words or "",
            }
            for p in rows
        ],
        key="promotions",
        empty="",
    )  # fmt: skip
