"""Earnings never stand alone: interval, chance, deflation, years; and what is not there is said not to be."""

from __future__ import annotations

from typing import Any

from engine.queries.models import figures, interval_of
from engine.queries.validation import earned, judged, skill_words

NET: dict[str, Any] = {
    "sharpe": 0.42, "sharpe_low": -0.3, "sharpe_high": 1.1, "psr": 0.88, "dsr": 0.41, "least_years": 12.6, "years": 6.0,
}  # fmt: skip
REPORT: dict[str, object] = {
    "out_of_sample": {"n": 8_736, "accuracy": 0.54, "auc": 0.55},
    "validation": {
        "net": NET, "always_long": {**NET, "least_years": None}, "gross": None,
        "intervals": {"accuracy": [0.52, 0.56], "auc": None},
        "overfitting": {"pbo": 0.31, "ways": 8},
        "strongest": {"stated": 0.6, "realised": 0.59, "realised_interval": [0.55, 0.63]},
    },
    "skill": {"words": "paper only: too few"},
}  # fmt: skip


def test_what_was_earned_comes_with_its_doubts() -> None:
    net, long = earned(REPORT)
    assert (net.way, net.sharpe) == ("after costs", "0.42 (-0.30 to 1.10)")
    assert (net.chance, net.deflated, net.needs) == ("88.0 %", "41.0 %", "12.6 years, has 6.0")
    assert long.needs.startswith("never")


def test_overfitting_and_the_strongest_calls_are_sentences() -> None:
    over, best = judged(REPORT)
    assert over == "Chance of overfitting among 8 ways tried here: 31 % (50 % where nothing has skill)."
    assert best == (
        "The tenth of calls that claimed most stated 60.0 % and came true 59.0 % of the time (55.0 % to 63.0 %)."
    )


def test_paths_are_told_where_they_were_walked() -> None:
    across = {"paths": {"words": "Over 5 paths through the same bars its Sharpe lies between 0.1 and 0.6."}}
    assert judged(REPORT | across)[-1].startswith("Over 5 paths")
    assert len(judged(REPORT | {"paths": None})) == 2


def test_a_figure_shows_its_interval_where_there_is_one() -> None:
    shown = {f.name: f.interval for f in figures(REPORT)}
    assert shown["Accuracy"] == "52.0 % to 56.0 %"
    assert shown["AUC"] is None
    assert interval_of({}, "accuracy") is None


def test_an_older_report_has_nothing_to_show() -> None:
    assert (earned({}), judged({}), skill_words({})) == ([], [], "—")
