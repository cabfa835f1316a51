"""`python -m tests.study.soak [--minutes N]`: a real engine process, ten instruments, every fault now and then.

The exchange runs here, the engine in a process of its own, over real sockets and the wall's clock. Memory has to be
flat (the last third within 5 % of the middle third), no request may be one too many, no thread may be left behind, and
at the end the ledger is the exchange's, to the last digit. Exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import fmean

import psutil

from engine.domain.command import CommandKind
from engine.domain.money import plain
from tests.exchange.faults import Fault
from tests.exchange.listing import BNBUSDT, BTCUSDT, DOGEUSDT, ETHUSDT, Listing
from tests.exchange.matrix.abroad import Abroad, abroad
from tests.exchange.matrix.furnish import ACCOUNT
from tests.exchange.matrix.judge import judged
from tests.exchange.switchboard import ON_THE_LINE, Kind
from tests.exchange.wire import Request

PRICES = {
    BTCUSDT: "50000", ETHUSDT: "2500", BNBUSDT: "600", DOGEUSDT: "0.2",
    **{
        Listing(base=base, quote="USDT", tick=Decimal("0.01"), lot=Decimal("0.001")): price
        for base, price in (
            ("SOL", "150"), ("LTC", "90"), ("LINK", "15"), ("AVAX", "30"), ("DOT", "7"), ("ATOM", "9")
        )
    },
}  # fmt: skip
FAULT_SHARE = 0.05
"""Of all requests so many fail, one way or another."""
CUT_EVERY = 150.0
"""Seconds after which every WebSocket is cut without a word."""
SAMPLE_EVERY = 2.0
WARM_UP = 0.1
"""Share of the run that is not looked at: imports, caches, the first connections."""
FLAT = 0.05
_SPARED = (Kind.REGION_BLOCKED, Kind.HTML_BODY)
"""These end a session for good reason; the matrix has them."""


@dataclass(slots=True)
class Samples:
    """Resident memory in MiB and threads of the engine's process, in order."""

    memory: list[float] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)

    def take(self, process: psutil.Process) -> None:
        self.memory.append(process.memory_info().rss / 2**20)
        self.threads.append(process.num_threads())

    def thirds(self) -> tuple[list[float], list[float]]:
        """Memory in the middle and in the last third of what is looked at."""
        kept = self.memory[round(len(self.memory) * WARM_UP) :]
        third = len(kept) // 3
        return kept[third : 2 * third], kept[2 * third :]

    @property
    def growth(self) -> float:
        middle, last = self.thirds()
        return fmean(last) / fmean(middle) - 1

    @property
    def leaked(self) -> int:
        """By how many threads the last third ever had more than the one before."""
        third = len(self.threads) // 3
        return max(self.threads[2 * third :]) - max(self.threads[third : 2 * third])


class Weather:
    """Prices walk, sometimes far; requests fail; lines are cut."""

    def __init__(self, scene: Abroad, seed: int) -> None:
        self._scene = scene
        self._dice = random.Random(seed)
        self._cut_at = time.monotonic() + CUT_EVERY
        self.thrown: Counter[str] = Counter()
        self._kinds = [kind for kind in ON_THE_LINE if kind not in _SPARED]
        scene.exchange.faults.chance = self._chance

    def blow(self) -> None:
        """One second of it."""
        scene, dice = self._scene, self._dice
        with scene.exchange.door:
            for symbol, book in scene.exchange.books.items():
                far = dice.random() < 0.04
                step = Decimal(dice.randrange(-350, 351) if far else dice.randrange(-6, 7)) / 10_000
                scene.troubles.move(symbol, plain(book.last(scene.clock.ms) * (1 + step)))
            if dice.random() < 0.02:
                scene.exchange.thin(dice.choice(list(scene.exchange.books)), Decimal("0.4"))
        if dice.random() < 0.15 and (held := scene.position()) is not None:
            scene.post(CommandKind.CLOSE_POSITION, {"sleeve_id": held.sleeve_id})
        if time.monotonic() > self._cut_at:
            self._cut_at = time.monotonic() + CUT_EVERY
            self.thrown["lines cut"] += 1
            scene.sockets.drop()

    def calm(self) -> None:
        """No more of it."""
        with self._scene.exchange.door:
            self._scene.troubles.heal()

    def _chance(self, request: Request) -> Fault | None:
        if self._dice.random() >= FAULT_SHARE:
            return None
        kind = self._dice.choice(self._kinds)
        self.thrown[kind.value] += 1
        return ON_THE_LINE[kind](self._dice)


def soak(minutes: float, seed: int = 1) -> list[str]:
    """Run for so long; what is wrong, in words, and a table on the way."""
    with abroad(PRICES, [listing.symbol for listing in PRICES]) as scene:
        scene.start()
        if not scene.soon(scene.trades, "the engine's line", 90.0):
            return ["the engine did not come up"]
        weather, samples = Weather(scene, seed), Samples()
        assert scene.child is not None
        process = psutil.Process(scene.child.pid)
        end, sample_at = time.monotonic() + minutes * 60, time.monotonic()
        while time.monotonic() < end and scene.alive:
            weather.blow()
            if time.monotonic() >= sample_at:
                sample_at += SAMPLE_EVERY
                samples.take(process)
            time.sleep(1.0)
        if not scene.alive:
            return ["the engine's process ended by itself"]
        weather.calm()
        scene.soon(scene.settled, "everything settled", 120.0)
        return _told(scene, weather, samples)


def _told(scene: Abroad, weather: Weather, samples: Samples) -> list[str]:
    statuses, ledger = Counter(scene.statuses), scene.database.ledger
    limited = statuses[429] + statuses[418]
    middle, last = samples.thirds()
    rows = [
        ("requests", f"{len(scene.statuses):,}"), ("faults thrown", f"{sum(weather.thrown.values()):,}"),
        ("orders", f"{len(ledger.orders(ACCOUNT)):,}"), ("fills", f"{len(ledger.fills(ACCOUNT)):,}"),
        ("429 and 418", str(limited)), ("memory, middle third", f"{fmean(middle):.1f} MiB"),
        ("memory, last third", f"{fmean(last):.1f} MiB ({samples.growth:+.1%})"),
        ("threads", f"{min(samples.threads)} to {max(samples.threads)}, {samples.leaked:+d} in the last third"),
    ]  # fmt: skip
    print("\n".join(f"{name:<24}{value}" for name, value in rows), flush=True)
    wrong = judged(scene).lines()
    if abs(samples.growth) > FLAT:
        wrong.append(f"memory is not flat: {samples.growth:+.1%} from the middle third to the last")
    if limited:
        wrong.append(f"{limited} requests were too many for the exchange")
    if samples.leaked > 0:
        wrong.append(f"{samples.leaked} threads were left behind")
    return wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak, tell, judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.study.soak")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    wrong = soak(options.minutes, options.seed)
    for words in wrong:
        print(f"NOT as expected: {words}", flush=True)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
