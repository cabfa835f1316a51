"""Choosing a strategy, instruments and dates: shared by backtests, replays and new sleeves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import streamlit as st

from engine.domain.errors import ConfigurationError
from engine.domain.interval import Interval
from engine.queries.market import SOURCES, fits, symbols
from engine.queries.ticket import read_decimal
from engine.strategy.rules import RULES
from pages.parts.train_form import utc_midnight
from pages.parts.wiring import console


def strategy_choice(key: str, source: str | None = None) -> tuple[str, str | None, Interval | None]:
    """(strategy, instrument, interval); the last two are set where a model fixes them."""
    models = {m.name: m for m in console().models.models() if source is None or fits(m.source, source)}
    kind = st.segmented_control("Strategy", ["Rule", "Model"], default="Rule", required=True, key=f"{key}_kind")
    if kind == "Model" and models:
        left, right = st.columns([2, 1])
        model = models[left.selectbox("Model", list(models), key=f"{key}_model")]
        versions = console().models.versions(model.model_id)
        labels = {f"v{v.version} · {v.stage.value.lower()}": v for v in versions}
        version = labels[right.selectbox("Version", list(labels), key=f"{key}_version_{model.model_id}")]
        return f"model:{version.version_id}", model.symbol, model.interval
    if kind == "Model":
        st.caption("No model fits: train one on the Models page. A rule is used until then.")
    left, right = st.columns([2, 1])
    rule = left.selectbox("Rule", list(RULES), key=f"{key}_rule")
    usual = ",".join(f"{name}={parameter.default:g}" for name, parameter in RULES[rule].parameters.items())
    options = right.text_input("Options", key=f"{key}_options_{rule}", placeholder=usual or "none", disabled=not usual)
    st.caption(f"{RULES[rule].name} {RULES[rule].meaning}.")
    return f"rule:{rule}" + (f":{options.strip()}" if options.strip() else ""), None, None


def run_form(key: str, default_source: str) -> dict[str, object] | None:
    """The request that backtests and replays share; None while something is missing."""
    source = st.segmented_control("Prices", SOURCES, default=default_source, required=True, key=f"{key}_source")
    source = source or default_source
    strategy, fixed_symbol, fixed_interval = strategy_choice(key, source)
    rows = console().bars.coverage(source)
    if not rows:
        st.caption(f"No {source} bars are stored: sync or import some on the Market page.")
        return None
    left, right = st.columns([3, 1])
    offered = symbols(console(), source)
    chosen = left.multiselect(
        "Instruments", offered, [fixed_symbol or offered[0]], key=f"{key}_symbols_{source}_{fixed_symbol}"
    )
    stored = sorted({row.interval for row in rows if row.symbol in chosen}, key=lambda i: i.ms)
    if not stored:
        st.caption("Choose at least one instrument that has stored bars.")
        return None
    usual = fixed_interval or (Interval.H1 if Interval.H1 in stored else stored[0])
    interval = right.selectbox(
        "Interval", stored, index=stored.index(usual) if usual in stored else 0, key=f"{key}_interval_{usual}"
    )
    fitting = [row for row in rows if row.symbol in chosen and row.interval is interval]
    first, last = min(r.first_open_at for r in fitting).date(), max(r.last_open_at for r in fitting).date()
    after = date.fromordinal(last.toordinal() + 1)
    left, right = st.columns(2)
    begin = max(first, date.fromordinal(last.toordinal() - 90 * max(1, interval.ms // 3_600_000)))
    start = left.date_input(
        "From (UTC)", begin, min_value=first, max_value=last, key=f"{key}_start_{source}_{interval}"
    )
    end = right.date_input(
        "To (UTC), not included", after, min_value=first, max_value=after, key=f"{key}_end_{source}_{interval}"
    )
    if not isinstance(start, date) or not isinstance(end, date) or start >= end:
        st.caption("The first day must lie before the last.")
        return None
    try:
        options = options_form(key)
    except ConfigurationError as error:
        st.error(f"{error}.", icon=":material/block:")
        return None
    return {
        "source": source,
        "strategy": strategy,
        "symbols": chosen,
        "interval": interval.value,
        "start": utc_midnight(start),
        "end": utc_midnight(end),
        "options": options,
    }


def options_form(key: str) -> Mapping[str, object]:
    """Stops, costs and money; what is left empty has the account's usual value."""
    with st.expander(
        "More: stops, costs, cash, in sample", icon=":material/tune:", key=f"{key}_more", on_change="rerun"
    ):
        columns = st.columns(3)
        fields = {
            "stop_loss": ("Stop loss", "0.03"), "take_profit": ("Take profit", "0.06"), "cash": ("Cash", "10000"),
            "fee_bps": ("Fee (bps a side)", "10"), "slippage_bps": ("Spread + slippage (bps)", "3"),
            "stake": ("Stake per trade", "by risk"), "impact": ("Impact coefficient", "0"),
        }  # fmt: skip
        texts = {
            name: columns[i % 3].text_input(label, key=f"{key}_{name}", placeholder=hint)
            for i, (name, (label, hint)) in enumerate(fields.items())
        }
        in_sample = st.checkbox(
            "Allow bars that the model has learned from",
            key=f"{key}_in_sample",
            help="The result is labelled IN SAMPLE.",
        )
    return {**{name: _amount(name, text) for name, text in texts.items()}, "in_sample": in_sample}


def _amount(name: str, text: str) -> str | None:
    """What was typed as exact text; an error where it is no number."""
    if not text.strip():
        return None
    value = read_decimal(text)
    if value is None and text.strip() != "0":
        raise ConfigurationError(f"{name} {text!r} is not a number above zero; write it like 0.03, or leave it empty")
    return format(value, "f") if value is not None else "0"
