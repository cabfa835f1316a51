"""Walk-forward equity of a version's unseen calls, beside the rules, luck and buying once."""

from __future__ import annotations

import streamlit as st

from engine.domain.model import ModelVersion
from engine.queries.unseen import Curve, read_unseen
from pages.parts.backtest_charts import grown
from pages.parts.frame import section
from pages.parts.tables import Row, table


def unseen_view(version: ModelVersion) -> None:
    """Curves from 1, then the figures of each."""
    section(
        "What an account would have made of its unseen calls",
        "Net of costs, on bars it had never seen. The model trades through every gate; its calls without gates follow "
        "the direction alone, as the rules do.",
    )
    found = read_unseen(version.metrics)
    if found is None:
        st.caption("Not in this version's report: train it anew. Prices that nothing is traded on have none.")
        return
    grown([(one.name, found.at, one.equity) for one in found.curves], key=f"unseen_{version.version_id}")
    st.caption(found.words)
    table(
        [_row(one) for one in found.curves], key="unseen", empty="",
        formats=dict.fromkeys(("return", "deepest drawdown", "in the market"), "percent")
        | {"Sharpe a year": "%.2f", "fees": "%.2f"},
    )  # fmt: skip


def _row(one: Curve) -> Row:
    return {
        "account": one.name, "return": one.total_return, "deepest drawdown": one.max_drawdown,
        "Sharpe a year": one.sharpe, "trades": one.trades, "fees": one.fees, "in the market": one.in_market,
    }  # fmt: skip
