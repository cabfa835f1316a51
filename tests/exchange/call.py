"""One signed request, checked: what an endpoint that needs a key is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tests.exchange.account import Account
from tests.exchange.desk import Desk
from tests.exchange.faults import Faults
from tests.exchange.floor import Floor
from tests.exchange.keys import Key
from tests.exchange.parameters import Parameter, number
from tests.exchange.refusal import invalid_symbol

Values = Mapping[str, str]


class State(Protocol):
    """What these endpoints may touch."""

    floor: Floor
    desk: Desk
    faults: Faults


@dataclass(frozen=True, slots=True)
class Call:
    state: State
    account: Account
    key: Key
    values: Values

    @property
    def now(self) -> int:
        return self.state.floor.now

    def number(self, name: str) -> int | None:
        return number(self.values, name)

    def symbol(self) -> str:
        if (symbol := self.values["symbol"]) not in self.state.floor.listings:
            raise invalid_symbol()
        return symbol


@dataclass(frozen=True, slots=True)
class SignedRoute:
    """`right`: which of the key's it needs. `orders`: a success weighs nothing and shows the order counts."""

    parameters: tuple[Parameter, ...]
    weight: Callable[[Values], int]
    answer: Callable[[Call], Any]
    right: str = "reading"
    orders: bool = False


def fixed(weight: int) -> Callable[[Values], int]:
    return lambda values: weight
