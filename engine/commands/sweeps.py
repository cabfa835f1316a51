"""The request for a sweep: a run, and the values that are tried in place of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.commands import fields
from engine.commands.run_options import RunOptions
from engine.domain.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """`grid`: values by the name of a rule's parameter or of a limit, or of whole rules and models."""

    run: RunOptions
    grid: Mapping[str, tuple[str, ...]]

    @classmethod
    def parse(cls, payload: fields.Payload) -> Sweep:
        """Read and check: the run's own fields, and `grid` as texts NAME=A,B,C."""
        return cls(run=RunOptions.parse(payload), grid=parse_grid(fields.texts(payload, "grid")))


def parse_grid(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Read `NAME=A,B,C`, rules with several parameters as `rule=A;B`; ConfigurationError says what is wrong.

    >>> parse_grid(["fast=5,10", "stop_loss=0.02"])
    {'fast': ('5', '10'), 'stop_loss': ('0.02',)}
    >>> parse_grid(["rule=buy_hold;sma_cross:fast=5,slow=20"])
    {'rule': ('buy_hold', 'sma_cross:fast=5,slow=20')}
    """
    grid: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, sign, rest = (part.strip() for part in text.partition("="))
        parts = rest.split(";" if name == "rule" else ",")
        values = tuple(dict.fromkeys(value.strip() for value in parts if value.strip()))
        if not sign or not name or not values or name in grid:
            raise ConfigurationError(f"grid {text!r}: write NAME=A,B,C, each name once")
        grid[name] = values
    if not grid:
        raise ConfigurationError("grid is empty; name at least one value to vary, e.g. fast=5,10,20")
    return grid
