"""Real processes: `python -m engine trade` over real sockets, killed by SIGKILL wherever a seed says.

After the last kill the engine is given time, and the same judge looks at ledger and exchange.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from engine.domain.command import CommandKind
from tests.exchange.matrix.abroad import Abroad, Kill, abroad
from tests.exchange.matrix.furnish import ACCOUNT
from tests.exchange.matrix.judge import Verdict, judged
from tests.exchange.matrix.steps import Step

_COVERED = "every position under its stop, nothing in doubt"
KILLED_AT = (Step.ENTRY, Step.PROTECTION, Step.EXIT, Step.CANCEL, Step.BALANCES, Step.OPEN_ORDERS, Step.LOOKUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class RealResult:
    seed: int
    kills: int
    orders: int
    fills: int
    verdict: Verdict
    story: tuple[str, ...]


def run_real(seed: int) -> RealResult:
    """A purchase, a stop that moves, a sale; one or two kills on the way, wherever the seed says."""
    dice = random.Random(f"real:{seed}")
    with abroad() as scene:
        scene.start()
        scene.soon(scene.trades, "the engine's line")
        kills = [_kill(dice) for _ in range(dice.choice((1, 1, 2)))]
        for i, act in enumerate(_acts(scene, dice)):
            if kills and i in (0, 2):
                scene.kill_at(kills.pop())
            act()
            _revive(scene)
        scene.shoot()
        _revive(scene)
        scene.soon(scene.settled, _COVERED)
        scene.look()
        orders, fills = scene.database.ledger.orders(ACCOUNT), scene.database.ledger.fills(ACCOUNT)
        return RealResult(
            seed=seed, kills=scene.kills, orders=len(orders), fills=len(fills), verdict=judged(scene),
            story=tuple(scene.story.lines),
        )  # fmt: skip


def _kill(dice: random.Random) -> Kill:
    return Kill(step=dice.choice(KILLED_AT), nth=dice.choice((1, 1, 2)), answered=dice.random() < 0.5)


def _revive(scene: Abroad) -> None:
    if not scene.alive:
        scene.start()
        scene.soon(scene.trades, "the engine's line")


def _acts(scene: Abroad, dice: random.Random) -> list[Callable[[], object]]:
    symbol, quantity = dice.choice((("BTCUSDT", "0.02"), ("ETHUSDT", "0.4")))
    ticket = {"symbol": symbol, "side": "BUY", "type": "MARKET", "quantity": quantity}

    def about(kind: CommandKind, **more: object) -> None:
        if (held := scene.position()) is not None:
            scene.ask(kind, {"sleeve_id": held.sleeve_id} | more)

    def move_stop() -> None:
        tick = scene.exchange.listings[symbol].tick
        price = scene.exchange.books[symbol].last(scene.clock.ms)
        about(CommandKind.MOVE_STOP, stop_price=f"{(price * Decimal('0.985')).quantize(tick):f}")

    def market() -> None:
        choice = dice.choice(("touch", "fall", "nothing"))
        scene.tell("market", choice)
        with scene.exchange.door:
            if choice == "touch":
                scene.troubles.touch_target(symbol, Decimal("0.4"))
            elif choice == "fall":
                scene.troubles.fall(symbol)
        scene.soon(lambda: not scene.alive, "time", 2.0)

    def close() -> None:
        about(CommandKind.CLOSE_POSITION)

    def buy() -> None:
        """A busy machine may be too slow to send an order in time: then it is asked for again."""
        for _ in range(3):
            scene.ask(CommandKind.PLACE_ORDER, ticket)
            if scene.position() is not None or not scene.alive:
                return

    return [buy, move_stop, market, close]
