"""Live against backtest: an account's past trading, backtested, and where the money parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import streamlit as st

from engine.domain.account import Account
from engine.domain.command import CommandKind
from engine.domain.interval import parse_time
from engine.domain.job import Job, JobKind, JobState
from engine.queries.console import current_account
from engine.queries.models import as_float, table
from engine.queries.status import mode_words
from engine.queries.trading import strategy_name, strategy_names
from engine.queries.words import count, number
from pages.parts.ask import form_button
from pages.parts.frame import section
from pages.parts.tables import table as draw
from pages.parts.train_form import utc_midnight
from pages.parts.wiring import console
from pages.parts.zone import show


def live_against_backtest() -> None:
    """Choose an account, compare, and see each difference by its name."""
    accounts = {a.account_id: a for a in reversed(console().ledger.accounts())}
    if not accounts:
        return
    section("Live against backtest", "What an account has traded, paper or live, over the same bars by the backtest. "
            "A difference is named: fees, slippage, a missed fill, another signal.")  # fmt: skip
    left, middle, right = st.columns([3, 1, 1])
    with left:
        account = _choose(accounts)
    wanted = {
        "against": account.account_id, "start": _day(middle.date_input("From (UTC)", None, key="against_start")),
        "end": _day(right.date_input("To (UTC), not included", None, key="against_end")),
    }  # fmt: skip
    form_button("Compare", CommandKind.BACKTEST, wanted, key="compare_live", icon=":material/difference:",
                help="Without dates: all that the account has decided.")  # fmt: skip
    newest = _newest(account.account_id)
    if newest is None or newest.result is None:
        st.caption("Not compared yet.")
        return
    st.caption(f"Compared {show(newest.created_at)}. The account's limits as they are now; its own fees and costs.")
    for told in table(newest.result, "runs"):
        _run(told, account)


def _day(day: object) -> str | None:
    """The midnight that a chosen day begins with; None where none was chosen."""
    return utc_midnight(day) if isinstance(day, date) else None


def _choose(accounts: Mapping[str, Account]) -> Account:
    names, current = list(accounts), current_account(console())
    usual = names.index(current.account_id) if current is not None else 0
    return accounts[
        st.selectbox("Account", names, index=usual, key="against_account",
                     format_func=lambda name: f"{accounts[name].name} · {mode_words(accounts[name])} · "
                     f"{show(accounts[name].created_at)}")
    ]  # fmt: skip


def _newest(account_id: str) -> Job | None:
    jobs = console().board.jobs(JobKind.BACKTEST)
    return next(
        (j for j in jobs if j.state is JobState.DONE and j.request.get("against") == account_id), None
    )  # fmt: skip


def _run(told: Mapping[str, object], account: Account) -> None:
    name, key = str(told.get("strategy")), f"{told.get('strategy')}_{told.get('interval')}"
    span = f"{_moment(told.get('from')):%Y-%m-%d %H:%M} to {_moment(told.get('to')):%Y-%m-%d %H:%M} UTC"
    st.markdown(f"**{strategy_name(name, strategy_names(console()))}** · {told.get('interval')} · {span}")
    live, tested = as_float(told.get("live_profit")), as_float(told.get("backtest_profit"))
    with st.container(horizontal=True, key=f"against_{key}"):
        st.metric(f"Live, {account.quote}", number(live, 2), _trades(told.get("live_trades")), delta_color="off",
                  delta_arrow="off", border=True)  # fmt: skip
        st.metric(f"Backtest, {account.quote}", number(tested, 2), _trades(told.get("backtest_trades")),
                  delta_color="off", delta_arrow="off", border=True)  # fmt: skip
        gap = live - tested if live is not None and tested is not None else None
        st.metric(f"Difference, {account.quote}", number(gap, 2), border=True)
        st.metric("Calls alike", f"{number(told.get('same_calls'))} of {number(told.get('calls'))}", border=True)
    if told.get("open_before"):
        st.caption(f"{count(int(str(told['open_before'])), 'trade')} began before the time and is left out.")
    _differences(told, key)


def _differences(told: Mapping[str, object], key: str) -> None:
    causes = told.get("by_cause")
    known = causes if isinstance(causes, Mapping) else {}
    sums = [{"cause": cause, "live more by": money} for cause, money in known.items()]
    if not sums:
        st.success("No difference: live and backtest are the same, trade for trade.", icon=":material/check_circle:")
        return
    left, right = st.columns([1, 3], gap="medium")
    with left:
        draw(sums, key=f"causes_{key}", empty="", formats={"live more by": "%+.4f"})
    with right:
        draw(_rows(told), key=f"differences_{key}", empty="", formats={"live more by": "%+.4f"})


def _rows(told: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
    return [
        {"at": _moment(one.get("at")), "symbol": one.get("symbol"), "cause": one.get("cause"),
         "live more by": one.get("profit"), "detail": one.get("detail")}
        for one in table(told, "differences")
    ]  # fmt: skip


def _moment(text: object) -> datetime:
    return parse_time(str(text))


def _trades(n: object) -> str:
    return count(n, "trade") if isinstance(n, int) else ""
