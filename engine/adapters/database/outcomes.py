"""What came of predictions, and what looks for drift found, on SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, select, update

from engine.adapters.database.engine import reading, writing
from engine.adapters.database.rows import DRIFT, PREDICTIONS
from engine.adapters.database.tables_models import drift, model_versions, models, predictions
from engine.adapters.database.upsert import insert_new
from engine.domain.drift import Drift
from engine.domain.errors import ModelNotFound
from engine.domain.outcome import MaturedCall, Outcome, Pending
from engine.domain.signal import Prediction
from engine.domain.target import barrier_of


class SqlOutcomes:
    """The part of the registry that follows versions after their training."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def pending(self, version_id: str, limit: int = 5000) -> Sequence[Pending]:
        """Oldest first; the interval is the model's."""
        c = predictions.c
        wanted = (
            select(
                c.version_id, c.symbol, models.c.interval, c.as_of, c.horizon, c.price, c.volatility,
                model_versions.c.parameters,
            )
            .join(model_versions, model_versions.c.version_id == c.version_id)
            .join(models, models.c.model_id == model_versions.c.model_id)
            .where(c.version_id == version_id, c.matured_at.is_(None))
            .order_by(c.as_of, c.symbol)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(wanted).all()
        return [
            Pending(
                version_id=version, symbol=symbol, interval=interval, as_of=as_of, horizon=horizon, price=price,
                volatility=volatility, barrier=barrier_of(asked or {}),
            )
            for version, symbol, interval, as_of, horizon, price, volatility, asked in rows
        ]  # fmt: skip

    def follow(self, said: Mapping[str, Prediction], outcomes: Iterable[Outcome] = ()) -> None:
        """One transaction: a close must not wait for several."""
        rows = [
            {"at_version": o.version_id, "at_symbol": o.symbol, "at_as_of": o.as_of, "to": o.realised,
             "when": o.matured_at}
            for o in outcomes
        ]  # fmt: skip
        new = [PREDICTIONS.values(prediction) | {"version_id": version} for version, prediction in said.items()]
        if not rows and not new:
            return
        c = predictions.c
        one = (
            c.version_id == bindparam("at_version"), c.symbol == bindparam("at_symbol"),
            c.as_of == bindparam("at_as_of"), c.matured_at.is_(None),
        )  # fmt: skip
        change = update(predictions).where(*one)
        with writing(self._engine) as connection:
            _known(connection, set(said))
            if new:
                connection.execute(insert_new(predictions, self._engine.dialect.name), new)
            if rows:
                connection.execute(change.values(realised=bindparam("to"), matured_at=bindparam("when")), rows)

    def matured(self, version_id: str, since: datetime | None = None) -> Sequence[MaturedCall]:
        """Oldest first; those whose outcome nobody knows are left out."""
        c = predictions.c
        columns = (c.symbol, c.as_of, c.signal, c.probability, c.confidence, c.realised, model_versions.c.parameters)
        wanted = (
            select(*columns)
            .join(model_versions, model_versions.c.version_id == c.version_id)
            .where(c.version_id == version_id, c.realised.is_not(None))
        )
        if since is not None:
            wanted = wanted.where(c.as_of >= since)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(c.as_of, c.symbol)).all()
        return [
            MaturedCall(
                symbol=symbol, as_of=as_of, signal=signal, probability=probability, confidence=confidence,
                realised=realised, barrier=barrier_of(asked or {}),
            )
            for symbol, as_of, signal, probability, confidence, realised, asked in rows
        ]  # fmt: skip

    def record_drift(self, looks: Iterable[Drift]) -> None:
        """The first look of a kind at a moment counts."""
        rows = [DRIFT.values(look) for look in looks]
        if rows:
            with writing(self._engine) as connection:
                connection.execute(insert_new(drift, self._engine.dialect.name), rows)

    def drift(self, version_id: str, limit: int = 200) -> Sequence[Drift]:
        """Newest first."""
        newest = DRIFT.select().where(drift.c.version_id == version_id).order_by(drift.c.at.desc(), drift.c.kind)
        with reading(self._engine) as connection:
            return DRIFT.items(connection.execute(newest.limit(limit)).all())


def _known(connection: Connection, wanted: set[str]) -> None:
    c = model_versions.c
    found = set(connection.execute(select(c.version_id).where(c.version_id.in_(wanted))).scalars())
    if missing := sorted(wanted - found):
        raise ModelNotFound(f"there is no version {', '.join(missing)}; a version's id reads MODEL.NUMBER")
