"""Answer: what a command came to, in words, with values where there are any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.domain.command import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`message` is shown to the operator as it stands."""

    message: str
    result: Mapping[str, object] | None = None


Doer = Callable[[Command], Answer]
