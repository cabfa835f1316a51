"""Portfolio: positions, trades, equity and drawdown; deposits are shown and never counted as profit."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from engine.domain.account import Account, AccountKind
from engine.queries.console import current_account
from engine.queries.portfolio import Books, read_books, tax_rows
from engine.queries.status import mode_words
from engine.queries.words import ABSENT, count, money, ratio
from pages.parts.access import require_login
from pages.parts.books import holdings_table, trades_table
from pages.parts.charts import drawdown_chart, equity_chart
from pages.parts.frame import empty, page, section
from pages.parts.guard import live
from pages.parts.paper_money import manage
from pages.parts.tables import download, table
from pages.parts.wiring import console
from pages.parts.zone import show


def choose(current: Account) -> Account:
    """The account in use, or another one to look at: closed accounts and replays keep their history."""
    accounts = {a.account_id: a for a in reversed(console().ledger.accounts())}
    if len(accounts) == 1:
        return current
    names = list(accounts)
    if st.session_state.pop("portfolio_of", current.account_id) != current.account_id:
        st.session_state.pop("portfolio_account", None)  # another account is in use now: that one is looked at first
    st.session_state["portfolio_of"] = current.account_id
    chosen = st.selectbox("Account", names, index=names.index(current.account_id), key="portfolio_account",
                          format_func=lambda name: _name(accounts[name], current))  # fmt: skip
    return accounts[chosen]


def _name(account: Account, current: Account) -> str:
    state = "in use" if account.account_id == current.account_id else "closed" if account.closed_at else "not in use"
    return f"{account.name} · {mode_words(account)} · {show(account.created_at)} · {state}"


@live(5, "Figures")
def figures(account: Account) -> None:
    """The account in six numbers, kept fresh."""
    books = read_books(console(), account)
    last, asset = (books.marks[-1] if books.marks else None), books.account.quote
    won = sum(t.profit > 0 for t in books.trades)
    flows = sum((amount for _, amount, _ in books.flows), Decimal(0))
    with st.grid(6, min_column_width=150, gap="small", key="portfolio_figures"):
        st.metric(f"Equity, {asset}", money(last.equity if last else books.account.cash), border=True)
        st.metric(f"Cash, {asset}", money(last.cash if last else books.account.cash), border=True)
        st.metric(
            "Return",
            ratio(books.total_return, signed=True),
            border=True,
            help="Time-weighted: deposits and withdrawals are taken out. — before the first bar is marked.",
        )
        st.metric(
            f"Realised, {asset}",
            money(books.realised if books.trades else None, signed=True),
            border=True,
            help=f"By FIFO lots: {count(len(books.trades), 'trade')}, {won} won, {money(books.fees, asset)} fees paid.",
        )
        st.metric("Deepest drawdown", ratio(books.worst_drawdown), border=True)
        st.metric(f"Deposits, {asset}", money(flows if books.flows else None, signed=True), border=True,
                  help="Less withdrawals. External flows are shown, and kept out of profit.")  # fmt: skip


def curves(books: Books) -> None:
    """Equity and drawdown."""
    section("Equity", "Marked at each bar's close. Deposits and withdrawals move it; the return above leaves them out.")
    if len(books.marks) < 2:
        st.caption("The curve begins with the second bar that closes while the engine runs.")
        return
    equity_chart([(m.at, float(m.equity), "equity") for m in books.marks], key="equity_chart")
    drawdown_chart(books.marks, key="drawdown_chart")
    rows = [
        {"at": m.at, "equity": m.equity, "cash": m.cash, "exposure": m.exposure, "drawdown": m.drawdown}
        for m in books.marks
    ]
    download(rows, key="equity", label="Equity CSV")


def lists(books: Books) -> None:
    """Positions, trades, flows."""
    section("Positions")
    holdings_table(books.holdings, books.account.quote, key="portfolio_positions", empty="Nothing is held.")
    section("Trades")
    trades_table(
        books.trades,
        books.owners,
        key="trades",
        empty="No trade is closed yet: it appears here with its profit after all costs.",
    )
    if books.trades:
        download(tax_rows(books.trades, books.account.quote), key="tax", label="Tax export (FIFO, UTC, exact)")
    section("Deposits and withdrawals")
    table([{"at": at, "amount": amount, "note": note} for at, amount, note in books.flows], key="flows", empty="None.",
          formats={"amount": "%+.2f"})  # fmt: skip


require_login()
with page("Portfolio", "What the account holds, what it earned after all costs, and what came from outside."):
    current = current_account(console())
    if current is None:
        empty("No account is open yet: choose a market first.", "overview.py", "Choose a market", key="portfolio")
    else:
        chosen = choose(current)
        st.caption(
            f"{chosen.name} · {mode_words(chosen)} · {chosen.account_id or ABSENT} · opened {show(chosen.created_at)}"
        )
        found = read_books(console(), chosen)
        figures(chosen)
        curves(found)
        lists(found)
        if chosen.account_id == current.account_id and chosen.kind is not AccountKind.REPLAY:
            manage(chosen)
