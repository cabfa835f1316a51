"""`trials`: everything that was ever scored on an instrument, and what that costs each Sharpe ratio."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

from engine.bootstrap import Stores, open_stores
from engine.cli import arguments
from engine.domain.account import Source
from engine.domain.interval import iso
from engine.queries.trial_book import Recipe, TrialBook, read_trial_book
from engine.queries.words import number, ratio
from engine.settings import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("--instrument", required=True, metavar="A")
    parser.add_argument("--source", choices=arguments.SOURCES, help="default: real prices, else the simulated market")


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Read the ledger."""
    with open_stores(load()) as stores:
        book = _book(stores, options)
        return {
            "instrument": book.symbol, "recipes": book.n_recipes, "words": book.words,
            "kinds": {kind.value: {"recipes": n, "runs": runs} for kind, (n, runs) in book.kinds.items()},
            "trials": [_row(one) for one in book.recipes],
        }  # fmt: skip


def _book(stores: Stores, options: argparse.Namespace) -> TrialBook:
    asked = [Source(options.source)] if options.source else [Source.BINANCE, Source.SIMULATED]
    known = next((one for one in asked if stores.trials.count(options.instrument, one)), asked[0])
    return read_trial_book(stores.trials, options.instrument, known)


def _row(one: Recipe) -> dict[str, object]:
    trial = one.newest
    return {
        "name": trial.name, "kind": trial.kind.value, "interval": trial.interval.value, "source": trial.source.value,
        "runs": one.runs, "tried_at": iso(trial.tried_at), "scored_from": iso(trial.scored_from),
        "scored_to": iso(trial.scored_to), "sharpe": trial.annual_sharpe, "alone": one.alone, "deflated": one.deflated,
        "recipe_sha256": trial.recipe_sha256,
    }  # fmt: skip


def words(result: Mapping[str, object]) -> Iterator[str]:
    """The result for a person."""
    yield str(result["words"])
    rows = result["trials"]
    for row in rows if isinstance(rows, list) else ():
        chances = f"above zero {ratio(row['alone'], 0)} alone, {ratio(row['deflated'], 0)} deflated"
        yield (
            f"  {row['kind'].lower():<9}{row['name']}, {row['interval']}, to {row['scored_to'][:10]}: Sharpe a year "
            f"{number(row['sharpe'], 2)}; {chances}"
        )
