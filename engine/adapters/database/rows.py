"""Between domain values and rows: one mapping where a value's fields are a table's columns, and the exceptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Row, Select, Table, select

from engine.adapters.database import tables
from engine.domain.account import Account, Costs
from engine.domain.command import Command
from engine.domain.decision import Decision, GateOutcome
from engine.domain.drift import Drift
from engine.domain.equity import EquityMark
from engine.domain.fill import Fill
from engine.domain.guard import Guard
from engine.domain.halt import Halt
from engine.domain.job import Job
from engine.domain.model import Check, Model, ModelVersion, Origin, Promotion
from engine.domain.order import Order
from engine.domain.position import Position
from engine.domain.signal import Contributions, Prediction, Signal, SkillGate, Vote
from engine.domain.sleeve import Sleeve
from engine.domain.trade import Trade
from engine.domain.trial import Trial

T = TypeVar("T")


class RowsOf(Generic[T]):
    """The mapping of a dataclass whose fields are columns of the same name."""

    def __init__(self, kind: type[T], table: Table) -> None:
        self.kind = kind
        self.table = table
        self.names = tuple(field.name for field in fields(kind))  # type: ignore[arg-type]
        self.columns = tuple(table.c[name] for name in self.names)

    def values(self, item: T) -> dict[str, Any]:
        """The row of `item`."""
        return {name: getattr(item, name) for name in self.names}

    def select(self) -> Select[Any]:
        """A query whose rows `items` can read."""
        return select(*self.columns)

    def item(self, row: Row[Any]) -> T:
        """The value of one row."""
        return self.kind(**dict(zip(self.names, row, strict=True)))

    def items(self, rows: Sequence[Row[Any]]) -> list[T]:
        """The values of rows."""
        return [self.item(row) for row in rows]


class _Accounts(RowsOf[Account]):
    """An account's costs are columns of their own."""

    def __init__(self) -> None:
        self.kind = Account
        self.table = tables.accounts
        self.costs = tuple(field.name for field in fields(Costs))
        self.names = tuple(field.name for field in fields(Account) if field.name != "costs")
        self.columns = tuple(self.table.c[name] for name in (*self.names, *self.costs))

    def values(self, item: Account) -> dict[str, Any]:
        row = {name: getattr(item, name) for name in self.names}
        return row | {name: getattr(item.costs, name) for name in self.costs}

    def item(self, row: Row[Any]) -> Account:
        values = dict(zip((*self.names, *self.costs), row, strict=True))
        costs = Costs(**{name: values.pop(name) for name in self.costs})
        return Account(costs=costs, **values)


class _Decisions(RowsOf[Decision]):
    """Gates and prediction are JSON."""

    def values(self, item: Decision) -> dict[str, Any]:
        row = super().values(item)
        row["gates"] = [[gate.name, gate.passed, gate.detail] for gate in item.gates]
        row["prediction"] = None if item.prediction is None else prediction_json(item.prediction)
        return row

    def item(self, row: Row[Any]) -> Decision:
        values = dict(zip(self.names, row, strict=True))
        gates = tuple(GateOutcome(name=name, passed=passed, detail=detail) for name, passed, detail in values["gates"])
        prediction = None if values["prediction"] is None else prediction_of(values["prediction"])
        return Decision(**values | {"gates": gates, "prediction": prediction})


class _Predictions(RowsOf[Prediction]):
    """Votes, reasons and contributions are JSON."""

    def values(self, item: Prediction) -> dict[str, Any]:
        return super().values(item) | _whys_json(item)

    def item(self, row: Row[Any]) -> Prediction:
        values = dict(zip(self.names, row, strict=True))
        return Prediction(**values | _whys_of(values))


class _Versions(RowsOf[ModelVersion]):
    """Members, metrics, parameters and checks are JSON; what older versions did not record has its usual value."""

    def values(self, item: ModelVersion) -> dict[str, Any]:
        checks = None if item.checks is None else [[c.name, c.passed, c.detail] for c in item.checks]
        json = {"members": list(item.members), "metrics": dict(item.metrics), "parameters": dict(item.parameters)}
        return super().values(item) | json | {"checks": checks}

    def item(self, row: Row[Any]) -> ModelVersion:
        values = dict(zip(self.names, row, strict=True))
        checks = values.pop("checks")
        told = None if checks is None else tuple(Check(name=n, passed=p, detail=d) for n, p, d in checks)
        usual = {"origin": values["origin"] or Origin.FIRST, "parameters": values["parameters"] or {}}
        return ModelVersion(**values | usual | {"members": tuple(values["members"]), "checks": told})


class _Commands(RowsOf[Command]):
    """Payload and result are JSON."""

    def values(self, item: Command) -> dict[str, Any]:
        return super().values(item) | {"payload": dict(item.payload), "result": plain_json(item.result)}


class _Jobs(RowsOf[Job]):
    """Request and result are JSON."""

    def values(self, item: Job) -> dict[str, Any]:
        return super().values(item) | {"request": dict(item.request), "result": plain_json(item.result)}


def plain_json(value: Mapping[str, object] | None) -> dict[str, object] | None:
    """A mapping of whatever kind as a dict, which JSON can write."""
    return None if value is None else dict(value)


def prediction_json(item: Prediction) -> dict[str, Any]:
    """A prediction as JSON inside a decision's row."""
    values = {field.name: getattr(item, field.name) for field in fields(Prediction)}
    return values | {"as_of": item.as_of.isoformat()} | _whys_json(item)


def prediction_of(values: Mapping[str, Any]) -> Prediction:
    """The prediction that `prediction_json` wrote."""
    return Prediction(
        **dict(values)
        | {
            "as_of": datetime.fromisoformat(values["as_of"]),
            "signal": Signal(values["signal"]),
            "skill": SkillGate(values["skill"]) if values.get("skill") else None,
        }
        | _whys_of(values)
    )


def _whys_json(item: Prediction) -> dict[str, Any]:
    made = item.contributions
    return {
        "votes": [[vote.member, vote.probability_up, vote.weight] for vote in item.votes],
        "reasons": list(item.reasons),
        "contributions": None if made is None else [made.usual, [list(push) for push in made.pushes.items()]],
    }


def _whys_of(values: Mapping[str, Any]) -> dict[str, Any]:
    made = values.get("contributions")
    return {
        "votes": tuple(Vote(member=member, probability_up=up, weight=weight) for member, up, weight in values["votes"]),
        "reasons": tuple(values["reasons"]),
        "contributions": None if made is None else Contributions(usual=made[0], pushes=dict(made[1])),
    }


ACCOUNTS = _Accounts()
SLEEVES = RowsOf(Sleeve, tables.sleeves)
ORDERS = RowsOf(Order, tables.orders)
FILLS = RowsOf(Fill, tables.fills)
GUARDS = RowsOf(Guard, tables.guards)
DECISIONS = _Decisions(Decision, tables.decisions)
TRADES = RowsOf(Trade, tables.trades)
POSITIONS = RowsOf(Position, tables.positions)
MARKS = RowsOf(EquityMark, tables.equity_marks)
HALTS = RowsOf(Halt, tables.halts)
COMMANDS = _Commands(Command, tables.commands)
JOBS = _Jobs(Job, tables.jobs)
MODELS = RowsOf(Model, tables.models)
VERSIONS = _Versions(ModelVersion, tables.model_versions)
PROMOTIONS = RowsOf(Promotion, tables.promotions)
DRIFT = RowsOf(Drift, tables.drift)
PREDICTIONS = _Predictions(Prediction, tables.predictions)
TRIALS = RowsOf(Trial, tables.trials)
