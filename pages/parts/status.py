"""The status bar of every page: whose money, which prices, is the engine alive, what is it worth; and the halt."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from engine.domain.account import Account, AccountKind, Source
from engine.domain.command import CommandKind, CommandState
from engine.domain.halt import Halt, HaltKind
from engine.domain.venue import StreamState
from engine.queries.status import Status, read_status
from engine.queries.words import ABSENT, age, money, ratio, told_once
from pages.parts.access import asked_by
from pages.parts.ask import Answer, draw, send
from pages.parts.exchange import disarm_button
from pages.parts.guard import live
from pages.parts.wiring import console
from pages.parts.zone import show


@live(2, "Status bar")
def status_bar() -> None:
    """Redrawn every two seconds while a tab is open."""
    status = read_status(console())
    with st.container(key="status", border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="status_top"):
            _badges(status)
            if status.armed_until is not None:
                disarm_button("status_disarm")
            _halt_button(status)
        with st.container(horizontal=True, gap="medium", key="status_figures"):
            _figures(status)
        _troubles(status)


def _badges(status: Status) -> None:
    color, icon = _look_of(status.account)
    st.badge(status.mode, icon=f":material/{icon}:", color=color)  # type: ignore[arg-type]
    if status.live:
        words = f"Armed until {show(status.armed_until)}" if status.armed_until else "Not armed"
        st.badge(words, icon=":material/local_fire_department:" if status.armed_until else ":material/lock:",
                 color="red" if status.armed_until else "gray")  # fmt: skip
    if status.halted:
        st.badge("HALTED", icon=":material/front_hand:", color="red")
    word, switch = ("ON", "green") if status.trading_on else ("OFF", "gray")
    st.badge(f"Auto-trading {word}", icon=":material/smart_toy:", color=switch)  # type: ignore[arg-type]
    if status.line is not None and status.line.user_stream is not StreamState.LIVE:
        st.badge("Orders are asked for", icon=":material/sync_problem:", color="orange",
                 help="The stream that tells of orders is down; the exchange is asked instead.")  # fmt: skip
    if status.replay:
        st.badge("Replay running", icon=":material/fast_forward:", color="violet")


def _look_of(account: Account | None) -> tuple[str, str]:
    """Colour and icon that no two kinds of account share."""
    if account is None:
        return "gray", "account_balance_wallet"
    if account.kind is AccountKind.LIVE:
        return "red", "warning"
    if account.kind is AccountKind.TESTNET:
        return "violet", "labs"
    simulated = account.source is Source.SIMULATED
    return ("orange", "science") if simulated else ("blue", "account_balance_wallet")


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
            tail = "" if one.cause == "not_armed" else " It clears by itself."
            st.warning(f"Paused ({one.cause}): {why}{end}{tail}", icon=":material/pause_circle:")
    if status.problem and status.problem not in {told_once(one.detail) for one in status.halts}:
        st.warning(f"No market data: {status.problem}", icon=":material/cloud_off:")
