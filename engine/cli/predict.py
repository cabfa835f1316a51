"""`predict`: one call of a model, with its reasons and what every gate would say to it now."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

from engine.bootstrap import Stores, open_stores, strategy_of
from engine.cli import arguments
from engine.cli.material import bars_of, instruments_for
from engine.commands.run_options import RunOptions
from engine.domain.account import Costs
from engine.domain.bar import BarSeries
from engine.domain.errors import MissingBars
from engine.domain.interval import Interval, iso
from engine.domain.money import to_atoms
from engine.execution.matching import to_ticks
from engine.features.window import BLOCK
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
        return _predict(stores, options)


def _predict(stores: Stores, options: argparse.Namespace) -> Mapping[str, object]:
    strategy = strategy_of(f"model:{options.model}", stores)
    assert isinstance(strategy, ModelStrategy), "a model: text gives a model"
    version = stores.models.version(strategy.version_id)
    source = stores.models.model(version.model_id).source
    model = strategy.model
    series = _series(stores, source, model.symbol, model.interval, options)
    asked = RunOptions(strategy=strategy.name, symbols=(model.symbol,), interval=model.interval, source=source)
    instrument = instruments_for(asked, stores)[model.symbol]
    last = len(series) - 1
    prediction = model.explain(series, last)
    cash = to_atoms(options.cash)
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
        "reasons": list(prediction.reasons),
        "sentence": model.sentence(prediction),
        "votes": [
            {"member": v.member, "probability_up": v.probability_up, "weight": v.weight} for v in prediction.votes
        ],
        "gates": [{"name": g.name, "passed": g.passed, "detail": g.detail} for g in decision.gates],
    }


def _series(
    stores: Stores, source: str, symbol: str, interval: Interval, options: argparse.Namespace
) -> BarSeries:
    start = None if options.at is None else options.at - 2 * BLOCK * interval.duration
    series = bars_of(stores, source, symbol, interval, start=start, end=options.at)
    known = series if options.at is None else series.closed_by(options.at)
    if not len(known):
        raise MissingBars(f"no {interval} bar of {symbol} has closed by {iso(options.at)}; choose a later time")
    return known


def words(result: Mapping[str, object]) -> Iterator[str]:
    """The result for a person."""
    yield f"{result['action']} as of {result['as_of']} at {result['price']}"
    yield str(result["sentence"])
    for key in ("reasons", "gates"):
        lines = result[key]
        if isinstance(lines, list):
            yield from (f"  {line}" for line in lines)
