"""Every page in every state: empty, full, engine dead, database broken."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from streamlit import config

from engine.domain.command import CommandKind, CommandState
from engine.domain.job import JobKind, JobState
from tests.backtest.report.sample import sample_report
from tests.pages.conftest import Open
from tests.pages.full import ACCOUNT, SLEEVE, job
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


def test_the_model_page_shows_honesty_beside_each_score(full: Scene, show: Open) -> None:
    at = show("models")
    assert figure(at, "Accuracy") == "54.1 %"
    assert "lies within the noise floor of 8,736 calls" in words(at)
    assert "a word of warning" in words(at)
    assert "cd" * 32 in words(at)


def test_training_is_asked_for_with_sensible_defaults(full: Scene, show: Open) -> None:
    full.engine_says("Training has begun.")
    at = show("models")
    at.text_input(key="models_name").set_value("second").run()
    at.button(key="models_train").click().run()
    assert full.last.kind is CommandKind.TRAIN
    assert {"name": "second", "symbol": "BTCUSDT", "interval": "1h", "horizon": 24}.items() <= full.last.payload.items()


def test_binance_bars_need_not_be_stored_to_train_on_them(full: Scene, show: Open) -> None:
    full.engine_says("Training has begun.")
    at = show("models")
    at.session_state["train_source"] = "BINANCE"
    at.run()
    at.button(key="models_train").click().run()
    assert {"source": "BINANCE", "symbol": "BTCUSDT", "name": "model 1"}.items() <= full.last.payload.items()


def test_progress_is_shown_and_can_be_cancelled(full: Scene, show: Open) -> None:
    full.board.add_job(
        job(
            JobKind.TRAIN,
            JobState.RUNNING,
            full.clock.at,
            progress=0.4,
            message="fold 3 of 5",
            started_at=full.clock.at,
        )
    )
    full.engine_says("Asked to stop.")
    at = show("models")
    at.button(key="cancel_train").click().run()
    assert full.last.payload == {"job_id": "train-running"}


def test_a_failed_training_says_why(full: Scene, show: Open) -> None:
    full.board.add_job(job(JobKind.TRAIN, JobState.FAILED, full.clock.at, message="too few bars"))
    assert "failed: too few bars" in words(show("models"))


def test_a_model_is_asked_for_one_call_at_a_chosen_moment(full: Scene, show: Open) -> None:
    full.engine_says("It is being asked.", job_id="j")
    page = show("predictions")
    page.text_input(key="predict_at").input("2025-04-01 11:00").run()
    page.button(key="predict").click().run()
    assert full.last.kind is CommandKind.PREDICT
    assert full.last.payload["at"] == "2025-04-01T11:00:00Z"


def test_a_moment_that_is_none_is_named_and_nothing_is_asked(full: Scene, show: Open) -> None:
    page = show("predictions")
    page.text_input(key="predict_at").input("tomorrow").run()
    assert page.button(key="predict").disabled
    assert "'tomorrow' is not an ISO 8601 time" in words(page)


def test_a_prediction_comes_with_its_sentence_and_every_gate(full: Scene, show: Open) -> None:
    page = words(show("predictions"))
    assert "calls this strong were right 58 % ± 12 % (n = 18 independent)" in page
    assert "**edge** :gray[expected edge 31 bp" in page
    assert "RSI 27, oversold" in page


def test_the_gates_are_counted_and_missed_bars_shown(full: Scene, show: Open) -> None:
    at = show("autotrader")
    assert figure(at, "Bars decided") == "120"
    assert figure(at, "Missed bars") == "2"
    assert "2 missed bars" in words(at)
    assert "The nearest call" in words(at)


def test_switching_off_is_one_click(full: Scene, show: Open) -> None:
    full.engine_says("Auto-trading is off.")
    show("autotrader").button(key="switch").click().run()
    assert full.last.payload == {"on": False}


def test_limits_are_checked_before_they_are_sent(full: Scene, show: Open) -> None:
    full.engine_says("Limits stored.")
    at = show("autotrader")
    at.text_input(key="limit_max_drawdown").set_value("lots")
    at.button(key="limits_store").click().run()
    assert "max_drawdown is 'lots'; write a number such as 0.25" in words(at)
    assert not full.board.asked
    at.text_input(key="limit_max_drawdown").set_value("0.1")
    at.button(key="limits_store").click().run()
    assert full.last.payload["limits"]["max_drawdown"] == "0.1"  # type: ignore[index]


def test_retiring_asks_what_becomes_of_the_position(full: Scene, show: Open) -> None:
    full.engine_says("The sleeve decides no more.")
    at = show("autotrader")
    at.button(key=f"retire_{SLEEVE}").click().run()
    assert "What becomes of that?" in words(at)
    at.radio(key=f"policy_{SLEEVE}").set_value("keep_stop").run()
    at.button(key=f"retire_now_{SLEEVE}").click().run()
    assert full.last.kind is CommandKind.RETIRE_SLEEVE
    assert full.last.payload == {"sleeve_id": SLEEVE, "position": "keep_stop", "successor": None}


def test_the_portfolio_keeps_deposits_out_of_profit(full: Scene, show: Open) -> None:
    at = show("portfolio")
    assert figure(at, "Deposits, USDT") == "+500.00"
    assert figure(at, "Return") == "+2.50 %"


def test_a_reset_needs_its_typed_word(full: Scene, show: Open) -> None:
    full.engine_says("Paper starts again.")
    at = show("portfolio")
    assert at.button(key="reset_account").disabled
    at.text_input(key="reset_account_word").set_value("reset").run()
    assert at.button(key="reset_account").disabled
    at.text_input(key="reset_account_word").set_value("RESET").run()
    at.button(key="reset_account").click().run()
    assert full.last.payload == {"account_id": ACCOUNT, "typed": "RESET"}


def test_a_backtest_stands_against_its_baselines_and_says_how_far_to_believe_it(full: Scene, show: Open) -> None:
    at = show("backtest")
    told = words(at)
    assert "SIMULATED market with a planted edge" in told
    assert figure(at, "Return") == "+4.20 %"
    hold = next(line for line in sample_report().rivals if line.name == "buy_hold").figures.total_return
    assert next(m.delta for m in at.metric if m.label == "Return") == f"{4.2 - 100 * hold:+.2f} % against buy and hold"
    assert figure(at, "Deflated Sharpe").endswith("%")
    assert "random runs that enter as often and hold as long" in told
    assert "rsi_reversion" in told
    assert "its bars end at 2025-02-22T08:00:00Z, before the run does" in told


def test_two_backtests_stand_side_by_side(full: Scene, show: Open) -> None:
    at = show("backtest")
    box = next(box for box in at.selectbox if box.label == "Other run")
    box.select_index(0).run()
    assert_calm(at)
    beside = next(table.value for table in at.dataframe if "difference" in table.value)
    assert list(beside["this run"]) == list(beside.iloc[:, 2])


def add_result(scene: Scene, **changes: object) -> None:
    """The newest backtest once more, with other results."""
    newest = scene.board.jobs(JobKind.BACKTEST)[0]
    scene.board.add_job(replace(newest, job_id="again", result={**(newest.result or {}), **changes}))


def test_a_backtest_is_checked_in_one_click_and_tells_what_came_of_it(full: Scene, show: Open) -> None:
    full.engine_says("Backtest has begun.")
    at = show("backtest")
    next(b for b in at.button if b.label.startswith("Check for look-ahead")).click().run()
    assert (full.last.kind, full.last.payload["checks"]) == (CommandKind.BACKTEST, True)
    found = [{"name": "look-ahead", "passed": False, "detail": "its call is another"},
             {"name": "warm-up", "passed": None, "detail": "too few bars"}]  # fmt: skip
    add_result(full, checks=found)
    told = words(show("backtest"))
    assert "**Look-ahead**: its call is another. Do not believe this run." in told
    assert "**Warm-up** could not be judged" in told


def test_a_model_can_be_walked_forward(full: Scene, show: Open) -> None:
    full.engine_says("Backtest has begun.")
    at = show("backtest")
    assert "backtest_retrain" not in {box.key for box in at.number_input}
    at.segmented_control(key="backtest_kind").set_value("Model").run()
    at.number_input(key="backtest_retrain").set_value(30).run()
    at.button(key="run_backtest").click().run()
    assert full.last.payload["retrain_days"] == 30


def test_live_is_held_against_its_backtest_and_differences_are_named(full: Scene, show: Open) -> None:
    full.engine_says("What Paper traded is being backtested.")
    at = show("backtest")
    assert "Not compared yet" in words(at)
    at.button(key="compare_live").click().run()
    assert full.last.payload == {"against": ACCOUNT, "start": None, "end": None}
    full.clock.at += timedelta(seconds=5)  # a second click at the same moment would be the same command
    at.date_input(key="against_start").set_value(date(2025, 3, 30)).run()
    at.button(key="compare_live").click().run()
    assert full.last.payload["start"] == "2025-03-30T00:00:00Z"
    one = {"symbol": "BTCUSDT", "at": "2025-03-30T00:00:00Z", "cause": "slippage", "detail": "late", "profit": -3.5}
    told = {
        "strategy": "rule:buy_hold", "symbols": ["BTCUSDT"], "interval": "1h", "from": "2025-03-30T00:00:00Z", "to":
        "2025-03-31T00:00:00Z", "open_before": 1, "calls": 25, "same_calls": 24, "live_trades": 1, "backtest_trades": 1,
        "paired": 1, "live_profit": 6.5, "backtest_profit": 10.0, "by_cause": {"slippage": -3.5}, "differences": [one],
    }  # fmt: skip
    newest = full.board.jobs(JobKind.BACKTEST)[0]
    result = {"account_id": ACCOUNT, "runs": [told], "differences": 1}
    full.board.add_job(replace(newest, job_id="live", request={"against": ACCOUNT}, result=result))
    at = show("backtest")
    assert_calm(at)
    assert figure(at, "Difference") == "-3.50"
    assert figure(at, "Calls alike") == "24 of 25"
    assert "slippage" in words(at)
    assert "1 trade began before the time and is left out" in words(at)
    assert figure(at, "Return") == "+4.20 %", "a comparison is no run to choose"


def test_a_result_of_another_version_asks_to_be_run_again(full: Scene, show: Open) -> None:
    add_result(full, report={"version": 0})
    at = show("backtest")
    assert_calm(at)
    assert "run it again for its full report" in words(at)
    assert figure(at, "Return") == "+4.20 %"


def test_a_backtest_is_asked_for_with_exact_text(full: Scene, show: Open) -> None:
    full.engine_says("Backtest has begun.")
    at = show("backtest")
    at.selectbox(key="backtest_rule").set_value("sma_cross").run()
    at.text_input(key="backtest_stop_loss").set_value("0.02").run()
    at.button(key="run_backtest").click().run()
    options = full.last.payload["options"]
    assert isinstance(options, dict)
    assert (full.last.payload["strategy"], options["stop_loss"], options["stake"]) == ("rule:sma_cross", "0.02", None)


def test_gaps_are_shown(full: Scene, show: Open) -> None:
    at = show("market")
    at.select_slider(key="market_n").set_value(1000).run()
    assert "1 gap in this window" in words(at)


def test_an_upload_is_imported_from_a_folder_of_its_own(full: Scene, show: Open) -> None:
    full.engine_says("Importing 1 path.")
    at = show("market")
    at.file_uploader(key="import_upload").upload("bars.csv", b"a,b", "text/csv").run()
    at.button(key="import_files").click().run()
    assert full.last.kind is CommandKind.IMPORT
    paths = full.last.payload["paths"]
    assert isinstance(paths, list)
    assert [name.name for name in Path(paths[0]).iterdir()] == ["bars.csv"]


def test_times_are_shown_in_the_chosen_zone(full: Scene, show: Open) -> None:
    at = show("system")
    at.selectbox(key="zone").set_value("Asia/Tokyo").run()
    assert "2025-04-01 21:00:20 JST" in words(at)


def test_a_halt_is_reset_by_a_typed_word(full: Scene, show: Open) -> None:
    full.engine_says("1 halt reset.")
    at = show("overview")
    at.button(key="halt").click().run()
    at = show("system")
    at.text_input(key="reset_halt_word").set_value("RESET").run()
    at.button(key="reset_halt").click().run()
    assert (full.last.kind, full.last.payload) == (CommandKind.RESET_HALT, {"typed": "RESET"})


def test_light_colours_are_kept_and_dark_is_the_default(full: Scene, show: Open) -> None:
    before = {name: config.get_option(f"theme.{name}") for name in ("base", "backgroundColor")}
    at = show("system")
    assert at.segmented_control(key="look").value == "dark"
    version = full.board.state_version()
    at.segmented_control(key="look").set_value("light").run()
    assert (config.get_option("theme.base"), full.board.setting("look")) == ("light", "light")
    assert full.board.state_version() == version, "a ticket in another tab is not stale for that"
    at.segmented_control(key="look").set_value("dark").run()
    assert {name: config.get_option(f"theme.{name}") for name in before} == before


def test_an_import_says_what_it_brought(full: Scene, show: Open) -> None:
    found = {"instruments": ["BTCUSDT"], "bars": 48, "new_bars": 40, "gaps": 1, "missing": 2, "rejected": ["x.csv: no"]}
    full.board.add_job(
        job(JobKind.IMPORT, JobState.DONE, full.clock.at, request={"paths": ["/data/BTCUSDT-1h.csv"]}, result=found)
    )
    told = words(show("market"))
    assert "48 bars of BTCUSDT, 40 of them new; 1 gap, 2 bars missing" in told
    assert "x.csv: no" in told
