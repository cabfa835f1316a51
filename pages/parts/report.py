"""One model version in full: figures with their honesty, plots, and what it was made from."""

from __future__ import annotations

import streamlit as st

from engine.domain.account import Source
from engine.domain.model import Model, ModelVersion
from engine.domain.sleeve import SleeveState
from engine.queries.asked import predicts
from engine.queries.console import current_account
from engine.queries.market import fits
from engine.queries.models import calibrated, figures
from engine.queries.models import table as report_table
from engine.queries.trading import strategy_name, strategy_names
from engine.queries.tried import worth
from engine.queries.words import count, number
from pages.parts.frame import section
from pages.parts.guide import trade_with
from pages.parts.plots import bar_plot, month_plot, reliability_plot
from pages.parts.tables import table
from pages.parts.unseen import unseen_view
from pages.parts.validation import validation
from pages.parts.wiring import console
from pages.parts.zone import show


def version_report(model: Model, version: ModelVersion) -> None:
    """Draw everything that is known of a version."""
    _headline(version)
    told = worth(console(), model, version)
    if told is not None:
        st.caption(f":material/casino: {told}")
    _trade(model, version)
    metrics = version.metrics
    reliability = [r for r in report_table(metrics, "reliability") if {"stated", "came_true"} <= set(r)]
    importance = report_table(metrics, "importance")
    months = [r for r in report_table(metrics, "months") if {"month", "accuracy"} <= set(r)]
    left, right = st.columns(2, gap="medium")
    with left:
        section("Reliability", "Does a stated 55 % come true 55 times in 100? On the dashed line it does.")
        if reliability:
            reliability_plot(reliability, key=f"reliability_{version.version_id}")
        else:
            st.caption("Not in this version's report.")
    with right:
        section("What it looks at", "How much worse it gets out of sample when one input is shuffled.")
        if importance:
            bar_plot(importance[:12], "feature", "log_loss_increase", key=f"importance_{version.version_id}")
        else:
            st.caption("Not in this version's report.")
    validation(version)
    unseen_view(version)
    section("By month", "Out-of-sample accuracy; the dashed line is a coin.")
    if months:
        month_plot(months, key=f"months_{version.version_id}")
        with st.expander("By month, in figures", icon=":material/table:"):
            table(months, key="model_months", empty="", formats={"accuracy": "percent"})
    else:
        st.caption("Not in this version's report.")
    _origin(version)


def _headline(version: ModelVersion) -> None:
    if version.leak_suspected:
        st.error(
            "**Suspected leak.** These scores are too good for a real market: the future has got into the features, or "
            "the bars are wrong. It is never promoted; do not trade it.", icon=":material/gpp_bad:",
        )  # fmt: skip
    warnings = version.metrics.get("warnings")
    for warning in warnings if isinstance(warnings, list) else ():
        st.warning(str(warning), icon=":material/warning:")
    asked = predicts(version)
    if asked is not None:
        st.info(asked, icon=":material/adjust:")
    with st.container(horizontal=True, key="figures"):
        for figure in figures(version.metrics):
            st.metric(figure.name, figure.value, figure.interval, delta_color="off", delta_arrow="off",
                      help=figure.honesty, border=True)  # fmt: skip
    verdict = calibrated(version.metrics)
    if verdict is not None:
        say = "lies within" if verdict else "is above"
        st.caption(f":material/{'verified' if verdict else 'warning'}: The calibration error {say} the noise floor of "
                   f"{count(int(_n(version)), 'call')}: its probabilities {'can' if verdict else 'cannot'} be taken at "
                   "their word.")  # fmt: skip


def _n(version: ModelVersion) -> float:
    found = version.metrics.get("out_of_sample")
    n = found.get("n") if isinstance(found, dict) else version.metrics.get("n")
    return float(n) if isinstance(n, int | float) else 0.0


def _trade(model: Model, version: ModelVersion) -> None:
    account = current_account(console())
    if account is None or not fits(model.source, account.source.value):
        kind = "the simulated market" if model.source == Source.SIMULATED else "real prices (Binance)"
        st.caption(
            f"It learned from {model.source} bars: an account on {kind} can trade with it. Backtest it, or replay a "
            "past range on the Auto-trading page."
        )
        return
    active = console().ledger.sleeves(account.account_id, SleeveState.ACTIVE)
    if any(s.strategy == f"model:{version.version_id}" for s in active):
        st.success("This version is trading. Retire it on the Auto-trading page.", icon=":material/rocket_launch:")
        return
    other = next((s for s in active if s.symbol == model.symbol), None)
    if other is not None:
        name = strategy_name(other.strategy, strategy_names(console()))
        st.caption(f"{name} trades {model.symbol} already: retire it first on the Auto-trading page.")
        return
    trade_with(version.version_id, model.symbol, model.interval.value, key=f"trade_with_{version.version_id}")


def _origin(version: ModelVersion) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        section("Members")
        members = report_table(version.metrics, "members") or [{"member": name} for name in version.members]
        table(members, key="model_members", empty="No members are recorded.")
    with right:
        section("Made from")
        st.table(
            {
                "bars": f"{version.n_bars:,}, {show(version.trained_from)} to {show(version.trained_to)}",
                "seed": str(version.seed), "fitted in": f"{number(version.fit_seconds, 1)} s",
                "code version": version.code_version, "content SHA-256": version.content_sha256,
                "artefact SHA-256": version.artefact_sha256, "created": show(version.created_at),
            },
            border="horizontal"
        )  # fmt: skip
