"""The backtest page: how far to believe a run, what it is compared with, and what may be asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from engine.domain.command import CommandKind
from engine.domain.job import JobKind
from tests.backtest.report.sample import sample_report
from tests.pages.conftest import Open
from tests.pages.full import ACCOUNT
from tests.pages.reading import assert_calm, figure, words
from tests.pages.scene import Scene


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
    assert "latency_bars" not in full.last.payload
    full.clock.at += timedelta(seconds=5)  # a second click at the same moment would be the same command
    at.number_input(key="backtest_latency").set_value(3).run()
    at.button(key="run_backtest").click().run()
    assert full.last.payload["latency_bars"] == 3


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
