"""One session: the engine's turns, the market's moves, the operator's wishes, kills and sleeps, then a quiet minute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.domain.order import OrderStatus
from tests.exchange.matrix.cells import Cell
from tests.exchange.matrix.furnish import ACCOUNT
from tests.exchange.matrix.judge import Verdict, judged
from tests.exchange.matrix.plan import LENGTH, Event, Move, Plan, plan_of
from tests.exchange.matrix.process import Process
from tests.exchange.matrix.steps import Step
from tests.exchange.matrix.wishes import Wishes
from tests.exchange.matrix.world import Killed, World

SETTLE = 75.0
"""Quiet seconds at the end: a half-open line is noticed after 45, whatever is in doubt is proved within 13."""
TICK, IDLE = 0.5, 2.0
_REST_EVERY_MS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one session came to."""

    seed: int
    verdict: Verdict
    counts: Mapping[str, int]
    struck: frozenset[Cell]
    story: tuple[str, ...] = field(repr=False)


class Session:
    """Drives one world through its plan."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.world = World(plan, folder)
        self.world.live = self.live
        self.wishes = Wishes(self.world)
        self._events = list(plan.events)
        self._began_ms = self.world.clock.ms
        self._rested_ms = 0

    def run(self) -> Result:
        try:
            self.live(LENGTH)
            self._calm()
            self.live(SETTLE)
            return self._result()
        finally:
            self.world.close()

    def live(self, seconds: float) -> None:
        """Let so many seconds pass; called again from within where a process sleeps."""
        world = self.world
        until = world.clock.ms + round(seconds * 1000)
        while world.clock.ms < until:
            self._happen()
            self._be_born()
            if world.process is not None:
                self._turn(world.process)
            self._rest()
            world.look()
            world.clock.turn(self._tick())
        world.look()

    def _tick(self) -> float:
        process = self.world.process
        session = None if process is None else process.session
        if session is None:
            return TICK
        settled = (OrderStatus.WORKING, OrderStatus.ACKNOWLEDGED)
        return IDLE if all(o.status in settled for o in session.trader.book.orders.values()) else TICK

    def _turn(self, process: Process) -> None:
        world = self.world
        try:
            process.turn()
        except Killed:
            world.bury(process)
            return
        if process is not world.process:  # it slept, and another one trades now: one more turn, then it goes
            self._last_turn(process)

    def _last_turn(self, process: Process) -> None:
        try:
            process.turn()
        except Killed:
            self.world.kills += 1
        self.world.tell(process.name, "stands by, and is let go")
        process.die()

    def _be_born(self) -> None:
        world = self.world
        if world.process is None and world.clock.ms >= world.born_ms:
            world.bear()

    def _happen(self) -> None:
        """What is due by now."""
        world = self.world
        if world.troubles.heal_if_due():
            world.tell("exchange", "is well again")
        while self._events and self._began_ms + self._events[0].at * 1000 <= world.clock.ms:
            event = self._events.pop(0)
            if isinstance(event.what, Move):
                self._move(event)
            else:
                self.wishes.ask(event)

    def _move(self, event: Event) -> None:
        """Mostly where something is held: elsewhere the market moves for nobody."""
        troubles, held = self.world.troubles, self.world.held_symbols()
        symbol = held[int(event.size * 100) % len(held)] if held and event.size > Decimal("0.2") else event.symbol
        self.world.tell("market", f"{symbol} {event.what.value}")
        last = self.world.exchange.books[symbol].last(self.world.clock.ms)
        match event.what:
            case Move.FALL:
                troubles.fall(symbol)
            case Move.RISE:
                troubles.rise(symbol)
            case Move.TOUCH:
                troubles.touch_target(symbol, event.size)
            case Move.DIP:
                troubles.dip(symbol)
            case Move.DRIFT:
                troubles.move(symbol, last * (1 + (event.size - Decimal("0.5")) / 100))

    def _rest(self) -> None:
        """Every two seconds in which a position simply rests under its stop, something may strike."""
        world = self.world
        if world.clock.ms - self._rested_ms < _REST_EVERY_MS or world.process is None or not world.process.leads:
            return
        resting = [s for s, quantity in world.bare.held.items() if quantity > 0 and world.bare.guarded(s)]
        if not resting:
            return
        self._rested_ms = world.clock.ms
        try:
            world.strike(Step.RESTING, None, resting[0])
        except Killed:
            world.bury(world.process)

    def _calm(self) -> None:
        """No more faults, no more moves: what is left now has to come right by itself."""
        world = self.world
        world.quiet = True
        world.troubles.heal()
        self._events.clear()
        world.tell("exchange", "is well, and stays so")

    def _result(self) -> Result:
        world = self.world
        verdict = judged(world)
        orders, fills = world.database.ledger.orders(ACCOUNT), world.database.ledger.fills(ACCOUNT)
        causes = [h.cause for h in world.database.ledger.halts(ACCOUNT)]
        partial = sum(1 for o in orders if 0 < o.filled_quantity < o.quantity)
        found = {name: len(words) for name, words in verdict.found().items()}
        counts = found | {
            "scenarios": 1, "orders": len(orders), "fills": len(fills), "partial_fills": partial,
            "unknowns": world.unknowns, "kills": world.kills, "halted": bool(causes),
        }  # fmt: skip
        story = [*world.story.lines, *(f"{at:%H:%M:%S} {level}: {words}" for at, level, words in world.alerts())]
        return Result(
            seed=self.plan.seed, verdict=verdict, counts=counts, struck=frozenset(world.struck), story=tuple(story)
        )


def run_session(seed: int) -> Result:
    """Plan it, live it, judge it."""
    with TemporaryDirectory(prefix="matrix-") as folder:
        return Session(plan_of(seed), Path(folder)).run()
