"""Market: prices, what bars are stored, their gaps, and where they come from."""

from __future__ import annotations

import streamlit as st

from engine.bootstrap import SIMULATED_MARKET
from engine.domain.account import Source
from engine.domain.interval import Interval
from engine.ports import Coverage
from engine.queries.chart import DEFAULT_BARS, MOST_BARS, read_chart
from engine.queries.console import current_account
from engine.queries.market import SOURCES, bars_age, gaps, read_coverage, source_of
from engine.queries.status import source_problem
from engine.queries.words import ago, count
from pages.parts.access import require_login
from pages.parts.charts import KINDS, price_chart
from pages.parts.frame import empty, page, section
from pages.parts.get_bars import get_more
from pages.parts.guard import live
from pages.parts.guide import to_simulated
from pages.parts.tables import table
from pages.parts.wiring import console


def source_state() -> None:
    """Why the source does not answer, and the way out."""
    problem = source_problem(console().board.heartbeat())
    account = current_account(console())
    if account is not None and account.source is Source.SIMULATED:
        st.info(SIMULATED_MARKET, icon=":material/science:")
    if problem:
        st.warning(f"The source does not answer: {problem}", icon=":material/cloud_off:")
        to_simulated(key="market_simulated")


@live(5, "Chart")
def chart(rows: list[Coverage]) -> None:
    """Bars of one series with what the account did on them."""
    account = current_account(console())
    labels = {f"{r.symbol} · {r.interval.value} · {r.source}": r for r in rows}
    usual = next((i for i, r in enumerate(rows) if r.source == source_of(account) and r.interval is Interval.H1), 0)
    left, middle, right = st.columns([4, 7, 3], vertical_alignment="bottom")
    row = labels[left.selectbox("Series", list(labels), index=usual, key="market_series")]
    kinds = middle.pills("Show", KINDS, selection_mode="multi", default=KINDS[:4], key="market_marks")
    n = right.select_slider("Bars", [100, 250, DEFAULT_BARS, 1000, MOST_BARS], DEFAULT_BARS, key="market_n")
    mine = account is not None and account.source.value == row.source
    drawn = read_chart(console(), row.source, row.symbol, row.interval, n_bars=n,
                       account_id=account.account_id if account and mine else None)  # fmt: skip
    price_chart(drawn, key="market_chart", marks=kinds or ())
    holes = gaps(drawn.bars)
    if holes:
        st.caption(f"{count(len(holes), 'gap')} in this window:")
        table(
            [{"first missing": g.first_open_at, "last missing": g.last_open_at, "bars": g.n_bars} for g in holes],
            key="gaps",
            empty="",
        )


def coverage(rows: list[Coverage]) -> None:
    """What is stored."""
    section("Stored bars")
    now = console().clock.now()
    table(
        [
            {
                "source": r.source, "instrument": r.symbol, "interval": r.interval.value, "bars": r.n_bars,
                "missing": r.missing, "first": r.first_open_at, "last": r.last_open_at,
                "newest closed": "with the market" if r.source == Source.SIMULATED else ago(bars_age(r, now)),
            }
            for r in rows
        ],
        key="coverage", empty="Nothing is stored.",
    )  # fmt: skip


require_login()
with page("Market", f"Closed bars from {len(SOURCES)} kinds of sources. Gaps are shown, never filled in."):
    source_state()
    found = list(read_coverage(console()))
    if found:
        chart(found)
        coverage(found)
    else:
        empty("No bars are stored yet: sync or import some below, or use the simulated market.", "overview.py",
              "Choose a market", key="market")  # fmt: skip
    get_more()
