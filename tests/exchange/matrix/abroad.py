"""An engine process of its own, at an exchange behind real sockets, with a SIGKILL at a request of our choosing.

The exchange runs in this process, the engine in one of its own, on its own database file. What the operator wants comes
as command rows.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.adapters.database.database import open_database
from engine.adapters.database.reads import DatabaseReads
from engine.domain.command import Command, CommandKind, CommandState
from engine.domain.halt import Halt, HaltKind
from engine.domain.instrument import Instrument
from engine.domain.position import Position
from tests.conftest import ROOT
from tests.exchange import Exchange, LoopbackServer
from tests.exchange.clock import RunningClock
from tests.exchange.listing import Listing
from tests.exchange.matrix.bare import Bare
from tests.exchange.matrix.furnish import ACCOUNT, PRICES, furnish, instruments_of
from tests.exchange.matrix.judge import judged
from tests.exchange.matrix.steps import Step, step_of
from tests.exchange.matrix.story import Story
from tests.exchange.matrix.troubles import Troubles
from tests.exchange.socket_server import SocketServer
from tests.exchange.wire import Reply, Request
from tests.sqlite_file import migrated_file

CASH = Decimal(10_000)
PATIENCE = 45.0
"""Seconds for anything to come about: a lease that a killed process left behind lasts 15 of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """SIGKILL at the `nth` request of `step`: before the exchange sees it, or before its answer is heard."""

    step: Step
    nth: int
    answered: bool


class Abroad:
    """The exchange behind real sockets, an engine process, and the database between operator and engine."""

    def __init__(self, folder: Path, stack: ExitStack, prices: Mapping[Listing, str], sleeves: Sequence[str]) -> None:
        self.clock = RunningClock()
        self.story = Story(self.clock.now())
        self.exchange = Exchange.quoted(prices, clock=self.clock)
        self.began_with: Mapping[str, Decimal] = {"USDT": CASH + 700, "BTC": Decimal("0.1"), "ETH": Decimal(2)}
        self.held = self.exchange.open_account(balances=self.began_with)
        self.troubles = Troubles(self.exchange, self.held, random.Random(0))
        self.bare = Bare(self.exchange, self.held, lambda symbol: 2)
        self.url = migrated_file(folder)
        self.database = open_database(self.url)
        stack.callback(self.database.close)
        self.reads = DatabaseReads(self.database.engine)
        furnish(
            self.database.ledger, self.database.board, self.clock.now(), cash=CASH, proved=True, symbols=sleeves,
            stake=Decimal(300),
        )  # fmt: skip
        self.rest = stack.enter_context(LoopbackServer(self._handle))
        self.sockets = stack.enter_context(SocketServer(self.exchange))
        self.folder = folder
        self.kills = 0
        self.statuses: list[int] = []
        self._kill: Kill | None = None
        self._gone_by = 0
        self._asked = 0
        self.child: subprocess.Popen[bytes] | None = None
        stack.callback(self.stop)

    # ------------------------------------------------------------------ the process

    def start(self) -> None:
        """Begin an engine process, as a person would."""
        where = {
            "KEY": self.held.key.api_key, "SECRET": self.held.key.secret, "URL": self.rest.url,
            "STREAM_URL": self.sockets.url, "WS_API_URL": f"{self.sockets.url}/ws-api/v3",
        }  # fmt: skip
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AAITI_")}
        environment |= {f"AAITI_TESTNET_{name}": value for name, value in where.items()}
        environment |= {"AAITI_HOME": str(self.folder), "AAITI_DATABASE_URL": self.url}
        with (self.folder / "engine.log").open("ab") as log:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "engine", "trade"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        self.tell("engine", f"starts as process {self.child.pid}")

    def stop(self) -> None:
        """End it as an operator does."""
        if self.child is not None and self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(15)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait(5)
        self.child = None

    def shoot(self) -> None:
        """SIGKILL, now."""
        if self.child is not None and self.child.poll() is None:
            self.kills += 1
            self.child.send_signal(signal.SIGKILL)
            self.child.wait(5)
            self.tell("engine", "is killed")

    def kill_at(self, kill: Kill) -> None:
        """From now on, wait for that request."""
        self._kill, self._gone_by = kill, 0

    @property
    def alive(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def _handle(self, request: Request) -> Reply:
        step, kill = step_of(request), self._kill
        if kill is not None and step is kill.step:
            self._gone_by += 1
            if self._gone_by == kill.nth:
                self._kill = None
                if kill.answered:
                    self.exchange.handle(request)
                self.shoot()
                return Reply(drop=True)
        reply = self.exchange.handle(request)
        self.statuses.append(reply.status)
        return reply

    # ------------------------------------------------------------------ the operator

    def ask(self, kind: CommandKind, payload: Mapping[str, object], patience: float = PATIENCE) -> Command | None:
        """Ask as a page does; the answer, or None where the engine died over it."""
        key = self.post(kind, payload)

        def answered() -> bool:
            found = self.database.board.command(key)
            return (found is not None and found.state is not CommandState.PENDING) or not self.alive

        self.soon(answered, f"an answer to {kind.value}", patience)
        found = self.database.board.command(key)
        if found is not None and found.state is not CommandState.PENDING:
            self.tell("engine", f"answers {found.state}: {found.message}")
            return found
        return None

    def post(self, kind: CommandKind, payload: Mapping[str, object]) -> str:
        """Put a command onto the board; its key."""
        self._asked += 1
        key, now = f"wish-{self._asked}", self.clock.now()
        command = Command(
            key=key, kind=kind, payload=payload, asked_by="ada", asked_at=now, expires_at=now + timedelta(seconds=60),
            state_version=None,
        )  # fmt: skip
        self.database.board.ask(command)
        self.tell("operator", f"{kind.value} {dict(payload)}")
        return key

    def soon(self, what: Callable[[], bool], name: str, patience: float = PATIENCE) -> bool:
        """Wait for it; False where it does not come in time."""
        deadline = time.monotonic() + patience
        while not what():
            if time.monotonic() > deadline:
                self.tell("test", f"{name}: did not come within {patience:.0f} s")
                return False
            self.look()
            time.sleep(0.05)
        return True

    def trades(self) -> bool:
        """The engine's heartbeat is fresh, says that its line is up, and no pause is open."""
        beat = self.database.board.heartbeat()
        paused = any(h.kind is HaltKind.PAUSE for h in self.halts())
        if beat is None or paused or self.clock.now() - beat.at > timedelta(seconds=3):
            return False
        line = beat.status.get("line")
        return isinstance(line, Mapping) and line.get("user_stream") == "LIVE"

    def settled(self) -> bool:
        """Nothing in doubt, and the judge content."""
        ledger = self.database.ledger
        doubtful = [o for o in ledger.orders(ACCOUNT, open_only=True) if o.status not in ("WORKING", "ACKNOWLEDGED")]
        return not doubtful and not self.bare.left() and judged(self).good

    def position(self) -> Position | None:
        """What is held, if anything that could be sold."""
        return next((p for p in self.database.ledger.positions(ACCOUNT) if p.sellable), None)

    # ------------------------------------------------------------------ what the judge looks at

    def look(self) -> None:
        with self.exchange.door:
            self.exchange.settle()
            self.bare.look(lambda symbol: False)

    def alerts(self) -> list[tuple[datetime, str, str]]:
        return [(a.at, a.level, a.text) for a in self.reads.alerts()]

    def halts(self) -> list[Halt]:
        return list(self.database.ledger.halts(ACCOUNT))

    def instruments(self) -> dict[str, Instrument]:
        return instruments_of(self.exchange)

    def tell(self, who: str, text: str) -> None:
        self.story.tell(self.clock.now(), who, text)


@contextmanager
def abroad(prices: Mapping[Listing, str] = PRICES, sleeves: Sequence[str] = ()) -> Iterator[Abroad]:
    """An exchange with its sockets; the engine is not started yet."""
    with TemporaryDirectory(prefix="real-") as folder, ExitStack() as stack:
        yield Abroad(Path(folder), stack, prices, sleeves)
