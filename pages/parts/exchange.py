"""An account at an exchange on screen: what it needs, what was proved, what is held there, arming and disarming."""

from __future__ import annotations

import streamlit as st

from engine.commands.accounts import CONFIRMATION
from engine.domain.account import Account, AccountKind
from engine.domain.command import CommandKind
from engine.queries.line import Held, lacking, read_line
from engine.queries.papers import allotted, armed_until, read_papers
from engine.queries.readiness import read_readiness
from engine.queries.words import count, exactly, money
from pages.parts.ask import button, draw, form_button, send
from pages.parts.frame import section
from pages.parts.guard import live
from pages.parts.tables import table
from pages.parts.wiring import console
from pages.parts.zone import show

LASTS = {1: "1 hour", 8: "8 hours", 24: "1 day", 168: "1 week", 720: "30 days"}
ICONS = {True: ":green[:material/check_circle:]", False: ":red[:material/error:]"}


def exchange(account: Account | None) -> None:
    """Nothing for an account on paper."""
    if account is None or not account.kind.at_exchange:
        return
    real = account.kind is AccountKind.LIVE
    section(
        "Exchange",
        "Real money. Nothing new is bought unless every line is green." if real else "Play money at the testnet.",
    )
    readiness(account)
    with st.container(horizontal=True, key="exchange_row"):
        button("Check now", CommandKind.CHECK_VENUE, {}, key="check_venue", icon=":material/fact_check:",
               help="Asks what the key may do, and tries each way to order.")  # fmt: skip
    if real:
        arming(account)
    canary(account)
    holdings_there()


@live(3, "Readiness")
def readiness(account: Account) -> None:
    """Each thing with its answer and what to do."""
    st.markdown(
        "  \n".join(
            f"{ICONS[one.ok]} **{one.name}** {one.found}" + (f" :gray[{one.advice}]" if one.advice else "")
            for one in read_readiness(console(), account)
        )
    )


def arming(account: Account) -> None:
    """Armed: until when, and the way out. Not armed: the word, the amount, the end."""
    until = armed_until(console(), account, console().clock.now())
    amount = allotted(console(), account)
    with st.container(border=True, key="arming"):
        if until is not None:
            st.markdown(f"#### :red[Armed] until {show(until)}")
            st.markdown(f"The engine may risk {money(amount, account.quote)} of real money. It ends by itself.")
            disarm_button("disarm")
            return
        st.markdown("#### Not armed")
        st.markdown(
            f"Armed, the engine buys with real money, up to **{money(amount, account.quote)}** and within its limits. "
            "Losses up to all of it are possible. It ends by itself; you can end it before in one click."
        )
        _arm_form(account)


def _arm_form(account: Account) -> None:
    papers = read_papers(console().board, account.account_id)
    untold = papers.rights is None and papers.rights_at is not None
    columns = st.columns([1, 1, 1, 2] if untold else 3)
    word = columns[0].text_input("Type LIVE", key="arm_word")
    risk = columns[1].text_input(f"Amount at risk ({account.quote})", key="arm_risk",
                                 placeholder=exactly(allotted(console(), account)).replace(",", ""))  # fmt: skip
    hours = columns[2].selectbox("For", list(LASTS), index=2, format_func=LASTS.__getitem__, key="arm_hours")
    written = columns[3].text_input(f"Write: {CONFIRMATION}", key="arm_written") if untold else ""
    payload = {"typed": word, "at_risk": risk.strip(), "hours": hours, "confirmed": written}
    form_button("Arm", CommandKind.ARM, payload, key="arm", icon=":material/local_fire_department:", type="primary",
                disabled=word != "LIVE" or not risk.strip())  # fmt: skip


def disarm_button(key: str) -> None:
    """One click, and no new risk."""
    draw(key)
    st.button("Disarm", key=key, icon=":material/shield_lock:", on_click=send, args=(key, CommandKind.DISARM, {}),
              help="Nothing new is bought with real money. Exits and stops go on.")  # fmt: skip


def canary(account: Account) -> None:
    """How each way to order went when it was tried last."""
    found = read_papers(console().board, account.account_id).canary
    with st.expander("Ways to order, as they were tried", icon=":material/flutter_dash:", key="canary_fold"):
        tried = found.passed.items() if found is not None else ()
        rows = [{"order": name, "works": ok, "how it went": found.details.get(name, "")} for name, ok in tried if found]
        table(rows, key="canary", empty="Not tried yet: press Check now. It is tried at each start and daily.")
        if found is not None:
            st.caption(f"Tried {show(found.at)}. A way that failed is not used where another does the same.")


def holdings_there() -> None:
    """What the engine claims against what the exchange holds; the rest is the operator's and never touched."""
    line = read_line(console().board.heartbeat())
    with st.expander("Balances against claims", icon=":material/balance:", key="claims_fold", expanded=True):
        held = line.held if line is not None else []
        table([_row(one) for one in held], key="claims",
              empty="Nothing is reconciled yet: it happens at each start, and every minute from then on.")  # fmt: skip
        if line is not None and line.foreign_orders:
            others = count(line.foreign_orders, "open order")
            st.caption(f"{others} at the exchange {'is' if line.foreign_orders == 1 else 'are'} not the engine's. "
                       "They are yours, and are never touched.")  # fmt: skip
        elif line is not None and line.foreign_orders is not None:
            st.caption("Every open order at the exchange is the engine's.")


def _row(one: Held) -> dict[str, object]:
    return {
        "asset": one.asset, "claimed by the engine": exactly(one.claimed), "free there": exactly(one.free),
        "locked there": exactly(one.locked), "yours alone": exactly(one.others), "covered": one.others >= 0,
    }  # fmt: skip


def open_exchange() -> None:
    """Open an account at the testnet or with real money; without keys it says which to set."""
    beat = console().board.heartbeat()
    for kind, title, icon in (
        (AccountKind.TESTNET, "Open a testnet account (play money at a real exchange)", "labs"),
        (AccountKind.LIVE, "Open a live account (real money)", "warning"),
    ):
        with st.expander(title, icon=f":material/{icon}:", key=f"open_{kind.value}_fold", on_change="rerun"):
            missing = lacking(beat, kind)
            if missing:
                st.markdown(f":gray[:material/key:] {missing[0].upper()}{missing[1:]}.")
                continue
            _open_form(kind)


def _open_form(kind: AccountKind) -> None:
    key = f"open_{kind.value.lower()}"
    if kind is AccountKind.LIVE:
        st.markdown(
            "The key must not be able to withdraw or to transfer; this is asked of the exchange. Nothing is bought "
            "before you set its limits and arm it. Begin with an amount whose loss you would shrug at."
        )
    left, right = st.columns(2)
    name = left.text_input("Name", kind.value.capitalize(), key=f"{key}_name")
    cash = right.text_input("Allot at most (USDT)", "1000" if kind is AccountKind.TESTNET else "", key=f"{key}_cash")
    form_button("Open", CommandKind.OPEN_ACCOUNT, {"kind": kind.value, "name": name, "cash": cash.strip()}, key=key,
                disabled=not cash.strip())  # fmt: skip
