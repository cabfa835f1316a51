"""The three kinds of order lists: parameters -> legs, and which legs go together."""

from __future__ import annotations

from decimal import Decimal

from tests.exchange.order_form import Values, leg_parameters, list_parameters, read, side_parameter
from tests.exchange.orders import PlacedOrder
from tests.exchange.parameters import Parameter
from tests.exchange.refusal import Refusal

_DECIMAL = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
_ABOVE_BELOW = (leg_parameters("above"), leg_parameters("below"))
_WORKING = (*leg_parameters("working", own=("Quantity",)), side_parameter("workingSide"))
OCO = list_parameters((side_parameter("side"), Parameter("quantity", _DECIMAL, mandatory=True)), *_ABOVE_BELOW)
OTO = list_parameters(_WORKING, (*leg_parameters("pending", own=("Quantity",)), side_parameter("pendingSide")))
OTOCO = list_parameters(
    _WORKING, (side_parameter("pendingSide"), Parameter("pendingQuantity", _DECIMAL, mandatory=True)),
    leg_parameters("pendingAbove"), leg_parameters("pendingBelow", type_needed=False),
)  # fmt: skip
_LEGS = {"LIMIT_MAKER", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"}


def oco(values: Values, prefixes: tuple[str, str] = ("above", "below"), side: str = "side") -> list[PlacedOrder]:
    """The two legs, the lower one first, as the exchange lists them."""
    quantity = "quantity" if side == "side" else "pendingQuantity"
    for prefix in prefixes:
        if values[prefix + "Type"] not in _LEGS:
            raise Refusal(-1158, "Order type not supported in OCO.")
    above, below = (
        read(values, side=values[side], symbol=values["symbol"], prefix=prefix, quantity=quantity)
        for prefix in prefixes
    )
    _right_way_round(above, below)
    if _aim(above) <= _aim(below):
        raise Refusal(-2010, "The relationship of the prices for the orders is not correct.")
    return [below, above]


def oto(values: Values) -> list[PlacedOrder]:
    working = _working(values)
    symbol, side = values["symbol"], values["pendingSide"]
    return [working, read(values, side=side, symbol=symbol, prefix="pending", quantity="pendingQuantity")]


def otoco(values: Values) -> list[PlacedOrder]:
    """Without a lower leg it is refused here; the exchange would take the one above as an OTO."""
    if "pendingBelowType" not in values:
        raise Refusal(-1102, "Mandatory parameter 'pendingBelowType' was not sent, was empty/null, or malformed.")
    return [_working(values), *oco(values, ("pendingAbove", "pendingBelow"), "pendingSide")]


def _working(values: Values) -> PlacedOrder:
    if values["workingType"] not in ("LIMIT", "LIMIT_MAKER"):
        raise Refusal(-1159, "Order type not supported for the working order.")
    side, symbol = values["workingSide"], values["symbol"]
    return read(values, side=side, symbol=symbol, prefix="working", quantity="workingQuantity")


def _aim(leg: PlacedOrder) -> Decimal:
    return leg.stop_price or leg.price


def _right_way_round(above: PlacedOrder, below: PlacedOrder) -> None:
    """SELL: profit above, stop below; BUY the reverse."""
    stops = [leg.type.startswith("STOP_LOSS") for leg in (above, below)]
    if stops == [False, False]:
        raise Refusal(-1168, "At least one OCO order must be contingent.")
    if above.buys and not stops[0]:
        raise _wrong(above, "buy", "below")
    if above.buys and stops[1]:
        raise Refusal(-1196, "A stop loss order in a buy OCO must be above.")
    if not above.buys and not stops[1]:
        raise _wrong(below, "sell", "above")
    if not above.buys and stops[0]:
        raise Refusal(-1197, "A stop loss order in a sell OCO must be below.")


def _wrong(leg: PlacedOrder, side: str, place: str) -> Refusal:
    code = {("L", "buy"): -1165, ("L", "sell"): -1166, ("T", "buy"): -1198, ("T", "sell"): -1199}[leg.type[0], side]
    return Refusal(code, f"A {'limit' if leg.type[0] == 'L' else 'take profit'} order in a {side} OCO must be {place}.")
