"""The cells of the matrix: which fault can strike at which step, and which of them have been struck."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from tests.exchange.matrix.steps import ORDERS, REQUESTS, Step
from tests.exchange.switchboard import ON_THE_LINE, Kind


class Blow(StrEnum):
    """What befalls the engine, or the market, and not the line between them."""

    KILLED_BEFORE = "killed before it"
    KILLED_AFTER = "killed before its answer"
    PAUSED = "paused before it, another process takes over"
    STALLED = "paused before it for some seconds"
    TARGET_TOUCHED = "target filled in part"


Trouble = Kind | Blow
Cell = tuple[Trouble, Step]

_AT_ORDERS = (*ORDERS, Step.LOOKUP, Step.RESTING)
_PARTIAL = {
    Kind.PARTIAL_FILL: (Step.ENTRY, Step.EXIT, Step.RESTING),
    Kind.EXPIRED_WITH_FILLS: (Step.ENTRY, Step.EXIT, Step.RESTING),
}
_BLOWS: dict[Trouble, tuple[Step, ...]] = {
    Blow.KILLED_BEFORE: (*REQUESTS, Step.COMMIT, Step.RESTING),
    Blow.KILLED_AFTER: (*REQUESTS, Step.COMMIT),
    Blow.PAUSED: (*ORDERS, Step.LOOKUP, Step.FILLS, Step.COMMIT),
    Blow.STALLED: (*ORDERS, Step.LOOKUP, Step.COMMIT),
    Blow.TARGET_TOUCHED: (Step.PROTECTION, Step.EXIT, Step.CANCEL, Step.LOOKUP, Step.RESTING),
}


def _cells() -> Iterable[Cell]:
    for kind in Kind:
        if kind in ON_THE_LINE:
            yield from ((kind, step) for step in REQUESTS)
        else:
            yield from ((kind, step) for step in _PARTIAL.get(kind, _AT_ORDERS))
    for blow, steps in _BLOWS.items():
        yield from ((blow, step) for step in steps)


CELLS: tuple[Cell, ...] = tuple(_cells())


def empty(struck: Iterable[Cell]) -> list[Cell]:
    """Cells that nothing has struck."""
    hit = set(struck)
    return [cell for cell in CELLS if cell not in hit]
