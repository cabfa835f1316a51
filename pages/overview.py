"""Overview: what to do next, what the account is worth, what it holds and what was decided."""

from __future__ import annotations

from itertools import accumulate

import streamlit as st

from engine.domain.account import Account
from engine.queries.chart import read_chart
from engine.queries.console import current_account
from engine.queries.guide import Stage, read_guide
from engine.queries.portfolio import read_holdings, read_owners
from engine.queries.words import count, money, ratio
from pages.parts.access import require_login
from pages.parts.books import alert_list, decisions_table, holdings_table, trades_table
from pages.parts.charts import price_chart
from pages.parts.frame import page, section
from pages.parts.guard import live
from pages.parts.guide import next_step
from pages.parts.wiring import console


@live(3, "Overview")
def now(stage: Stage) -> None:
    """What changes while one looks; a step that was taken meanwhile redraws the whole page."""
    if read_guide(console()).stage is not stage:
        st.rerun()
    account = current_account(console())
    if account is not None:
        _worth(account)
        _chart(account)
        _lists(account)


def _worth(account: Account) -> None:
    ledger, reads = console().ledger, console().reads
    marks = reads.marks(account.account_id, limit=120)
    if not marks:
        return
    last, first = marks[-1], marks[0]
    trades = ledger.trades(account.account_id)
    wins = sum(trade.profit > 0 for trade in trades)
    flows = sum(amount for at, amount, _ in ledger.flows(account.account_id) if at > first.at)
    change = float(last.equity - flows - first.equity)
    with st.grid(4, min_column_width=150, gap="small", key="worth"):
        st.metric(
            "Equity",
            money(last.equity, account.quote),
            round(change, 2),
            delta_description="since the first bar",
            border=True,
            chart_data=[float(m.equity) for m in marks],
            chart_type="area",
        )
        st.metric(
            "Invested",
            money(last.exposure, account.quote),
            ratio(last.exposure / last.equity if last.equity else None) + " of equity",
            delta_color="off",
            delta_arrow="off",
            border=True,
            chart_data=[float(m.exposure) for m in marks],
            chart_type="area",
        )
        realised = list(accumulate((t.profit for t in trades), initial=last.equity * 0))
        st.metric("Realised profit", money(realised[-1], account.quote, signed=True),
                  f"{count(len(trades), 'trade')}, {wins} won", delta_color="off", delta_arrow="off", border=True,
                  chart_data=[float(profit) for profit in realised[-120:]], chart_type="area")  # fmt: skip
        deepest = reads.worst_drawdown(account.account_id)
        st.metric("Drawdown", ratio(last.drawdown), f"deepest {ratio(deepest)}", delta_color="off", delta_arrow="off",
                  border=True, chart_data=[-float(m.drawdown) for m in marks], chart_type="area")  # fmt: skip


def _chart(account: Account) -> None:
    sleeves = [s for s in console().ledger.sleeves(account.account_id) if s.strategy != "manual"]
    if not sleeves:
        return
    sleeve = sleeves[-1]
    chart = read_chart(console(), account.source.value, sleeve.symbol, sleeve.interval, n_bars=240,
                       account_id=account.account_id)  # fmt: skip
    if len(chart.bars):
        section(f"{sleeve.symbol} · {sleeve.interval.value}")
        price_chart(chart, key="overview_chart", marks=("entry", "exit", "stop", "target"), height=300)


def _lists(account: Account) -> None:
    owners = read_owners(console(), account)
    section("Positions")
    holdings_table(
        read_holdings(console(), account), account.quote, key="overview_positions",
        empty="Nothing is held. A position appears here when a decision passes every gate, or after a manual trade.",
    )  # fmt: skip
    left, right = st.columns(2, gap="medium")
    with left:
        section("Last trades")
        trades_table(console().ledger.trades(account.account_id)[-20:], owners, key="overview_trades",
                     empty="No trade is closed yet.")  # fmt: skip
    with right:
        section("Last decisions")
        decisions_table(
            console().reads.recent_decisions(account.account_id, limit=20),
            owners,
            key="overview_decisions",
            empty="No bar has been decided yet. Decisions come at each bar's close, once a model trades.",
        )
    section("Messages")
    alert_list(console().reads.alerts(limit=8), empty="No messages.")


require_login()
with page("Overview", "What to do next, what the account is worth, and why the engine did what it did."):
    guide = read_guide(console())  # once: what is drawn and what `now` watches for a change are the same
    next_step(guide)
    now(guide.stage)
