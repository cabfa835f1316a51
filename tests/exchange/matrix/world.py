"""World: the exchange, its clock and its faults, and the processes that come, are killed, sleep and go."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from engine.adapters.database.database import open_database
from engine.domain.halt import Halt
from engine.domain.instrument import Instrument
from engine.domain.interval import to_ms
from tests.builders import utc
from tests.exchange import Exchange, FeeRates, InProcess, TurnedClock
from tests.exchange.matrix.bare import Bare
from tests.exchange.matrix.cells import Blow, Cell
from tests.exchange.matrix.furnish import ACCOUNT, PRICES, furnish, instruments_of, sleeve_id
from tests.exchange.matrix.market import Scripted
from tests.exchange.matrix.plan import FIRST_CLOSE, SYMBOLS, Aim, Plan
from tests.exchange.matrix.process import Ground, Process
from tests.exchange.matrix.steps import ORDERS, Step, parameters, step_of
from tests.exchange.matrix.story import Story
from tests.exchange.matrix.troubles import Troubles
from tests.exchange.switchboard import ON_THE_LINE, Kind
from tests.exchange.wire import Reply, Request
from tests.fakes.board import FakeBoard
from tests.sqlite_file import migrated_file

FIRST_BAR = utc("2025-03-04 10:17")
LATENCY = 0.02
EARS = 12.0
"""Seconds after which a swallowed event must have been noticed by asking."""


class Killed(BaseException):
    """The process is gone: nothing in it may catch this."""


class World:
    """Every request and commit of a process goes by here, and may be spoiled, or be its last. Implements Gate."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.dice = random.Random(f"world:{plan.seed}")
        self.clock = TurnedClock(FIRST_BAR - timedelta(seconds=FIRST_CLOSE))
        self.story = Story(self.clock.now())
        self.exchange = Exchange.quoted(PRICES, clock=self.clock)
        balances = _balances(plan)
        self.began_with: Mapping[str, Decimal] = balances
        self.held = self.exchange.open_account(balances=balances, rates=FeeRates(in_bnb=plan.bnb))
        self.troubles = Troubles(self.exchange, self.held, self.dice)
        sleeves = len(plan.sleeves) + 1
        self.bare = Bare(self.exchange, self.held, lambda symbol: sleeves)
        self.ground = Ground(
            folder=folder, url=migrated_file(folder), exchange=self.exchange, held=self.held,
            closes={}, strategies=_strategies(plan), redial=plan.redial,
            board=FakeBoard(),
        )  # fmt: skip
        self.database = open_database(self.ground.url, now=self.clock.now)
        self.database.hurry()
        furnish(
            self.database.ledger, self.ground.board, self.clock.now(), cash=plan.cash, proved=plan.proved,
            fee=Decimal("0.00075") if plan.bnb else Decimal("0.001"), stake=plan.stake,
            symbols=[s.symbol for s in plan.sleeves],
        )  # fmt: skip
        self.process: Process | None = None
        self.born_ms = self.clock.ms
        self.struck: set[Cell] = set()
        self.kills = self.unknowns = 0
        self.pausing = False
        self.quiet = False
        self.live: Callable[[float], None] = lambda seconds: None
        self._gone_by = [0] * len(plan.aims)
        self._last_word = False
        self._spoilt = False
        self._names = 0
        self._deaf_until_ms = 0
        self._told = 0

    # ------------------------------------------------------------------ processes

    def bear(self) -> Process:
        """Another engine process begins."""
        self._names += 1
        name = f"engine-{self._names}"
        door = InProcess(self.exchange, latency=LATENCY)
        process = Process(self.ground, name, door, self)
        door.before = partial(self._before, name)
        door.after = self._after
        self.tell(name, "starts")
        self.process = process
        return process

    def bury(self, process: Process) -> None:
        """It was killed; another one comes after a while."""
        self.kills += 1
        self.tell(process.name, "is killed")
        process.die()
        if self.process is process:
            self.process = None
            self.born_ms = self.clock.ms + round(self.plan.away * 1000)

    def tell(self, who: str, text: str) -> None:
        self.story.tell(self.clock.now(), who, text)

    # ------------------------------------------------------------------ what goes by

    def _before(self, name: str, request: Request) -> None:
        self.look()
        step = step_of(request)
        self.tell(name, f"{request.method} {_short(request)}")
        if step is not None:
            self._noise(step, request)
            self.strike(step, request)

    def _after(self, request: Request, reply: Reply) -> None:
        if reply.status != 200 or reply.drop or reply.stall:
            lost = reply.drop or reply.stall or reply.status >= 500
            self.unknowns += bool(lost and step_of(request) in ORDERS)
            said = "no answer" if reply.drop or reply.stall else f"{reply.status} {reply.body[:90].decode()}"
            self.tell("exchange", said)
        self.look()
        self._spoilt = reply.status != 200 or reply.drop or bool(reply.stall)  # waiting for it is still to come
        self._die_if_due()

    def before_commit(self) -> None:
        self.strike(Step.COMMIT, None)

    def after_commit(self) -> None:
        self._die_if_due()

    def _die_if_due(self) -> None:
        if self._last_word:
            self._last_word = False
            raise Killed

    @property
    def _who(self) -> str:
        return self.process.name if self.process is not None else "nobody"

    def look(self) -> None:
        """Reckon bare time. What a spoilt request or a stall cost does not count."""
        self._listen()
        spoilt, self._spoilt = self._spoilt, False
        leads = self.process is not None and self.process.leads
        now_ms = self.clock.ms

        def counts(symbol: str) -> bool:
            hidden = self.exchange.faults.lookup_lag * 1000 > now_ms - self.bare.last_fill_ms.get(symbol, 0)
            deaf = now_ms < self._deaf_until_ms
            return leads and not (spoilt or hidden or deaf or self.troubles.blocked(symbol))

        self.bare.look(counts)

    def _listen(self) -> None:
        """Notice that an event was swallowed on its way: then only asking helps."""
        inbox = self.held.inbox
        if len(inbox.told) == self._told:
            return
        self._told = len(inbox.told)
        faults = inbox.faults
        silent = any(s.silent for s in inbox.subscriptions) or not inbox.subscriptions
        if silent or faults.drop or faults.hold or faults.held:
            self._deaf_until_ms = self.clock.ms + round(EARS * 1000)

    # ------------------------------------------------------------------ strikes

    def strike(self, step: Step, request: Request | None, symbol: str | None = None) -> None:
        """Throw what was aimed at this step and this time."""
        if self.quiet:
            return
        for i, aim in enumerate(self.plan.aims):
            if aim.step is not step or (self.pausing and aim.trouble is Blow.PAUSED):
                continue
            self._gone_by[i] += 1
            if self._gone_by[i] == aim.nth:
                self._throw(aim, request, symbol)

    def _throw(self, aim: Aim, request: Request | None, symbol: str | None) -> None:
        trouble, step = aim.trouble, aim.step
        asked = parameters(request).get("symbol") if request is not None else None
        symbol = asked if asked in SYMBOLS else symbol or self._held_symbol()
        self.struck.add((trouble, step))
        self.tell("trouble", f"{trouble.value} at {step.value} ({symbol})")
        if trouble is Blow.KILLED_BEFORE:
            raise Killed
        if trouble is Blow.KILLED_AFTER:
            self._last_word = True
        elif trouble is Blow.PAUSED:
            self._pause(self.dice.choice((20.0, 32.0)))
        elif trouble is Blow.STALLED:
            self.look()
            self.clock.turn(self.dice.choice((2.0, 3.5, 6.0)))
            self._spoilt = True  # a process that stands still knows of no fill
            self.look()
        elif isinstance(trouble, Kind) and trouble in ON_THE_LINE:
            assert request is not None, "what spoils a request needs one"
            self.troubles.on_the_line(trouble, request)
        else:
            self.troubles.switch_on(trouble, symbol, aim.lasts)
            if trouble is Kind.TESTNET_RESET:
                self.bare.forget()

    def held_symbols(self) -> list[str]:
        """Where our fills have left more than dust at the exchange."""
        return [s for s, quantity in self.bare.held.items() if quantity > 5 * self.exchange.listings[s].lot]

    def _held_symbol(self) -> str:
        """What is held, else what is wanted."""
        return next(iter(self.held_symbols()), self.plan.sleeves[0].symbol)

    def _noise(self, step: Step, request: Request) -> None:
        """Now and then any request fails, aimed at or not."""
        if not self.quiet and self.dice.random() < self.plan.noise:
            kind = self.dice.choice(list(ON_THE_LINE))
            self.struck.add((kind, step))
            self.tell("trouble", f"{kind.value} at {step.value}, by chance")
            self.troubles.on_the_line(kind, request)

    def _pause(self, seconds: float) -> None:
        """The process stands still as it is, another one takes over; then it goes on where it stood."""
        with self._asleep() as sleeper:
            self.tell(sleeper, f"sleeps for {seconds:.0f} s")
            self.bear()
            self.live(seconds)
            self.tell(sleeper, "wakes up and goes on")

    @contextmanager
    def _asleep(self) -> Iterator[str]:
        self.pausing = True
        name, last_word, self._last_word = self._who, self._last_word, False
        try:
            yield name
        finally:
            self.pausing, self._last_word = False, last_word

    def alerts(self) -> list[tuple[datetime, str, str]]:
        """Everything that the operator was told."""
        return [(at, level, words) for at, level, words, _ in self.ground.board.alerts]

    def instruments(self) -> dict[str, Instrument]:
        """Every instrument with the rules in force now."""
        return instruments_of(self.exchange)

    def halts(self) -> list[Halt]:
        """Open halts and pauses."""
        return list(self.database.ledger.halts(ACCOUNT))

    def close(self) -> None:
        if self.process is not None:
            self.process.die()
        self.database.close()


def _balances(plan: Plan) -> dict[str, Decimal]:
    """What the engine may use, and beside it what is the operator's own."""
    own = {"BTC": Decimal("0.1"), "ETH": Decimal(2), "DOGE": Decimal(10_000)}
    balances = {asset: amount * plan.foreign for asset, amount in own.items()}
    return balances | {"USDT": plan.cash * 3 / 2 + 700, "BNB": Decimal(1 if plan.bnb else 0)}


def _strategies(plan: Plan) -> dict[str, Scripted]:
    first = to_ms(FIRST_BAR)
    return {
        sleeve_id(i): Scripted(
            signals={first + n * 60_000: signal for n, signal in enumerate(sleeve.signals)}, horizon=sleeve.horizon
        )
        for i, sleeve in enumerate(plan.sleeves)
    }


def _short(request: Request) -> str:
    path = request.path.removeprefix("/api/v3/")
    said = parameters(request)
    kept = ("symbol", "side", "type", "quantity", "price", "stopPrice", "newClientOrderId", "origClientOrderId",
            "listClientOrderId", "workingQuantity", "workingPrice", "pendingQuantity", "belowStopPrice", "abovePrice",
            "pendingBelowStopPrice", "pendingAbovePrice", "workingClientOrderId", "orderId")  # fmt: skip
    words = [said[name][:12] if name.endswith("OrderId") else said[name] for name in kept if name in said]
    return " ".join([path, *words])
