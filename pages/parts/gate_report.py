"""What the gates said: how many bars each held, and what the nearest call lacked."""

from __future__ import annotations

import streamlit as st

from engine.domain.account import Account
from engine.domain.interval import parse_time
from engine.queries.portfolio import read_owners
from engine.queries.trading import Gates, read_gates
from engine.queries.words import count, ratio
from pages.parts.books import decisions_table
from pages.parts.guard import live
from pages.parts.plots import held_plot
from pages.parts.tables import table
from pages.parts.wiring import console
from pages.parts.zone import show


@live(3, "Gates")
def gates(account: Account) -> None:
    """Which gate held how many bars, and what the nearest call lacked; kept fresh."""
    gates_of(account)


def gates_of(account: Account, key: str = "") -> None:
    """The same, drawn once; `key` tells several on one page apart."""
    seen = read_gates(console(), account.account_id)
    if not seen.n_bars:
        st.caption(
            "No bar has been decided yet. Once a model trades and the switch is on, each closed bar is counted here."
        )
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        if seen.held:
            held_plot(seen.held, seen.n_bars, key=f"{key}held_plot")
        table([{"gate": h.gate, "bars held": h.n, "share": h.n / seen.n_bars} for h in seen.held], key=f"{key}held",
              empty="No bar was held.", formats={"share": "percent"})  # fmt: skip
    with right:
        _nearest(seen)
    decisions = console().reads.recent_decisions(account.account_id, limit=50)
    decisions_table(decisions, read_owners(console(), account), key=f"{key}decisions", empty="")


def _nearest(seen: Gates) -> None:
    missed = sum(h.n for h in seen.held if h.gate == "MISSED")
    st.metric("Bars decided", f"{seen.n_bars:,}", f"{count(seen.n_trading, 'time')} bought or sold", delta_color="off",
              delta_arrow="off")  # fmt: skip
    st.metric("Missed bars", f"{missed:,}", ratio(missed / seen.n_bars), delta_color="off", delta_arrow="off",
              help="Bars that closed while the engine was away: recorded, never traded late.")  # fmt: skip
    if seen.nearest is None:
        st.caption("No BUY call was held.")
        return
    at, lacking = str(seen.nearest["bar_close_at"]), seen.nearest["lacked"]
    st.markdown(f"**The nearest call** that was held · {seen.nearest['symbol']} at {show(parse_time(at))}")
    for line in lacking if isinstance(lacking, list) else ():
        st.markdown(f":red[:material/close:] {line}")
