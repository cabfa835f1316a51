"""What each trading model says now, how sure it is, and what the gates made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.domain.decision import Decision, GateOutcome
from engine.domain.interval import parse_time
from engine.domain.job import JobKind, JobState
from engine.domain.model import Model, ModelVersion
from engine.domain.outcome import MaturedCall
from engine.domain.signal import Contributions, Prediction, Signal
from engine.domain.sleeve import Sleeve, SleeveState
from engine.learning.calls import Band, like, sentence
from engine.queries.console import Console
from engine.queries.trading import model_of, strategy_name, strategy_names
from engine.queries.words import ratio

PAST = "Asked about the past: it is not kept, for only what was said before its outcome is looked back on and judged."
"""What is said of a call that was asked for by hand at a bar that is not the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A model's newest prediction; `decision` is what its sleeve decided at that bar (None where it does not trade)."""

    name: str
    version: ModelVersion
    model: Model
    sleeve: Sleeve | None
    prediction: Prediction | None
    decision: Decision | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call that was asked for by hand: `signal` is what the model says, `action` what a flat account would do; it was
    `kept` where it will be looked back on."""

    model: str
    as_of: datetime
    price: float
    signal: Signal
    action: Signal
    held_by: str | None
    gates: Sequence[GateOutcome]
    in_sample: bool
    sentence: str
    kept: bool = True
    parts: Contributions | None = None


def read_calls(console: Console, account_id: str | None) -> Sequence[Call]:
    """The newest prediction of each trading sleeve's model, then of the other champions."""
    names = strategy_names(console)
    calls: list[Call] = []
    sleeves = console.ledger.sleeves(account_id, SleeveState.ACTIVE) if account_id else ()
    for sleeve in sleeves:
        version_id = model_of(console, sleeve.strategy)
        if version_id is not None and account_id is not None:
            calls.append(_of_sleeve(console, account_id, sleeve, version_id, names))
    seen = {call.model.model_id for call in calls}
    others = [m for m in names.values() if m.model_id not in seen and console.models.versions(m.model_id)]
    return calls + [_call(console, console.models.version(model.model_id), names) for model in others]


def _of_sleeve(console: Console, account_id: str, sleeve: Sleeve, version_id: str, names: Mapping[str, Model]) -> Call:
    version = console.models.version(version_id)
    decisions = console.reads.recent_decisions(account_id, sleeve_id=sleeve.sleeve_id, limit=50)
    newest = next((d for d in decisions if d.prediction is not None), None)
    return _call(console, version, names, sleeve, newest)


def _call(
    console: Console,
    version: ModelVersion,
    names: Mapping[str, Model],
    sleeve: Sleeve | None = None,
    decision: Decision | None = None,
) -> Call:
    stored = read_history(console, version.version_id, limit=1)
    prediction = stored[0] if stored else None
    if decision is not None and decision.prediction is not None:
        newer = prediction is None or decision.prediction.as_of >= prediction.as_of
        prediction = decision.prediction if newer else prediction
    matching = decision if decision and prediction and decision.bar_close_at == prediction.as_of else None
    return Call(
        name=strategy_name(f"model:{version.version_id}", names), version=version, model=names[version.model_id],
        sleeve=sleeve, prediction=prediction, decision=matching,
    )  # fmt: skip


def read_asked(console: Console) -> Asked | None:
    """The gates' answer to the call that was asked for last by hand; None where none was."""
    jobs = [j for j in console.board.jobs(JobKind.PREDICT) if j.state is JobState.DONE and j.result]
    if not jobs or jobs[0].result is None:
        return None
    result = jobs[0].result
    rows = result.get("gates")
    gates = [GateOutcome(**row) for row in rows] if isinstance(rows, list) else []
    held_by = result.get("held_by")
    return Asked(
        model=str(jobs[0].request.get("model")), as_of=parse_time(str(result["as_of"])), gates=gates,
        action=Signal(str(result["action"])), held_by=str(held_by) if held_by else None,
        in_sample=result.get("in_sample") is True, kept=result.get("kept") is not False,
        sentence=str(result.get("sentence", "")),
        signal=Signal(str(result["signal"])), price=float(str(result["price"])),
        parts=_contributions(result.get("contributions")),
    )  # fmt: skip


def _contributions(stored: object) -> Contributions | None:
    """What a job's result says; None where it does not."""
    if not isinstance(stored, Mapping) or not isinstance(stored.get("pushes"), Mapping):
        return None
    pushes = {str(name): float(amount) for name, amount in stored["pushes"].items()}
    return Contributions(usual=float(stored["usual"]), pushes=pushes)


def made_of(made: Contributions) -> str:
    """The sum in words.

    >>> made_of(Contributions(usual=0.5, pushes={"trend": 0.04, "volume": -0.01}))
    'Usual inputs give 50.0 %; pushes of +4.0 and −1.0 points make 53.0 %.'
    """
    told = " and ".join(ratio(p, 1, signed=True).removesuffix(" %") for p in made.pushes.values())
    return f"Usual inputs give {ratio(made.usual, 1)}; pushes of {told} points make {ratio(made.chance, 1)}."


def read_history(console: Console, version_id: str, limit: int = 500) -> Sequence[Prediction]:
    """What a version predicted, newest first: at the bars it decided on, and where it was asked by hand while they were
    the newest.

    The newest account that it decided in speaks for it, replays included.
    """
    asked = console.models.predictions(version_id, limit=limit)
    by_close = {p.as_of: p for p in (*asked, *_decided(console, version_id, limit))}
    return [by_close[as_of] for as_of in sorted(by_close, reverse=True)[:limit]]


def read_outcomes(console: Console, version_id: str) -> Mapping[datetime, MaturedCall]:
    """What came of a version's stored predictions, by the close that they were made at."""
    return {call.as_of: call for call in console.models.matured(version_id)}


def _decided(console: Console, version_id: str, limit: int) -> Sequence[Prediction]:
    for account in reversed(console.ledger.accounts()):
        for sleeve in console.ledger.sleeves(account.account_id):
            if sleeve.strategy == f"model:{version_id}":
                found = console.reads.recent_decisions(account.account_id, sleeve_id=sleeve.sleeve_id, limit=limit)
                told = [d.prediction for d in found if d.prediction is not None]
                if told:
                    return told
    return ()


def confidence_sentence(prediction: Prediction, metrics: Mapping[str, object]) -> str:
    """Say what the confidence means, and how often calls this strong came true where the report knows it."""
    confidence, of_sells = prediction.confidence, prediction.signal is Signal.SELL and "strength_of_sells" in metrics
    calls = f"{prediction.signal}s" if "strength_of_sells" in metrics else "calls"
    bands = strength_bands(metrics, "strength_of_sells" if of_sells else "strength")
    if bands:
        return sentence(confidence, like(bands, confidence), calls)
    return (
        f"Confidence {confidence:.2f}: stronger than {100 * confidence:.0f} % of this model's {calls}. How often "
        f"{calls} this strong came true is not in its report."
    )


def strength_bands(metrics: Mapping[str, object], name: str = "strength") -> tuple[Band, ...]:
    """The report's calls by confidence, weakest first; empty where it has none. A model of trades has its SELLs apart,
    as `strength_of_sells`."""
    rows = metrics.get(name)
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        return ()
    return tuple(Band.from_json(row) for row in rows if isinstance(row, Mapping))
