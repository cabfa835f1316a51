"""The trial ledger on SQL: rows are added in batches and never changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from sqlalchemy import ColumnElement, Engine, distinct, func, select

from engine.adapters.database.engine import reading, writing
from engine.adapters.database.rows import TRIALS
from engine.adapters.database.tables_trials import trials
from engine.adapters.database.upsert import insert_new
from engine.domain.account import Source
from engine.domain.trial import Trial, TrialKind, same_market

T = TypeVar("T")

_BATCH = 1000


class SqlTrials:
    """`ports.Trials` on SQLite and PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._dialect = engine.dialect.name

    def add(self, trials: Iterable[Trial]) -> None:
        """Append, all or none; one whose content was tried on its instrument before stays as it was."""
        new = insert_new(TRIALS.table, self._dialect)
        with writing(self._engine) as connection:
            for batch in _batches(trials):
                connection.execute(new, [TRIALS.values(trial) for trial in batch])

    def count(self, symbol: str, source: Source, *, including: Iterable[str] = ()) -> int:
        """Distinct recipes ever scored on an instrument, those of `including` among them."""
        also = set(including)
        with reading(self._engine) as connection:
            mine = select(func.count(distinct(trials.c.recipe_sha256))).where(*_on(symbol, source))
            known = connection.execute(mine).scalar_one()
            for batch in _batches(sorted(also)):
                some = select(trials.c.recipe_sha256).distinct().where(*_on(symbol, source))
                also -= set(connection.execute(some.where(trials.c.recipe_sha256.in_(batch))).scalars())
        return int(known) + len(also)

    def kinds(self, symbol: str, source: Source) -> Mapping[TrialKind, tuple[int, int]]:
        """Of each kind that was ever tried on an instrument, how many recipes and how many runs."""
        counts = (func.count(distinct(trials.c.recipe_sha256)), func.count())
        with reading(self._engine) as connection:
            of_kind = select(trials.c.kind, *counts).where(*_on(symbol, source)).group_by(trials.c.kind)
            return {kind: (int(recipes), int(runs)) for kind, recipes, runs in connection.execute(of_kind)}

    def of(self, symbol: str, source: Source, limit: int | None = None) -> Sequence[Trial]:
        """Newest first."""
        newest = TRIALS.select().where(*_on(symbol, source)).order_by(trials.c.row.desc()).limit(limit)
        with reading(self._engine) as connection:
            return TRIALS.items(connection.execute(newest).all())

    def ratios(self, symbol: str, source: Source) -> Sequence[float]:
        """Annual Sharpe ratios of an instrument's recipes, each recipe's newest that has one, by recipe hash."""
        columns = (trials.c.recipe_sha256, trials.c.sharpe, trials.c.periods_per_year)
        mine = (*_on(symbol, source), trials.c.sharpe.is_not(None))
        with reading(self._engine) as connection:
            rows = connection.execute(select(*columns).where(*mine).order_by(trials.c.row)).all()
        newest = {recipe: sharpe * per_year**0.5 for recipe, sharpe, per_year in rows}
        return [newest[recipe] for recipe in sorted(newest)]


def _on(symbol: str, source: Source) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return trials.c.symbol == symbol, trials.c.source.in_(sorted(same_market(source)))


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch
