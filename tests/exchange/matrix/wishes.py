"""What the operator asks for in a session, as commands on the board, made from what the ledger says at that moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal

from engine.domain.command import Command, CommandKind
from engine.domain.position import Position
from tests.exchange.matrix.furnish import ACCOUNT
from tests.exchange.matrix.plan import Event, Wish
from tests.exchange.matrix.world import World

_PATIENCE = timedelta(seconds=30)
Payload = Mapping[str, object]


class Wishes:
    """Each wish becomes one command, or none where it makes no sense now."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._asked = 0

    def ask(self, event: Event) -> None:
        assert isinstance(event.what, Wish), "the market moves by itself"
        made = self._made(event)
        if made is None:
            return
        kind, payload = made
        self._asked += 1
        now = self._world.clock.now()
        command = Command(
            key=f"wish-{self._world.plan.seed}-{self._asked}", kind=kind, payload=payload, asked_by="tester",
            asked_at=now, expires_at=now + _PATIENCE, state_version=None,
        )  # fmt: skip
        self._world.ground.board.ask(command)
        self._world.tell("operator", f"{event.what.value}: {dict(payload)}")

    def _made(self, event: Event) -> tuple[CommandKind, Payload] | None:
        match event.what:
            case Wish.BUY | Wish.BUY_GUARDED | Wish.BUY_LIMIT:
                return CommandKind.PLACE_ORDER, self._purchase(event)
            case Wish.SELL_PART | Wish.CLOSE | Wish.MOVE_STOP | Wish.OCO:
                position = self._position(event)
                return None if position is None else self._about(event, position)
            case Wish.CANCEL_ALL:
                return CommandKind.CANCEL_ALL, {}
            case Wish.FLATTEN:
                return CommandKind.FLATTEN, {}
            case Wish.HALT:
                return CommandKind.HALT, {}
        return CommandKind.RESET_HALT, {"typed": "RESET"}

    def _purchase(self, event: Event) -> Payload:
        world = self._world
        price = world.exchange.books[event.symbol].last(world.clock.ms)
        wanted = world.plan.cash * (Decimal("0.05") + event.size * Decimal("0.4"))
        lots = self._lots(event.symbol, wanted / price)
        ticket: dict[str, object] = {"symbol": event.symbol, "side": "BUY", "type": "MARKET", "quantity": lots}
        if event.what is Wish.BUY_LIMIT:
            ticket |= {"type": "LIMIT", "price": self._tick(event.symbol, price * Decimal("0.99"))}
        if event.what is Wish.BUY_GUARDED:
            ticket["stop_price"] = self._tick(event.symbol, price * Decimal("0.985"))
            ticket["target_price"] = self._tick(event.symbol, price * Decimal("1.02"))
        return ticket

    def _about(self, event: Event, position: Position) -> tuple[CommandKind, Payload]:
        symbol, price = position.symbol, self._world.exchange.books[position.symbol].last(self._world.clock.ms)
        sleeve = {"sleeve_id": position.sleeve_id}
        if event.what is Wish.CLOSE:
            return CommandKind.CLOSE_POSITION, sleeve
        stop = self._tick(symbol, price * (Decimal("0.97") + event.size / 50))
        if event.what is Wish.MOVE_STOP:
            return CommandKind.MOVE_STOP, sleeve | {"stop_price": stop}
        ticket = sleeve | {"symbol": symbol, "side": "SELL"}
        if event.what is Wish.SELL_PART:
            part = self._lots(symbol, position.sellable * event.size)
            return CommandKind.PLACE_ORDER, ticket | {"type": "MARKET", "quantity": part}
        target = self._tick(symbol, price * Decimal("1.015"))
        return CommandKind.PLACE_ORDER, ticket | {"type": "OCO", "stop_price": stop, "price": target}

    def _position(self, event: Event) -> Position | None:
        held = [p for p in self._world.database.ledger.positions(ACCOUNT) if p.sellable]
        return held[int(event.size * 100) % len(held)] if held else None

    def _lots(self, symbol: str, quantity: Decimal) -> str:
        lot = self._world.exchange.listings[symbol].lot
        return f"{max(lot, (quantity / lot).to_integral_value(ROUND_DOWN) * lot):f}"

    def _tick(self, symbol: str, price: Decimal) -> str:
        tick = self._world.exchange.listings[symbol].tick
        return f"{(price / tick).to_integral_value(ROUND_DOWN) * tick:f}"
