"""System: is everything in order, what was halted, which accounts there are, what was asked and answered."""

from __future__ import annotations

from zoneinfo import available_timezones

import streamlit as st

from engine.domain.account import Account, AccountKind
from engine.domain.command import CommandKind
from engine.domain.halt import HaltKind
from engine.queries.checks import run_checks
from engine.queries.console import current_account
from engine.queries.status import mode_words
from engine.queries.words import ABSENT
from pages.parts.access import require_login
from pages.parts.ask import button
from pages.parts.books import alert_list
from pages.parts.confirm import typed
from pages.parts.frame import page, section
from pages.parts.guard import live
from pages.parts.tables import table
from pages.parts.wiring import console
from pages.parts.zone import BROWSER, show


@live(5, "Checks")
def checks() -> None:
    """Each check with its answer and what to do."""
    icons = {True: ":green[:material/check_circle:]", False: ":red[:material/error:]"}
    st.markdown(
        "  \n".join(
            f"{icons[check.ok]} **{check.name}** {check.found}" + (f" :gray[{check.advice}]" if check.advice else "")
            for check in run_checks(console())
        )
    )


def halts(account: Account | None) -> None:
    """What stops new risk, and the typed reset."""
    section("Halts")
    if account is None:
        st.caption("No account, so nothing can be halted.")
        return
    latched = [h for h in console().ledger.halts(account.account_id) if h.kind is HaltKind.HALT]
    for halt in latched:
        st.error(f"**{halt.cause}**: {halt.detail} · since {show(halt.raised_at)}", icon=":material/front_hand:")
    if latched:
        st.caption("After the reset drawdown and daily loss count from the equity of that moment.")
        typed("Reset the halt", CommandKind.RESET_HALT, {}, key="reset_halt", icon=":material/lock_open:")
    else:
        st.caption("Nothing is halted. The halt button stands in the status bar of every page.")
    with st.expander("History of halts and pauses", icon=":material/history:"):
        table(
            [
                {
                    "raised": h.raised_at,
                    "kind": h.kind.value,
                    "cause": h.cause,
                    "detail": h.detail,
                    "cleared": h.cleared_at,
                    "cleared by": h.cleared_by or ABSENT,
                }
                for h in console().reads.halt_history(account.account_id)
            ],
            key="halts",
            empty="There has been none.",
        )


def accounts(current: Account | None) -> None:
    """All accounts; another paper account can be used or opened."""
    section("Accounts", "Accounts never share a ledger. Changing moves no position and switches auto-trading off.")
    found = console().ledger.accounts()
    table(
        [
            {
                "account": a.name,
                "id": a.account_id,
                "mode": mode_words(a),
                "cash at start": a.cash,
                "opened": a.created_at,
                "closed": a.closed_at,
                "in use": current is not None and a.account_id == current.account_id,
            }
            for a in reversed(found)
        ],
        key="accounts",
        empty="No account yet: choose a market on the Overview page.",
        formats={"cash at start": "%.2f"},
    )
    others = [a for a in found if a.closed_at is None and a.kind is AccountKind.PAPER and a != current]
    if others:
        labels = {f"{a.name} · {mode_words(a)} · {a.account_id}": a.account_id for a in others}
        with st.container(horizontal=True, vertical_alignment="bottom", key="use_row"):
            label = st.selectbox("Use another account", list(labels), key="use_choice")
            button("Use it", CommandKind.USE_ACCOUNT, {"account_id": labels[label]}, key="use_account")
    with st.expander("Open a paper account", icon=":material/add:"):
        left, middle, right = st.columns(3)
        name = left.text_input("Name", "Paper", key="open_name")
        source = middle.selectbox("Prices", ["SIMULATED", "BINANCE"], key="open_source")
        cash = right.text_input("Cash (USDT)", "10000", key="open_cash")
        button("Open", CommandKind.OPEN_ACCOUNT, {"name": name, "source": source, "cash": cash}, key="open_account")


def log() -> None:
    """What was asked and answered, and what the engine had to say."""
    section("Messages")
    alert_list(console().reads.alerts(limit=20), empty="No messages.")
    section("Commands", "Everything that was asked of the engine, with its answer.")
    table(
        [
            {
                "asked": c.asked_at,
                "command": c.kind.value,
                "state": c.state.value,
                "answer": c.message,
                "by": c.asked_by,
                "fields": ", ".join(f"{k}={v}" for k, v in c.payload.items()),
            }
            for c in console().reads.commands()
        ],
        key="commands",
        empty="Nothing has been asked yet.",
    )
    alerts = [
        {"at": a.at, "level": a.level, "text": a.text, "account": a.account_id}
        for a in console().reads.alerts(limit=1000)
    ]
    with st.expander("All messages", icon=":material/notifications:"):
        table(alerts, key="alerts", empty="No messages.")


def database_and_zone() -> None:
    """Where things are kept, and the clock that the screens use."""
    left, right = st.columns(2, gap="medium")
    with left:
        section("Database")
        storage, beat = console().reads.storage(), console().board.heartbeat()
        size = f"{storage.n_bytes / 1e6:,.1f} MB" if storage.n_bytes is not None else ABSENT
        st.table(
            {
                "database": storage.url,
                "revision": storage.revision,
                "size": size,
                "engine": f"{beat.owner}, {show(beat.at, seconds=True)}" if beat else "never seen",
            },
            border="horizontal",
        )
    with right:
        section("Time zone", "Days of profit and loss stay UTC, whatever is chosen here.")
        zones = [BROWSER, "UTC", *sorted(available_timezones() - {"UTC"})]
        stored = console().board.setting("zone")
        index = zones.index(stored) if stored in zones else 0
        st.selectbox("Show times in", zones, index=index, key="zone", on_change=_keep_zone,
                     format_func=lambda name: "the browser's zone" if name == BROWSER else name)  # fmt: skip
        st.caption(f"It is {show(console().clock.now(), seconds=True)}.")


def _keep_zone() -> None:
    console().board.put_setting("zone", st.session_state["zone"])


require_login()
with page("System", "Is everything in order, what stopped, what was asked and answered."):
    checks()
    account = current_account(console())
    halts(account)
    accounts(account)
    database_and_zone()
    log()
