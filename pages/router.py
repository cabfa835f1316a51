"""The Streamlit script: login gate, status bar, and the table of pages. `app.py` serves it."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

HERE = Path(__file__).resolve().parent
if str(HERE.parent) not in sys.path:  # Streamlit puts only this folder on the path
    sys.path.insert(0, str(HERE.parent))

from pages.parts.loading import load  # noqa: E402 - needs the path above

load()  # before anything below imports a part of it: the engine may be starting in another thread

from pages.parts.access import require_login  # noqa: E402
from pages.parts.ask import show_answer  # noqa: E402
from pages.parts.frame import style  # noqa: E402
from pages.parts.guard import guard  # noqa: E402
from pages.parts.look import apply_look  # noqa: E402
from pages.parts.status import status_bar  # noqa: E402


def pages() -> dict[str, list[st.Page]]:
    """Every page, grouped as the sidebar shows them."""

    def page(name: str, title: str, icon: str, *, default: bool = False) -> st.Page:
        return st.Page(HERE / f"{name}.py", title=title, icon=f":material/{icon}:", default=default)

    return {
        "Now": [
            page("overview", "Overview", "home", default=True),
            page("autotrader", "Auto-trading", "smart_toy"),
            page("trade", "Trade", "swap_horiz"),
            page("predictions", "Predictions", "insights"),
        ],
        "Learn": [page("models", "Models", "model_training"), page("backtest", "Backtest", "history")],
        "Keep": [
            page("portfolio", "Portfolio", "account_balance_wallet"),
            page("market", "Market", "candlestick_chart"),
            page("system", "System", "settings"),
        ],
    }


st.set_page_config(page_title="AAITI", page_icon=":material/candlestick_chart:", layout="wide")
require_login()
with guard("Colours"):
    apply_look()
chosen = st.navigation(pages())
style()
top = st.container(key="top")
with st.container(key="answer_place"), guard("Answer"):  # always there: what follows must not lose its place
    show_answer()
with top, guard("Status bar"):
    status_bar()
with guard(chosen.title):  # a page that cannot even be imported says so in words
    chosen.run()
