"""What trading a version's out-of-sample calls would have earned, and how far that can be believed, as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.queries.models import as_float, ends_of
from engine.queries.words import ABSENT, number, ratio

_WAYS = {"net": "after costs", "gross": "before costs", "always_long": "always long, no model"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """One way of trading: annual Sharpe ratio with its 95 % interval, the chance that the true one is above zero, the
    same deflated by the trials, and the years that it takes to tell. All as text."""

    way: str
    sharpe: str
    chance: str
    deflated: str
    needs: str


def earned(metrics: Mapping[str, object]) -> Sequence[Earned]:
    """Net, gross and always long; empty where the report has none."""
    found = _of(metrics, "validation")
    return [_earned(words, told) for name, words in _WAYS.items() if (told := _of(found, name))]


def _earned(way: str, told: Mapping[str, object]) -> Earned:
    low, high = number(told.get("sharpe_low"), 2), number(told.get("sharpe_high"), 2)
    years = as_float(told.get("least_years"))
    needs = "never" if years is None else f"{years:,.1f} years"
    return Earned(
        way=way, sharpe=f"{number(told.get('sharpe'), 2)} ({low} to {high})",
        chance=ratio(as_float(told.get("psr")), 1), deflated=ratio(as_float(told.get("dsr")), 1),
        needs=f"{needs}, has {number(told.get('years'), 1)}",
    )  # fmt: skip


def judged(metrics: Mapping[str, object]) -> Sequence[str]:
    """The sentences that keep those figures honest."""
    found = _of(metrics, "validation")
    if not found:
        return []
    said = []
    over, best = _of(found, "overfitting"), _of(found, "strongest")
    if (taken := as_float(found.get("n_taken"))) is not None:
        said.append(f"It was in the market in {taken:,.0f} of {number(found.get('n_periods'))} horizons.")
    if over:
        said.append(
            f"Chance of overfitting among {number(over.get('ways'))} ways tried here: "
            f"{ratio(as_float(over.get('pbo')), 0)} (50 % where nothing has skill)."
        )
    if best:
        said.append(
            f"The tenth of calls that claimed most stated {ratio(as_float(best.get('stated')), 1)} and came true "
            f"{ratio(as_float(best.get('realised')), 1)} of the time{_span(best.get('realised_interval'))}."
        )
    across = _of(metrics, "paths").get("words")
    return [*said, str(across)] if across else said


def skill_words(metrics: Mapping[str, object]) -> str:
    """How the skill gate stood when training ended."""
    return str(_of(metrics, "skill").get("words") or ABSENT)


def _span(ends: object) -> str:
    pair = ends_of(ends)
    return "" if pair is None else f" ({ratio(pair[0], 1)} to {ratio(pair[1], 1)})"


def _of(found: Mapping[str, object], name: str) -> Mapping[str, object]:
    inner = found.get(name)
    return inner if isinstance(inner, Mapping) else {}
