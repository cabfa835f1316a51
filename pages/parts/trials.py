"""Everything that was ever scored on an instrument: trying more makes each look worse, and here is by how much."""

from __future__ import annotations

import streamlit as st

from engine.domain.account import Source
from engine.domain.model import Model
from engine.queries.trial_book import Recipe, read_trial_book
from pages.parts.frame import section
from pages.parts.tables import Row, table
from pages.parts.wiring import console


def trials_view(model: Model) -> None:
    """The ledger of the model's instrument, a row for each recipe."""
    book = read_trial_book(console().trials, model.symbol, Source(model.source))
    section(
        f"Tried on {model.symbol}",
        "Every training, backtest and cell of a sweep that was scored, refits of a recipe in one row. Alone: the "
        "chance that its true Sharpe ratio is above zero. Deflated: above what the best of all of them shows by luck.",
    )
    st.markdown(book.words)
    table(
        [_row(one) for one in book.recipes], key="trials", empty="",
        formats={"Sharpe a year": "%.2f", "alone": "percent", "deflated": "percent"},
    )  # fmt: skip


def _row(one: Recipe) -> Row:
    trial = one.newest
    return {
        "what": trial.name, "kind": trial.kind.value.lower(), "interval": trial.interval.value, "runs": one.runs,
        "Sharpe a year": trial.annual_sharpe, "alone": one.alone, "deflated": one.deflated,
        "scored from": trial.scored_from, "to": trial.scored_to, "periods": trial.n_periods, "tried": trial.tried_at,
        "recipe": trial.recipe_sha256[:8],
    }  # fmt: skip
