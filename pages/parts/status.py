"""The status bar of every page: whose money, which prices, is the engine alive, what is it worth; and the halt."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from engine.domain.account import Source
from engine.domain.command import CommandKind, CommandState
from engine.domain.halt import Halt, HaltKind
from engine.queries.status import Status, read_status
from engine.queries.words import ABSENT, age, money, ratio, told_once
from pages.parts.access import asked_by
from pages.parts.ask import Answer, draw, send
from pages.parts.guard import live
from pages.parts.wiring import console


@live(2, "Status bar")
def status_bar() -> None:
    """Redrawn every two seconds while a tab is open."""
    status = read_status(console())
    with st.container(key="status", border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="status_top"):
            _badges(status)
            _halt_button(status)
        with st.container(horizontal=True, gap="medium", key="status_figures"):
            _figures(status)
        _troubles(status)


def _badges(status: Status) -> None:
    simulated = status.account is not None and status.account.source is Source.SIMULATED
    st.badge(status.mode, icon=":material/science:" if simulated else ":material/account_balance_wallet:",
             color="orange" if simulated else "blue" if status.account else "gray")  # fmt: skip
    if status.halted:
        st.badge("HALTED", icon=":material/front_hand:", color="red")
    word, color = ("ON", "green") if status.trading_on else ("OFF", "gray")
    st.badge(f"Auto-trading {word}", icon=":material/smart_toy:", color=color)  # type: ignore[arg-type]
    if status.replay:
        st.badge("Replay running", icon=":material/fast_forward:", color="violet")


def _figures(status: Status) -> None:
    mark, asset, why = status.mark, status.asset, status.why
    engine = age(status.beat_age) if status.alive else f"silent {age(status.beat_age)}" if status.beat_age else ABSENT
    st.metric(
        "Engine",
        f"alive · {engine}" if status.alive else engine,
        width="content",
        help=why.get("engine", "Time since the engine's last sign of life."),
    )
    st.metric(
        "Data age",
        age(status.data_age),
        width="content",
        help=why.get("data", "Time since the newest bar closed, by the engine's clock."),
    )
    st.metric(
        "Equity",
        money(mark.equity, asset) if mark else ABSENT,
        width="content",
        help=why.get("equity", "Cash and positions, marked at the newest bar's close."),
    )
    st.metric(
        "Today (UTC)",
        money(status.day_profit, asset, signed=True),
        width="content",
        help=why.get("day", "Profit and loss since 00:00 UTC; deposits and withdrawals are kept out."),
    )
    st.metric("Drawdown", ratio(mark.drawdown if mark else None), width="content",
              help=why.get("drawdown", "How far equity is below its peak."))  # fmt: skip


def _halt_button(status: Status) -> None:
    draw("halt")
    st.button(
        "Halt", key="halt", type="primary", icon=":material/front_hand:", on_click=halt,
        disabled=status.account is None or status.halted, help="Stops all new risk at once. Exits and stops go on.",
    )  # fmt: skip


def halt() -> None:
    """Write the halt first, so that it binds even while the engine hangs; then have the engine say so."""
    status = read_status(console())
    if status.account is not None:
        console().ledger.raise_halt(
            Halt(
                account_id=status.account.account_id, kind=HaltKind.HALT, cause="operator",
                detail=f"halt button, {asked_by()}", raised_at=status.now,
            )
        )  # fmt: skip
    send("halt", CommandKind.HALT, {})
    answered: Answer | None = st.session_state.get("answer")
    if answered is not None and answered.state is CommandState.PENDING:
        words = "The halt is written and binds whatever the engine does; the engine itself has not answered yet."
        st.session_state["answer"] = replace(answered, state=CommandState.DONE, message=words)


def _troubles(status: Status) -> None:
    """One line for each thing that stops new risk."""
    if not status.alive:
        reason = "has not started yet" if status.beat_age is None else "does not answer"
        st.error(f"The engine {reason}. No bar is traded. Start it with `make run` or `python -m engine trade`.",
                 icon=":material/heart_broken:")  # fmt: skip
    for one in status.halts:
        if one.kind is HaltKind.HALT:
            st.error(
                f"Halted ({one.cause}): {one.detail}. Type RESET on the System page.", icon=":material/front_hand:"
            )
        else:
            why = told_once(one.detail).rstrip(".")
            end = "" if why.endswith("?") else "."
            st.warning(f"Paused ({one.cause}): {why}{end} It clears by itself.", icon=":material/pause_circle:")
    if status.problem and status.problem not in {told_once(one.detail) for one in status.halts}:
        st.warning(f"No market data: {status.problem}", icon=":material/cloud_off:")
