"""Every value of the domain is frozen, says its words in full, and holds money as Decimal."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

import engine.domain
from engine.domain.account import Costs
from engine.domain.position import Position
from engine.domain.quote import Quote
from tests.builders import utc

OBSERVED_OR_ADVISED = {
    "Bar", "BarSeries", "Vote", "Prediction", "Contributions", "ModelVersion", "Job", "Trial", "Tried", "Pending",
    "Outcome", "MaturedCall", "Drift", "Barrier",
}  # fmt: skip
"""Values that may hold floats: prices as seen, what a model is asked and thinks, and how far a job is. Never money."""
RANGE_ENDS = {"trained_from", "trained_to", "scored_from", "scored_to"}


def values() -> Iterator[type]:
    for found in pkgutil.iter_modules(engine.domain.__path__, "engine.domain."):
        module = importlib.import_module(found.name)
        yield from (
            kind for kind in vars(module).values()
            if isinstance(kind, type) and kind.__module__ == found.name and dataclasses.is_dataclass(kind)
        )  # fmt: skip


VALUES = list(values())


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_a_value_never_changes_and_is_made_by_name(kind: type[Any]) -> None:
    fields = dataclasses.fields(kind)
    assert "__slots__" in vars(kind)
    assert all(field.kw_only for field in fields)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(object.__new__(kind), fields[0].name, None)


def test_only_observations_and_advice_are_floats() -> None:
    holding = {kind.__name__ for kind in VALUES if any("float" in str(f.type) for f in dataclasses.fields(kind))}
    assert holding == OBSERVED_OR_ADVISED


def test_a_moment_says_that_it_is_one() -> None:
    times = {f.name for kind in VALUES for f in dataclasses.fields(kind) if "datetime" in str(f.type)}
    assert {name for name in times if name not in {"at", "as_of"} and not name.endswith("_at")} == RANGE_ENDS


def test_a_round_trip_costs_both_sides() -> None:
    costs = Costs(fee_ratio=Decimal("0.001"), half_spread_ratio=Decimal("0.0001"), slippage_ratio=Decimal("0.0002"))
    assert costs.round_trip_ratio == Decimal("0.0026")


def test_the_mid_is_half_way() -> None:
    quote = Quote(symbol="BTCUSDT", bid=Decimal("100.00"), ask=Decimal("100.01"), as_of=utc("2025-04-01"))
    assert quote.mid == Decimal("100.005")
    assert not quote.spread_included


def test_a_position_is_covered_by_its_stop_alone() -> None:
    bare = Position(
        account_id="paper", sleeve_id="s1", symbol="BTCUSDT", quantity=Decimal("0.02"), sellable=Decimal("0.0199"),
        cost=Decimal(1_700), entry_price=Decimal(85_000), opened_at=utc("2025-04-01"), stop_price=None,
        target_price=Decimal(90_000),
    )  # fmt: skip
    assert not bare.covered
    assert dataclasses.replace(bare, stop_price=Decimal(80_000)).covered
