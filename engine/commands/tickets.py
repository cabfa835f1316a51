"""What an operator may ask for at the desk: tickets, and stops that move."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.commands import fields
from engine.domain.errors import ConfigurationError
from engine.domain.order import Side


class Ticket(StrEnum):
    """Orders that an operator may place by hand. STOP, TARGET and OCO guard what is held, so they sell."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    STOP = "STOP"
    TARGET = "TARGET"
    OCO = "OCO"


_PRICED = frozenset({Ticket.LIMIT, Ticket.TARGET, Ticket.OCO})
_STOPPED = frozenset({Ticket.STOP, Ticket.OCO})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder:
    """A manual order. `price` is the limit (LIMIT, TARGET, OCO), `stop_price` the trigger (STOP, OCO).

    A BUY may bring its own stop and target in `stop_price` and `target_price`, else the limits set them. A SELL sells
    what `sleeve_id` holds, where it names none what was bought by hand; only a MARKET sale may sell a part of it.
    """

    symbol: str
    side: Side
    type: Ticket
    quantity: Decimal | None
    price: Decimal | None
    stop_price: Decimal | None
    target_price: Decimal | None
    sleeve_id: str | None

    @classmethod
    def parse(cls, payload: fields.Payload) -> PlaceOrder:
        """Read and check."""
        kind = fields.choice(payload, "type", Ticket)
        price, stop = _price(payload, "price"), _price(payload, "stop_price")
        if kind in _PRICED and price is None:
            raise ConfigurationError(f"price is missing; a {kind} order needs one")
        if kind in _STOPPED and stop is None:
            raise ConfigurationError(f"stop_price is missing; a {kind} order needs one")
        side = fields.choice(payload, "side", Side)
        if kind not in (Ticket.MARKET, Ticket.LIMIT) and side is Side.BUY:
            raise ConfigurationError(f"side BUY: a {kind} order guards what is held, so it sells")
        whole = side is Side.SELL and kind is not Ticket.MARKET and payload.get("quantity") in (None, "")
        return cls(
            symbol=fields.text(payload, "symbol"), side=side, type=kind, price=price, stop_price=stop,
            quantity=None if whole else fields.positive(payload, "quantity"),
            target_price=_price(payload, "target_price") if side is Side.BUY else None,
            sleeve_id=str(payload.get("sleeve_id") or "") or None,
        )  # fmt: skip

    @property
    def guards(self) -> bool:
        """True where it says where stop and target of what is held lie."""
        return self.side is Side.SELL and self.type is not Ticket.MARKET


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveStop:
    """Another stop for what a sleeve holds; its target stays."""

    sleeve_id: str
    stop_price: Decimal

    @classmethod
    def parse(cls, payload: fields.Payload) -> MoveStop:
        """Read and check."""
        return cls(sleeve_id=fields.text(payload, "sleeve_id"), stop_price=fields.positive(payload, "stop_price"))


def _price(payload: fields.Payload, name: str) -> Decimal | None:
    return None if payload.get(name) in (None, "") else fields.positive(payload, name)
