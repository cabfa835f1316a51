"""Plan: everything about one session that is decided before it begins, from its seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tests.exchange.matrix.cells import CELLS, Cell, Trouble
from tests.exchange.matrix.steps import Step
from tests.exchange.switchboard import Kind

STRIDE = 89
"""Neighbouring seeds aim at cells that lie far apart."""
_GREEDY = Decimal("1.4")
LASTING = (1.0, 4.0, 9.0, 16.0)
CLOSES = 3
FIRST_CLOSE = 8.0
"""Seconds from the session's begin to the first bar close; the others follow a minute apart."""
LENGTH = FIRST_CLOSE + (CLOSES - 1) * 60 + 32.0
SYMBOLS = ("BTCUSDT", "ETHUSDT", "DOGEUSDT")


class Wish(StrEnum):
    """What the operator asks for."""

    BUY = "buy at market"
    BUY_GUARDED = "buy at market with an own stop and target"
    BUY_LIMIT = "buy at a limit"
    SELL_PART = "sell a part"
    CLOSE = "close a position"
    MOVE_STOP = "move a stop"
    OCO = "set stop and target"
    CANCEL_ALL = "cancel all"
    FLATTEN = "flatten"
    HALT = "halt"
    RESET = "reset the halts"


class Move(StrEnum):
    """What the market does to one instrument."""

    DRIFT = "drifts"
    FALL = "falls through the stops"
    RISE = "rises through the targets"
    TOUCH = "fills a target in part"
    DIP = "comes to the resting purchases"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """Throw `trouble` at the `nth` time that `step` comes by; what lasts ends after `lasts` seconds."""

    trouble: Trouble
    step: Step
    nth: int
    lasts: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`what` happens `at` seconds after the begin, to `symbol`; `size` is how much of it, between 0 and 1."""

    at: float
    what: Wish | Move
    symbol: str
    size: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleeve:
    """A sleeve that decides: its signal at each close (1 buys, -1 sells); with a `horizon` it leaves in time."""

    symbol: str
    signals: tuple[int, ...]
    horizon: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`proved`: the canary let OTOCO through. `redial`: seconds until a lost stream is there again. `stake`: quote per
    decided entry.

    `foreign`: coins of the operator that lie in the same account and are nobody's business. `away`: seconds from a kill
    to the next process.
    """

    seed: int
    aims: tuple[Aim, ...]
    events: tuple[Event, ...]
    sleeves: tuple[Sleeve, ...]
    proved: bool
    redial: float
    bnb: bool
    stake: Decimal
    cash: Decimal
    foreign: Decimal
    away: float
    noise: float

    @property
    def cell(self) -> Cell:
        """The cell that the session aims at before all others."""
        return self.aims[0].trouble, self.aims[0].step


_LOST_ENTRY = Aim(trouble=Kind.REPLY_LOST, step=Step.ENTRY, nth=1, lasts=0.0)
_LOST_EXIT = Aim(trouble=Kind.REPLY_LOST, step=Step.EXIT, nth=1, lasts=0.0)
_LEADING_TO: dict[Step, tuple[Aim, ...]] = {
    Step.LOOKUP: (_LOST_ENTRY, _LOST_EXIT), Step.FILLS: (_LOST_ENTRY, _LOST_EXIT),
}  # fmt: skip
"""Lookups follow what has no answer."""
_BROUGHT_BY: dict[Step, tuple[tuple[float, Wish], ...]] = {
    Step.EXIT: ((24.0, Wish.CLOSE), (41.0, Wish.CLOSE), (83.0, Wish.SELL_PART)),
    Step.CANCEL: ((21.0, Wish.MOVE_STOP), (37.0, Wish.OCO), (52.0, Wish.CLOSE)),
    Step.PROTECTION: ((27.0, Wish.MOVE_STOP),), Step.FILLS: ((33.0, Wish.CLOSE),),
    Step.LOOKUP: ((33.0, Wish.CLOSE),),
}  # fmt: skip
_OFTEN = (Wish.BUY, Wish.BUY, Wish.BUY_GUARDED, Wish.CLOSE, Wish.CLOSE, Wish.SELL_PART, Wish.MOVE_STOP)
_WISHES = (*_OFTEN, *_OFTEN, *Wish)
"""What an operator does most, and everything else."""


def plan_of(seed: int) -> Plan:
    """The same seed plans the same session."""
    dice = random.Random(f"matrix:{seed}")
    chosen = CELLS[seed * STRIDE % len(CELLS)]
    others = [dice.choice(CELLS) for _ in range(dice.choice((0, 0, 1, 1, 2)))]
    aims = [_first_aim(dice, chosen), *_LEADING_TO.get(chosen[1], ()), *(_aim(dice, cell) for cell in others)]
    return Plan(
        seed=seed,
        aims=tuple(aims),
        events=tuple(
            sorted([*_events(dice), *_bringing(chosen[1]), *_greed(dice, chosen[1])], key=lambda event: event.at)
        ),
        sleeves=tuple(_sleeve(dice, symbol) for symbol in dice.sample(SYMBOLS, dice.choice((1, 1, 2, 3)))),
        proved=dice.random() < 0.5 and chosen[1] is not Step.PROTECTION,
        redial=dice.choice((0.5, 0.5, 4.0, 15.0)),
        bnb=dice.random() < 0.2,
        stake=Decimal(dice.randrange(200, 3000)),
        cash=Decimal(dice.choice((2000, 5000, 10_000))),
        foreign=Decimal(dice.choice((0, 0, 1))),
        away=dice.choice((0.2, 1.0, 4.0, 20.0)),
        noise=dice.choice((0.0, 0.0, 0.01, 0.03)),
    )


def _aim(dice: random.Random, cell: Cell) -> Aim:
    return Aim(trouble=cell[0], step=cell[1], nth=dice.choice((1, 2, 3, 4)), lasts=dice.choice(LASTING))


def _first_aim(dice: random.Random, cell: Cell) -> Aim:
    """It has to strike: it takes what comes by early. Some steps come by once only."""
    nth = 1 if cell[1] in (Step.EXIT, Step.FILLS, Step.CLOCK, Step.LOOKUP) else dice.choice((1, 1, 2))
    return Aim(trouble=cell[0], step=cell[1], nth=nth, lasts=dice.choice(LASTING))


def _bringing(step: Step) -> list[Event]:
    """What the operator does so that a step comes by at all."""
    wishes = _BROUGHT_BY.get(step, ())
    return [Event(at=at, what=wish, symbol=SYMBOLS[0], size=Decimal("0.5")) for at, wish in wishes]


def _greed(dice: random.Random, step: Step) -> list[Event]:
    """Two purchases at once, which the account could not both pay for."""
    if dice.random() > (0.5 if step is Step.ENTRY else 0.1):
        return []
    symbols = dice.sample(SYMBOLS, 2)
    return [Event(at=4.2 + n / 2, what=Wish.BUY, symbol=symbol, size=_GREEDY) for n, symbol in enumerate(symbols)]


def _sleeve(dice: random.Random, symbol: str) -> Sleeve:
    later = tuple(dice.choice((-1, -1, 0, 1, 1)) for _ in range(CLOSES - 1))
    return Sleeve(symbol=symbol, signals=(1, *later), horizon=dice.choice((0, 0, 0, 1)))


def _events(dice: random.Random) -> list[Event]:
    wishes = [
        Event(at=_moment(dice), what=dice.choice(_WISHES), symbol=dice.choice(SYMBOLS), size=_size(dice))
        for _ in range(dice.randrange(1, 7))
    ]
    moves = [
        Event(at=_moment(dice), what=dice.choice(list(Move)), symbol=dice.choice(SYMBOLS), size=_size(dice))
        for _ in range(dice.randrange(3, 10))
    ]
    return wishes + moves


def _moment(dice: random.Random) -> float:
    return round(dice.uniform(1.0, LENGTH - 6.0), 2)


def _size(dice: random.Random) -> Decimal:
    return Decimal(dice.randrange(1, 100)) / 100
