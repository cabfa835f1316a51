"""The model registry on SQL: recipes, versions, promotions, predictions. Artefacts are files, named here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, Engine, insert, or_, select, update

from engine.adapters.database.engine import reading, writing
from engine.adapters.database.outcomes import SqlOutcomes
from engine.adapters.database.rows import MODELS, PREDICTIONS, PROMOTIONS, VERSIONS
from engine.adapters.database.tables_models import model_versions, models, predictions, promotions
from engine.adapters.database.upsert import insert_new
from engine.domain.errors import ModelError, ModelNotFound
from engine.domain.model import Model, ModelVersion, Promotion, Stage
from engine.domain.signal import Prediction

_BATCH = 1000


class SqlModelStore(SqlOutcomes):
    """`ports.ModelStore` on SQLite and PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._dialect = engine.dialect.name

    def add_model(self, model: Model) -> None:
        """Record a model; ModelError where the id or the name is taken."""
        with writing(self._engine) as connection:
            new = insert_new(models, self._dialect)
            if connection.execute(new, MODELS.values(model)).rowcount != 1:
                raise ModelError(
                    f"a model named {model.name!r} exists already (or its id {model.model_id}); name it anew"
                )

    def models(self) -> Sequence[Model]:
        """All models, newest first."""
        with reading(self._engine) as connection:
            newest = MODELS.select().order_by(models.c.created_at.desc(), models.c.row.desc())
            return MODELS.items(connection.execute(newest).all())

    def model(self, name_or_id: str) -> Model:
        """By id or name (an id wins over another model's name); ModelNotFound."""
        chosen = MODELS.select().where(or_(models.c.model_id == name_or_id, models.c.name == name_or_id))
        with reading(self._engine) as connection:
            found = MODELS.items(connection.execute(chosen).all())
        if not found:
            raise ModelNotFound(f"there is no model {name_or_id!r}; the models page and `doctor` list what there is")
        return min(found, key=lambda model: model.model_id != name_or_id)

    def add_version(self, version: ModelVersion) -> None:
        """Record a version; the first one of a model becomes its CHAMPION, whatever stage it came with."""
        columns = model_versions.c
        with writing(self._engine) as connection:
            self._hold(connection, version.model_id)
            same = or_(columns.version == version.version, columns.version_id == version.version_id)
            others = select(columns.version_id).where(columns.model_id == version.model_id)
            if connection.execute(others.where(same)).first() is not None:
                raise ModelError(f"version {version.version_id} exists already; train again for the next number")
            row = VERSIONS.values(version)
            first = connection.execute(others).first() is None
            stage = Stage.CHAMPION if first else version.stage
            connection.execute(insert(model_versions), row | {"stage": stage})
            if first:
                first_one = Promotion(
                    version_id=version.version_id, at=version.created_at, promoted_by="first version"
                )  # fmt: skip
                connection.execute(insert(promotions), PROMOTIONS.values(first_one))

    def versions(self, model_id: str) -> Sequence[ModelVersion]:
        """Versions, newest first."""
        chosen = VERSIONS.select().where(model_versions.c.model_id == model_id)
        with reading(self._engine) as connection:
            return VERSIONS.items(connection.execute(chosen.order_by(model_versions.c.version.desc())).all())

    def version(self, model_or_version_id: str) -> ModelVersion:
        """A version by its id, or the champion of a model's id or name; ModelNotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(
                VERSIONS.select().where(model_versions.c.version_id == model_or_version_id)
            ).first()
        if row is not None:
            return VERSIONS.item(row)
        model = self.model(model_or_version_id)
        champion = (model_versions.c.model_id == model.model_id, model_versions.c.stage == Stage.CHAMPION)
        with reading(self._engine) as connection:
            row = connection.execute(VERSIONS.select().where(*champion)).first()
        if row is None:
            raise ModelNotFound(f"model {model.name!r} has no version yet; train it first")
        return VERSIONS.item(row)

    def promote(self, version_id: str, at: datetime, by: str, words: str | None = None) -> None:
        """Make it the champion; the one before is retired. Promoting the champion again changes nothing."""
        version = self.version(version_id)
        columns = model_versions.c
        leading = (columns.model_id == version.model_id, columns.stage == Stage.CHAMPION)
        with writing(self._engine) as connection:
            self._hold(connection, version.model_id)
            before = connection.execute(select(columns.version_id).where(*leading)).scalar_one()
            if before == version.version_id:
                return
            chosen = columns.version_id == version.version_id
            connection.execute(update(model_versions).where(*leading).values(stage=Stage.RETIRED))
            connection.execute(update(model_versions).where(chosen).values(stage=Stage.CHAMPION))
            told = Promotion(version_id=version.version_id, at=at, promoted_by=by, words=words, replaced_id=before)
            connection.execute(insert(promotions), PROMOTIONS.values(told))

    def promotions(self, model_id: str) -> Sequence[Promotion]:
        """As recorded, newest first."""
        mine = model_versions.c.model_id == model_id
        same = promotions.c.version_id == model_versions.c.version_id
        newest = PROMOTIONS.select().join(model_versions, same).where(mine).order_by(promotions.c.row.desc())
        with reading(self._engine) as connection:
            return PROMOTIONS.items(connection.execute(newest).all())

    def save_predictions(self, version_id: str, predictions: Iterable[Prediction]) -> None:
        """Keep predictions, all or none; one that was kept before stays as it was."""
        new = insert_new(PREDICTIONS.table, self._dialect)
        self._known(version_id)
        with writing(self._engine) as connection:
            for batch in _batches(predictions):
                rows = [PREDICTIONS.values(prediction) | {"version_id": version_id} for prediction in batch]
                connection.execute(new, rows)

    def predictions(self, version_id: str, limit: int = 500) -> Sequence[Prediction]:
        """Newest first."""
        newest = (predictions.c.as_of.desc(), predictions.c.symbol)
        chosen = PREDICTIONS.select().where(predictions.c.version_id == version_id).order_by(*newest).limit(limit)
        with reading(self._engine) as connection:
            return PREDICTIONS.items(connection.execute(chosen).all())

    def _known(self, version_id: str) -> None:
        with reading(self._engine) as connection:
            one = select(model_versions.c.version_id).where(model_versions.c.version_id == version_id)
            if connection.execute(one).first() is None:
                raise ModelNotFound(f"there is no version {version_id!r}; a version's id reads MODEL.NUMBER")

    def _hold(self, connection: Connection, model_id: str) -> None:
        """Two processes that train one model take turns."""
        held = select(models.c.model_id).where(models.c.model_id == model_id).with_for_update()
        if connection.execute(held).first() is None:
            raise ModelNotFound(f"there is no model {model_id!r}; add it before its versions")


def _batches(items: Iterable[Prediction]) -> Iterator[list[Prediction]]:
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch
