"""System: is everything in order, what was halted, which accounts there are, what was asked and answered."""

from __future__ import annotations

from zoneinfo import available_timezones

import streamlit as st

from engine.queries.checks import run_checks
from engine.queries.console import current_account
from engine.queries.words import ABSENT
from pages.parts.access import require_login
from pages.parts.accounts import accounts
from pages.parts.books import alert_list
from pages.parts.exchange import exchange
from pages.parts.frame import page, section
from pages.parts.guard import live
from pages.parts.halts import halts
from pages.parts.look import choose_look
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
        section("Screen", "Days of profit and loss stay UTC, whatever zone is chosen here.")
        choose_look()
        zones = [BROWSER, "UTC", *sorted(available_timezones() - {"UTC"})]
        stored = console().board.setting("zone")
        index = zones.index(stored) if stored in zones else 0
        st.selectbox("Show times in", zones, index=index, key="zone", on_change=_keep_zone,
                     format_func=lambda name: "the browser's zone" if name == BROWSER else name)  # fmt: skip
        st.caption(f"It is {show(console().clock.now(), seconds=True)}.")


def _keep_zone() -> None:
    console().board.put_setting("zone", st.session_state["zone"], quiet=True)


require_login()
with page("System", "Is everything in order, what stopped, what was asked and answered."):
    checks()
    account = current_account(console())
    halts(account)
    exchange(account)
    accounts(account)
    database_and_zone()
    log()
