"""Trials: the ledger of everything that was ever scored on an instrument. It only grows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from engine.domain.account import Source
from engine.domain.trial import Trial, TrialKind


class Trials(Protocol):
    """Append-only. What is worth how much depends on how much was tried, so nothing that was scored is left out.

    Trials on an instrument are those of its symbol in the same market as `source` (`domain.trial.same_market`).
    """

    def add(self, trials: Iterable[Trial]) -> None:
        """Append, all or none; one whose content was tried on its instrument before stays as it was."""
        ...

    def count(self, symbol: str, source: Source, *, including: Iterable[str] = ()) -> int:
        """Distinct recipes ever scored on an instrument, together with those whose hashes are `including` (about to be
        added); 0 where none was."""
        ...

    def kinds(self, symbol: str, source: Source) -> Mapping[TrialKind, tuple[int, int]]:
        """Of each kind that was ever tried on an instrument, how many recipes and how many runs."""
        ...

    def of(self, symbol: str, source: Source, limit: int | None = None) -> Sequence[Trial]:
        """Newest first."""
        ...

    def ratios(self, symbol: str, source: Source) -> Sequence[float]:
        """Annual Sharpe ratios of an instrument's recipes, each recipe's newest that has one, by recipe hash. Their
        spread is what deflation measures luck by."""
        ...
