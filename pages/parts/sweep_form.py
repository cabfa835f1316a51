"""Asking for a sweep: a run, and the values to try in place of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from engine.backtest.grid import LIMITS, limits_of, strategies_of
from engine.commands.sweeps import parse_grid
from engine.domain.command import CommandKind
from engine.domain.errors import ConfigurationError
from engine.queries.console import current_account
from engine.queries.market import source_of
from engine.strategy.rules import RULES
from pages.parts.ask import form_button
from pages.parts.strategy_form import run_form
from pages.parts.wiring import console

_USUAL = {"stop_loss": "0.01,0.02,0.03", "take_profit": "0.02,0.04,0.06", "min_confidence": "0.5,0.6,0.7"}
_MANY = 20_000


def sweep_form() -> None:
    """The form and its button, with the number of combinations beside it."""
    request = run_form("sweep", source_of(current_account(console())))
    if request is None:
        return
    texts = _grid(str(request["strategy"]))
    n = 0
    try:
        n = _count(str(request["strategy"]), texts) if texts else 0
    except ConfigurationError as error:
        st.error(f"{error}.", icon=":material/block:")
    st.caption(_words(n))
    form_button(
        f"Try {n:,} combinations" if n else "Try them", CommandKind.SWEEP, {**request, "grid": texts},
        key="run_sweep", type="primary", icon=":material/grid_on:", disabled=n == 0,
    )  # fmt: skip


def _grid(strategy: str) -> list[str]:
    """One text NAME=A,B,C for each field that was filled in."""
    kind, _, rest = strategy.partition(":")
    rule = RULES.get(rest.partition(":")[0]) if kind == "rule" else None
    usual = {name: _around(p.default) for name, p in rule.parameters.items()} if rule else {}
    limits = {name: _USUAL[name] for name in _USUAL if name != "min_confidence" or kind == "model"}
    columns = st.columns(3)
    told = {
        name: columns[i % 3].text_input(name.replace("_", " "), key=f"sweep_{rest}_{name}", placeholder=hint)
        for i, (name, hint) in enumerate({**usual, **limits}.items())
    }
    other = st.multiselect("Other limits", [n for n in LIMITS if n not in limits], key="sweep_other")
    told |= {name: st.text_input(name.replace("_", " "), key=f"sweep_limit_{name}") for name in other}
    return [f"{name}={values}" for name, values in told.items() if values.strip()]


def _around(value: float) -> str:
    """Three values to show how they are written."""
    return ",".join(f"{value * share:g}" for share in (0.5, 1, 2))


def _count(strategy: str, texts: Sequence[str]) -> int:
    grid: Mapping[str, tuple[str, ...]] = parse_grid(texts)
    n = len(strategies_of(strategy, grid))
    for values in limits_of(grid).values():
        n *= len(values)
    return n


def _words(n: int) -> str:
    if n == 0:
        return "Give some fields several values, as 10,20,30; what is left empty stays as the run above has it."
    more = " That is a lot to read; fewer values show the same hills." if n > _MANY else ""
    return f"Each of the {n:,} is a trial: the more there are, the better the best looks by luck alone.{more}"
