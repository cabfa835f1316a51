"""Predict: one call of a model, asked for by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.commands import fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Predict:
    """`model`: an id or name, or a version's id. `at`: the last bar closed by then is meant; None for the newest one.

    `cash`: what the gates are asked for, the equity of an account that is flat.
    """

    model: str
    at: datetime | None = None
    cash: Decimal = Decimal(10_000)

    @classmethod
    def parse(cls, payload: fields.Payload) -> Predict:
        """Read and check."""
        return cls(model=fields.text(payload, "model"), at=fields.moment(payload, "at"))
