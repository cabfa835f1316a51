"""Every page in every state: empty, full, engine dead, database broken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from engine.domain.command import CommandKind, CommandState
from tests.pages.conftest import Open
from tests.pages.full import ACCOUNT
from tests.pages.reading import assert_calm, figure, words
from tests.pages.scene import Scene

PAGES = (
    "overview", "models", "predictions", "trade", "autotrader", "portfolio", "backtest", "market", "system",
)  # fmt: skip

NEXT = {
    "overview": "Which market do you want to practise on",
    "models": "Type a name above",
    "predictions": "No model has been trained yet",
    "trade": "choose a market first",
    "autotrader": "choose a market first",
    "portfolio": "choose a market first",
    "backtest": "No backtest yet",
    "market": "No bars are stored yet",
    "system": "choose a market on the Overview page",
}


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_page_says_what_to_do_next(empty: Scene, show: Open, name: str) -> None:
    empty.beat(source="none")
    at = show(name)
    assert_calm(at)
    assert NEXT[name] in words(at)


@pytest.mark.parametrize("name", PAGES)
def test_a_full_page_shows_whose_money_and_which_prices(full: Scene, show: Open, name: str) -> None:
    at = show(name)
    assert_calm(at)
    assert "PAPER · SIMULATED data" in words(at)
    assert figure(at, "Equity") == "10,762.69 USDT"
    assert figure(at, "Today (UTC)") == "+23.17 USDT"
    assert figure(at, "Engine") == "alive · now"
    assert not at.button(key="halt").disabled


@pytest.mark.parametrize("name", PAGES)
def test_a_dead_engine_is_said_on_every_page(full: Scene, show: Open, name: str) -> None:
    full.clock.at += timedelta(minutes=5)
    at = show(name)
    assert_calm(at)
    assert "The engine does not answer" in words(at)
    assert figure(at, "Engine") == "silent 5 min"


@pytest.mark.parametrize("name", PAGES)
def test_a_broken_database_is_told_in_words(full: Scene, show: Open, name: str) -> None:
    with full.database.engine.begin() as connection:
        for table in ("equity_marks", "commands", "decisions", "predictions", "positions", "jobs"):
            connection.execute(text(f"DROP TABLE {table}"))
    at = show(name)
    assert not at.exception
    if name != "market":  # it needs none of these tables
        assert "lacks a table" in words(at)
        assert "python -m engine migrate" in words(at)


def test_an_unforeseen_error_is_no_traceback(full: Scene, show: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def burst(*_: object, **__: object) -> None:
        raise RuntimeError("the pipe burst\nand more")

    monkeypatch.setattr(full.reads, "alerts", burst, raising=False)
    at = show("system")
    assert not at.exception
    assert "**System failed**: RuntimeError: the pipe burst" in words(at)
    assert "Your orders and positions are not touched" in words(at)


def test_the_empty_bar_invents_nothing(empty: Scene, show: Open) -> None:
    at = show("overview")
    for label in ("Engine", "Data age", "Equity", "Today (UTC)", "Drawdown"):
        assert figure(at, label) == "—", label
    assert at.button(key="halt").disabled


def test_halt_is_one_click_and_binds_without_the_engine(full: Scene, show: Open) -> None:
    full.clock.step = timedelta(seconds=1)  # nobody answers: the wait ends by the clock
    at = show("models")
    at.button(key="halt").click().run()
    assert [h.cause for h in full.ledger.halts(ACCOUNT)] == ["operator"]
    assert "Halted (operator)" in words(at)
    assert "The halt is written and binds" in words(at)
    assert at.button(key="halt").disabled


def test_each_click_gets_the_engines_own_words(full: Scene, show: Open) -> None:
    full.engine_says("ALFA is not on offer here", CommandState.REFUSED)
    at = show("trade")
    at.button(key="flatten").click().run()
    assert full.last.kind is CommandKind.FLATTEN
    assert "**Flatten refused.** ALFA is not on offer here" in words(at)
    at.button(key="dismiss_answer").click().run()
    assert "Flatten refused" not in words(at)
