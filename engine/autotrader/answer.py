"""Answer: what a command came to, in words, with values where there are any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.domain.command import Command
from engine.domain.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`message` is shown to the operator as it stands."""

    message: str
    result: Mapping[str, object] | None = None


Doer = Callable[[Command], Answer]
Recall = Callable[[Command], Answer | None]
"""Says what a command has done already, though nobody was told; None where it did nothing."""


def typed(command: Command, word: str) -> None:
    """ConfigurationError unless the operator typed `word`."""
    if command.payload.get("typed") != word:
        raise ConfigurationError(f"typed {command.payload.get('typed')!r}; type {word} to confirm")
