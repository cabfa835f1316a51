"""`migrate`: bring the database to this version."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

from engine.adapters.database.migrate import migrate
from engine.settings import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""
    del parser


def run(options: argparse.Namespace) -> Mapping[str, object]:
    """Migrate forward; a newer database is refused and untouched."""
    del options
    settings = load()
    settings.home.mkdir(parents=True, exist_ok=True)
    return {"revision": migrate(settings.database_url)}


def words(result: Mapping[str, object]) -> Iterator[str]:
    """The result for a person."""
    yield f"the database is at revision {result['revision']}"
