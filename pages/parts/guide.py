"""The next-step card: the one thing to do now, with the button that does it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from engine.domain.account import AccountKind, Source
from engine.domain.command import CommandKind
from engine.domain.job import JobKind
from engine.queries.guide import STEPS, Guide, Stage
from engine.queries.models import as_float, scores
from engine.queries.words import ratio
from pages.parts.ask import button
from pages.parts.jobs import job_progress
from pages.parts.train_form import train_form
from pages.parts.wiring import console

CASH = "10000"


def next_step(guide: Guide) -> None:
    """Draw the card; nothing once everything runs."""
    if guide.stage is Stage.RUNNING:
        return
    with st.container(border=True, key="guide"):
        if guide.stage not in (Stage.HALTED, Stage.START_ENGINE):
            _progress(guide)
        _CARDS[guide.stage](guide)


def _progress(guide: Guide) -> None:
    parts = []
    for i, (_, title) in enumerate(STEPS):
        icon = "check_circle" if i < guide.steps_done else "radio_button_checked" if i == guide.steps_done else "circle"
        text = f":material/{icon}: {title}"
        parts.append(
            f"**{text}**" if i == guide.steps_done else f":green[{text}]" if i < guide.steps_done else f":gray[{text}]"
        )
    st.markdown("  ·  ".join(parts))


def _start_engine(_guide: Guide) -> None:
    st.markdown("#### Start the engine")
    st.markdown("The console shows what is stored, but nothing trades or learns until the engine runs: "
                "`make run` starts both, `python -m engine trade` starts the engine alone.")  # fmt: skip


def _choose_market(guide: Guide) -> None:
    st.markdown("#### Welcome. Which market do you want to practise on?")
    st.markdown(
        "Everything here is paper: no order leaves this machine and no money is at stake. You start with 10,000 USDT."
    )
    simulated, real = st.columns(2)
    with simulated.container(border=True, height="stretch"):
        st.markdown("**Simulated market** · needs no network")
        st.caption(
            "A seeded market with a small planted edge, so that a model has something to find. It proves nothing "
            "about real markets, and is always labelled SIMULATED."
        )
        to_simulated(key="use_simulated", type="primary")
    with real.container(border=True, height="stretch"):
        st.markdown("**Binance prices** · real market, paper money")
        problem = guide.source_problem
        st.caption(
            f"Not reachable now: {problem}"
            if problem
            else "Public prices without an account. Real markets are hard: "
            "honest models are right 52 to 57 times in 100."
        )
        button("Use Binance prices", CommandKind.OPEN_ACCOUNT,
               {"name": "Binance paper", "source": Source.BINANCE.value, "cash": CASH}, key="use_binance",
               icon=":material/public:", disabled=problem is not None)  # fmt: skip


def to_simulated(*, key: str, **look: Any) -> None:
    """The button to the simulated market: into the account that is open there, else into a new one."""
    there = [
        a for a in console().ledger.accounts()
        if a.source is Source.SIMULATED and a.kind is AccountKind.PAPER and a.closed_at is None
    ]  # fmt: skip
    kind = CommandKind.USE_ACCOUNT if there else CommandKind.OPEN_ACCOUNT
    new = {"name": "Simulated", "source": Source.SIMULATED.value, "cash": CASH}
    payload = {"account_id": there[-1].account_id} if there else new
    button("Use the simulated market", kind, payload, key=key, icon=":material/science:", **look)


def _no_prices(guide: Guide) -> None:
    st.markdown("#### No prices come in")
    st.markdown(
        f"{guide.source_problem}  \nThe engine keeps asking, and this card goes away by itself once it is answered. "
        "Until then practise on the simulated market, or learn from bars of your own files."
    )
    with st.container(horizontal=True):
        to_simulated(key="guide_simulated", type="primary")
        if st.button("Import bars", key="guide_import", icon=":material/upload_file:"):
            st.switch_page(Path(__file__).parents[1] / "market.py")


def _train(guide: Guide) -> None:
    st.markdown("#### Train your first model")
    st.caption(
        "Give it a name. It learns from bars and is tested on others that it has never seen: about half a minute."
    )
    job_progress(JobKind.TRAIN)
    if guide.account is not None:
        train_form(guide.account.source.value, key="guide")


def _wait_for_training(_guide: Guide) -> None:
    st.markdown("#### Your model is learning")
    job_progress(JobKind.TRAIN)


def _trade_with_model(guide: Guide) -> None:
    model, version = guide.model, guide.version
    if model is None or version is None:
        return
    s = scores(version.metrics)
    st.markdown(f"#### {model.name} is ready")
    st.markdown(f"On bars it had never seen it was right **{ratio(as_float(s.get('accuracy')), 1)}** of the time, and "
                f"**{ratio(as_float(s.get('top_decile_accuracy')), 1)}** on the tenth of calls it was surest about. "
                f"Let it trade {model.symbol} {_with_what(guide)}?")  # fmt: skip
    with st.container(horizontal=True):
        trade_with(version.version_id, model.symbol, model.interval.value, key="guide_sleeve")
        if st.button("Look at it first", key="guide_look", type="tertiary"):
            st.switch_page(Path(__file__).parents[1] / "models.py")


def trade_with(version_id: str, symbol: str, interval: str, *, key: str) -> None:
    """The button that gives a model a sleeve."""
    button("Trade with this model", CommandKind.START_SLEEVE,
           {"strategy": f"model:{version_id}", "symbol": symbol, "interval": interval}, key=key, type="primary",
           icon=":material/rocket_launch:")  # fmt: skip


def _switch_on(guide: Guide) -> None:
    names = ", ".join(sorted({sleeve.symbol for sleeve in guide.sleeves}))
    st.markdown("#### Everything is ready: switch on auto-trading")
    st.markdown(
        f"At each bar's close the engine decides about {names}; gates hold it back unless the call is strong and its "
        "edge pays the costs. Every position gets a stop and a target."
    )
    switch(key="guide_switch", on=True, primary=True)


def switch(*, key: str, on: bool, primary: bool = False) -> None:
    """The one switch of auto-trading."""
    label, icon = ("Switch on auto-trading", "play_arrow") if on else ("Switch off auto-trading", "pause")
    button(label, CommandKind.SWITCH_TRADING, {"on": on}, key=key, type="primary" if primary else "secondary",
           icon=f":material/{icon}:")  # fmt: skip


def _wait_for_trade(_guide: Guide) -> None:
    st.markdown("#### Auto-trading is on: waiting for the first trade")
    st.markdown(
        "Each closed bar is decided about; below you see what the gates said. The first trade appears here by itself."
    )


def _with_what(guide: Guide) -> str:
    kind = guide.account.kind if guide.account else AccountKind.PAPER
    return {AccountKind.LIVE: "with real money", AccountKind.TESTNET: "on the testnet"}.get(kind, "on paper")


def _arm(_guide: Guide) -> None:
    st.markdown("#### This account has real money and is not armed")
    st.markdown(
        "Nothing new is bought before you have looked at its limits and armed it: type LIVE and the amount at risk. "
        "An arming ends by itself, and you can end it in one click."
    )
    with st.container(horizontal=True):
        for page_file, label, kind in (("autotrader", "Set the limits", "secondary"), ("system", "Arm it", "primary")):
            if st.button(label, key=f"guide_{page_file}", type=kind):  # type: ignore[arg-type]
                st.switch_page(Path(__file__).parents[1] / f"{page_file}.py")


def _halted(_guide: Guide) -> None:
    st.markdown("#### Trading is halted")
    st.markdown("No new risk is taken until you type RESET. Exits and stops go on.")
    if st.button("Go to the System page", key="guide_reset", type="primary"):
        st.switch_page(Path(__file__).parents[1] / "system.py")


_CARDS = {
    Stage.START_ENGINE: _start_engine, Stage.CHOOSE_MARKET: _choose_market, Stage.NO_PRICES: _no_prices,
    Stage.TRAIN: _train,
    Stage.WAIT_FOR_TRAINING: _wait_for_training, Stage.TRADE_WITH_MODEL: _trade_with_model, Stage.SWITCH_ON: _switch_on,
    Stage.ARM: _arm,
    Stage.WAIT_FOR_TRADE: _wait_for_trade, Stage.HALTED: _halted,
}  # fmt: skip
