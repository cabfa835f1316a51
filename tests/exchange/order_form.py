"""A request's words -> orders: what each type needs, may not have, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from tests.exchange.orders import PlacedOrder, Side
from tests.exchange.parameters import NUMBER, SYMBOL, Parameter
from tests.exchange.refusal import Refusal
from tests.exchange.wallet import ZERO

Values = Mapping[str, str]

DECIMAL = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
CLIENT_ID = r"^[a-zA-Z0-9-_]{1,36}$"
_WORDS = r"^[A-Z_]{1,30}$"
PRECISION = 8

NEEDS: dict[str, tuple[str, ...]] = {
    "LIMIT": ("timeInForce", "quantity", "price"),
    "MARKET": (),
    "STOP_LOSS": ("quantity", "stopPrice"),
    "STOP_LOSS_LIMIT": ("timeInForce", "quantity", "price", "stopPrice"),
    "TAKE_PROFIT": ("quantity", "stopPrice"),
    "TAKE_PROFIT_LIMIT": ("timeInForce", "quantity", "price", "stopPrice"),
    "LIMIT_MAKER": ("quantity", "price"),
}
MAY: dict[str, tuple[str, ...]] = {
    "LIMIT": ("icebergQty",), "STOP_LOSS_LIMIT": ("icebergQty",), "TAKE_PROFIT_LIMIT": ("icebergQty",),
    "LIMIT_MAKER": ("icebergQty",), "MARKET": ("quantity", "quoteOrderQty"),
}  # fmt: skip
_GOVERNED = ("timeInForce", "quantity", "quoteOrderQty", "price", "stopPrice", "icebergQty")
_DECIMALS = ("quantity", "quoteOrderQty", "price", "stopPrice", "icebergQty")

_WINDOW = r"^[0-9]{1,20}(\.[0-9]{1,3})?$"
SIGNED = (Parameter("timestamp", NUMBER), Parameter("recvWindow", _WINDOW), Parameter("signature"))
ONE = Parameter("symbol", SYMBOL, mandatory=True)
_RESPONSE = Parameter("newOrderRespType", r"^(ACK|RESULT|FULL)$")
_STP = Parameter("selfTradePreventionMode", _WORDS)
ORDER = (
    ONE, Parameter("side", _WORDS, mandatory=True), Parameter("type", _WORDS, mandatory=True),
    Parameter("timeInForce", r"^[A-Z]{1,5}$"), *(Parameter(name, DECIMAL) for name in _DECIMALS),
    Parameter("newClientOrderId", CLIENT_ID), Parameter("strategyId", NUMBER), Parameter("strategyType", NUMBER),
    _RESPONSE, _STP, *SIGNED,
)  # fmt: skip


def leg_parameters(prefix: str, *, type_needed: bool = True, own: tuple[str, ...] = ()) -> tuple[Parameter, ...]:
    """The parameters of one order of a list, e.g. aboveType, aboveStopPrice."""
    names = {"Price": DECIMAL, "StopPrice": DECIMAL, "IcebergQty": DECIMAL, "TimeInForce": r"^[A-Z]{1,5}$"}
    names |= {"ClientOrderId": CLIENT_ID, "StrategyId": NUMBER, "StrategyType": NUMBER, **dict.fromkeys(own, DECIMAL)}
    rows = [Parameter(prefix + name, legal) for name, legal in names.items()]
    return (Parameter(prefix + "Type", _WORDS, mandatory=type_needed), *rows)


def list_parameters(*parts: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    together = tuple(parameter for part in parts for parameter in part)
    return (ONE, Parameter("listClientOrderId", CLIENT_ID), *together, _RESPONSE, _STP, *SIGNED)


def side_parameter(name: str) -> Parameter:
    return Parameter(name, _WORDS, mandatory=True)


def read(values: Values, *, side: str, symbol: str, prefix: str = "", quantity: str = "quantity") -> PlacedOrder:
    """One order. `prefix` names a leg of a list, whose quantity may stand under another name."""

    def said(name: str) -> str:
        if not prefix or name == "quantity":
            return quantity if name == "quantity" else name
        return prefix + name[0].upper() + name[1:]

    kind = values[said("type")]
    if kind not in NEEDS:
        raise Refusal(-1116, "Invalid orderType.")
    if side not in ("BUY", "SELL"):
        raise Refusal(-1117, "Invalid side.")
    _governed(kind, {name: said(name) for name in _GOVERNED}, values)
    amounts = {name: _amount(values, said(name)) for name in _DECIMALS}
    force = values.get(said("timeInForce"), "GTC")
    if force not in ("GTC", "IOC", "FOK"):
        raise Refusal(-1115, "Invalid timeInForce.")
    own_id = said("clientOrderId") if prefix else "newClientOrderId"
    strategy = {name: values.get(said(name)) for name in ("strategyId", "strategyType")}
    if strategy["strategyType"] is not None and int(strategy["strategyType"]) < 1_000_000:
        raise Refusal(-1134, "strategyType was less than 1000000.")
    return PlacedOrder(
        symbol=symbol, side=cast(Side, side), type=kind, client_id=values.get(own_id, ""), time_in_force=force,
        quantity=amounts["quantity"], price=amounts["price"], stop_price=amounts["stopPrice"],
        quote_quantity=amounts["quoteOrderQty"], iceberg=amounts["icebergQty"],
        strategy_id=_whole(strategy["strategyId"]), strategy_type=_whole(strategy["strategyType"]),
    )  # fmt: skip


def _governed(kind: str, names: Mapping[str, str], values: Values) -> None:
    """Mandatory ones are there, others that speak of price, quantity or time are not."""
    for name in NEEDS[kind]:
        if names[name] not in values:
            raise Refusal(-1102, f"Mandatory parameter '{names[name]}' was not sent, was empty/null, or malformed.")
    for name, sent in names.items():
        if sent in values and name not in (*NEEDS[kind], *MAY.get(kind, ())):
            raise Refusal(-1106, f"Parameter '{sent}' sent when not required.")
    if kind == "MARKET":
        given = [name for name in ("quantity", "quoteOrderQty") if names[name] in values]
        if not given:
            raise Refusal(-1102, "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed.")
        if len(given) == 2:
            raise Refusal(-1106, "Parameter 'quoteOrderQty' sent when not required.")


def _amount(values: Values, name: str) -> Decimal:
    if name not in values:
        return ZERO
    text = values[name]
    if len(text.partition(".")[2].rstrip("0")) > PRECISION:
        raise Refusal(-1111, f"Parameter '{name}' has too much precision.")
    if not (amount := Decimal(text)):
        raise Refusal(-1013, "Invalid price." if name.lower().endswith("price") else "Invalid quantity.")
    return amount


def _whole(text: str | None) -> int | None:
    return None if text is None else int(text)
