"""`train`: fit a model and measure it out of sample."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

from engine.bootstrap import Stores, open_stores
from engine.cli import arguments
from engine.cli.material import settle_source
from engine.cli.telling import tell_share
from engine.cli.training import Watched, train
from engine.commands.requests import Train
from engine.commands.run_options import RunOptions
from engine.domain.errors import ConfigurationError
from engine.domain.target import Target
from engine.learning.members.roster import RECIPES
from engine.settings import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("--instrument", required=True, metavar="A")
    parser.add_argument("--interval", required=True, type=arguments.interval)
    parser.add_argument("--horizon", type=int, default=24, metavar="N", help="bars ahead (default 24)")
    parser.add_argument(
        "--target", type=Target, choices=list(Target),
        help="direction: price rises over the horizon. barrier: a buy pays net of costs, by its target, its stop or "
        "the horizon's end (triple barrier); a second model says when to believe the vote. Default: what the model's "
        "versions predict, else direction",
    )  # fmt: skip
    parser.add_argument("--from", dest="start", type=arguments.moment, metavar="TIME")
    parser.add_argument("--to", dest="end", type=arguments.moment, metavar="TIME", help="not included")
    parser.add_argument("--name", help="default: instrument, interval and horizon, and the target barrier")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--paths", action="store_true", help="cross-validate in all combinations: three times as long")
    parser.add_argument("--source", choices=arguments.SOURCES)
    parser.add_argument("--members", nargs="+", choices=sorted(RECIPES), metavar="NAME", default=[],
                        help=f"of {', '.join(RECIPES)}; default: the champion's, else all")  # fmt: skip


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Train; progress goes to stderr."""
    with open_stores(load()) as stores:
        return _train(stores, options)


def _train(stores: Stores, options: argparse.Namespace) -> Mapping[str, object]:
    if not 1 <= options.horizon <= 1000:
        raise ConfigurationError(f"--horizon {options.horizon} must be 1 to 1000 bars")
    anything = RunOptions(
        strategy="rule:buy_hold", symbols=(options.instrument,), interval=options.interval,
        source=options.source or "", start=options.start, end=options.end,
    )  # fmt: skip
    usual = f"{options.instrument} {options.interval} h{options.horizon}"
    wanted = Train(
        name=options.name or (f"{usual} barrier" if options.target is Target.BARRIER else usual),
        source=settle_source(anything, stores).source, symbol=options.instrument, interval=options.interval,
        horizon=options.horizon, start=options.start, end=options.end, seed=options.seed, paths=options.paths,
        members=tuple(dict.fromkeys(options.members)), target=options.target,
    )  # fmt: skip
    return train(stores, wanted, Watched(progress=tell_share, cancelled=lambda: False))


def words(result: Mapping[str, object]) -> Iterator[str]:
    """The result for a person."""
    yield (
        f"model {result['model_id']} version {result['version']} ({result['stage']}), target {result['target']}, "
        f"{result['fit_seconds']} s"
    )
    scores = result["out_of_sample"]
    if isinstance(scores, Mapping):
        yield from (f"  {name}: {value}" for name, value in scores.items())
    for judged in (result["validation"], result["paths"]):
        if isinstance(judged, Mapping):
            yield f"  {judged['words']}"
    warnings = result["warnings"]
    if isinstance(warnings, list):
        yield from (f"  warning: {warning}" for warning in warnings)
