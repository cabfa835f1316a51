"""`predict`: one call of a model, with its reasons and what every gate would say to it now."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from datetime import datetime

from engine.bootstrap import Stores, open_stores, strategy_of
from engine.cli import arguments
from engine.cli.material import bars_of, instruments_for
from engine.commands.predict import Predict
from engine.commands.run_options import RunOptions
from engine.domain.account import Costs
from engine.domain.bar import BarSeries
from engine.domain.errors import MissingBars
from engine.domain.interval import iso
from engine.domain.money import to_atoms
from engine.domain.signal import Prediction, Signal
from engine.execution.matching import to_ticks
from engine.features.window import BLOCK
from engine.learning.forecast import TrainedModel
from engine.queries.predictions import PAST, confidence_sentence
from engine.risk.limits import RiskLimits
from engine.settings import load
from engine.strategy.decide import AccountView, SleeveView, decide
from engine.strategy.strategy import ModelStrategy


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("--model", required=True, metavar="ID", help="a model's id or name, or a version's id")
    parser.add_argument("--at", type=arguments.moment, metavar="TIME", help="the last bar closed by then")
    parser.add_argument("--cash", type=arguments.number, default=arguments.number("10000"), metavar="N")


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Predict at the last close by `--at`, for an account that is flat."""
    with open_stores(load()) as stores:
        return predict(stores, Predict(model=options.model, at=options.at, cash=options.cash))


def predict(stores: Stores, wanted: Predict) -> dict[str, object]:
    """Predict, keep the prediction where nobody can know yet what comes of it, and ask the gates."""
    strategy = strategy_of(f"model:{wanted.model}", stores)
    assert isinstance(strategy, ModelStrategy), "a model: text gives a model"
    version = stores.models.version(strategy.version_id)
    source = stores.models.model(version.model_id).source
    model = strategy.model
    series = _series(stores, source, model, wanted.at)
    asked = RunOptions(strategy=strategy.name, symbols=(model.symbol,), interval=model.interval, source=source)
    instrument = instruments_for(asked, stores)[model.symbol]
    last = len(series) - 1
    prediction = model.explain(series, last)
    kept = stores.clock.now() < prediction.as_of + model.interval.duration
    if kept:
        stores.models.save_predictions(version.version_id, [prediction])
    cash = to_atoms(wanted.cash)
    account = AccountView(
        account_id="predict", cash_atoms=cash, equity_atoms=cash, exposure_atoms=0, open_positions=0, halted_by=None
    )
    sleeve = SleeveView(
        sleeve_id="predict", instrument=instrument, close_ticks=to_ticks(series.close[-1], instrument),
        call=strategy.calls(series, last).at(0), prediction=prediction, held_lots=0, bars_held=0,
        horizon=strategy.horizon, fresh=True,
    )  # fmt: skip
    decision = decide(account, [sleeve], RiskLimits(), Costs(), stake=None, at=prediction.as_of)[0]
    return {
        "action": decision.action.value,
        "held_by": decision.held_by,
        "signal": prediction.signal.value,
        "probability": prediction.probability,
        "probability_low": prediction.probability_low,
        "probability_high": prediction.probability_high,
        "confidence": prediction.confidence,
        "expected_move": prediction.expected_move,
        "price": prediction.price,
        "as_of": iso(prediction.as_of),
        "in_sample": prediction.as_of < version.trained_to,
        "kept": kept,
        "skill": None if prediction.skill is None else prediction.skill.value,
        "strangeness": prediction.strangeness,
        "reasons": list(prediction.reasons),
        "contributions": _contributions(prediction),
        "sentence": confidence_sentence(prediction, version.metrics),
        "votes": [
            {"member": v.member, "probability_up": v.probability_up, "weight": v.weight} for v in prediction.votes
        ],
        "gates": [{"name": g.name, "passed": g.passed, "detail": g.detail} for g in decision.gates],
    }


def _contributions(told: Prediction) -> dict[str, object] | None:
    """Shares of the chance of a rise that add up to it: `usual` and every family's push."""
    made = told.contributions
    if made is None:
        return None
    rises = 1.0 - told.probability if told.signal is Signal.SELL else told.probability
    return {"probability_up": rises, "usual": made.usual, "pushes": dict(made.pushes)}


def _series(stores: Stores, source: str, model: TrainedModel, at: datetime | None) -> BarSeries:
    start = None if at is None else at - 2 * BLOCK * model.interval.duration
    series = bars_of(stores, source, model.symbol, model.interval, start=start, end=at)
    known = series if at is None else series.closed_by(at)
    if not len(known):
        when = "yet" if at is None else f"by {iso(at)}; choose a later time"
        raise MissingBars(f"no {model.interval} bar of {model.symbol} has closed {when}")
    return known


def words(result: Mapping[str, object]) -> Iterator[str]:
    """The result for a person."""
    if result["in_sample"]:
        yield "IN SAMPLE: the model has learned from bars up to here and later"
    if not result["kept"]:
        yield PAST
    yield f"{result['action']} as of {result['as_of']} at {result['price']}"
    yield str(result["sentence"])
    for key in ("reasons", "gates"):
        lines = result[key]
        if isinstance(lines, list):
            yield from (f"  {line}" for line in lines)
