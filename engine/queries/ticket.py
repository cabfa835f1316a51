"""A manual order before it is sent: what it would cost, where it would end, and what is known to stand against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from engine.domain.account import Account
from engine.domain.decision import GateOutcome
from engine.domain.instrument import Instrument
from engine.domain.order import OrderType, Side
from engine.domain.position import Position
from engine.queries.price import Price
from engine.queries.words import exactly
from engine.risk.limits import RiskLimits

MARKET, LIMIT, STOP = (kind.value for kind in OrderType)
TARGET, OCO = "TARGET", "OCO"
KINDS: Mapping[Side, Sequence[str]] = {Side.BUY: (MARKET, LIMIT), Side.SELL: (MARKET, LIMIT, STOP, TARGET, OCO)}
LIMITED = frozenset({LIMIT, TARGET, OCO})
STOPPED = frozenset({STOP, OCO})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What the operator typed. `price` is the limit, `stop_price` the trigger; a purchase may bring its own stop and
    target. `sleeve_id` is whose coins a sale sells. None where the kind has none, or nothing was typed."""

    symbol: str
    side: Side
    kind: str
    quantity: Decimal | None
    price: Decimal | None = None
    stop_price: Decimal | None = None
    target_price: Decimal | None = None
    sleeve_id: str | None = None

    def payload(self) -> Mapping[str, object]:
        """The command's fields; decimals as text."""
        numbers = {
            "quantity": self.quantity, "price": self.price, "stop_price": self.stop_price,
            "target_price": self.target_price,
        }  # fmt: skip
        return {
            "symbol": self.symbol, "side": self.side.value, "type": self.kind, "sleeve_id": self.sleeve_id,
            **{name: None if value is None else str(value) for name, value in numbers.items()},
        }  # fmt: skip

    @property
    def guards(self) -> bool:
        """True where it says where stop and target of what is held lie."""
        return self.side is Side.SELL and self.kind != MARKET


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What it costs, and the profit or loss, all costs included, where its stop or its target fills."""

    notional: Decimal | None
    fee: Decimal | None
    spread_and_slippage: Decimal | None
    at_stop: Decimal | None = None
    at_target: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The estimate beside the ticket. `checks` are what the console knows, `gates` what the risk gates say by what the
    engine told last (None: not asked); the engine asks them again and decides."""

    estimate: Estimate
    checks: Sequence[GateOutcome]
    gates: Sequence[GateOutcome] | None

    @property
    def ready(self) -> bool:
        """True where nothing is known to stand against it."""
        return all(check.passed for check in (*self.checks, *(self.gates or ())))


def estimate(
    account: Account, limits: RiskLimits, ticket: Ticket, price: Price | None, position: Position | None
) -> Estimate:
    """Reckon with the account's costs at the price now, or at the ticket's own."""
    costs = account.costs
    at = working_price(ticket, price)
    quantity = position.sellable if ticket.guards and position is not None else ticket.quantity
    if at is None or quantity is None:
        return Estimate(notional=None, fee=None, spread_and_slippage=None)
    slip = costs.half_spread_ratio + costs.slippage_ratio
    taker = ticket.kind in (MARKET, STOP)
    paid = at * quantity * (1 + (slip if taker else 0)) * (1 + costs.fee_ratio)
    bought = position.cost * quantity / position.quantity if position is not None and position.quantity else paid
    stop, target = _ends(limits, ticket, at)
    gross = at * quantity
    return Estimate(
        notional=gross, fee=gross * costs.fee_ratio, spread_and_slippage=gross * slip if taker else Decimal(0),
        at_stop=None if stop is None else stop * quantity * (1 - slip) * (1 - costs.fee_ratio) - bought,
        at_target=None if target is None else target * quantity * (1 - costs.fee_ratio) - bought,
    )  # fmt: skip


def after_costs(account: Account, position: Position, price: Decimal) -> Decimal:
    """Profit or loss where everything is sold at market at this price, all costs included."""
    slip = account.costs.half_spread_ratio + account.costs.slippage_ratio
    share = position.cost * position.sellable / position.quantity if position.quantity else position.cost
    return price * position.sellable * (1 - slip) * (1 - account.costs.fee_ratio) - share


def _ends(limits: RiskLimits, ticket: Ticket, at: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """Where stop and target would lie: as typed, else for a purchase as the limits have it."""
    if ticket.side is Side.BUY:
        return (
            ticket.stop_price or at * (1 - limits.stop_loss), ticket.target_price or at * (1 + limits.take_profit),
        )  # fmt: skip
    return (ticket.stop_price, ticket.price) if ticket.guards else (None, None)


def working_price(ticket: Ticket, price: Price | None) -> Decimal | None:
    """The price that the estimate is made at."""
    if ticket.kind in LIMITED:
        return ticket.price
    if ticket.kind == STOP:
        return ticket.stop_price
    if price is None:
        return None
    return price.ask if ticket.side is Side.BUY else price.bid


def rule_checks(instrument: Instrument | None, ticket: Ticket, notional: Decimal | None) -> list[GateOutcome]:
    """What the venue's rules say to quantity and prices."""
    if instrument is None:
        return [GateOutcome(name="instrument", passed=False, detail=f"no rules are stored for {ticket.symbol}")]
    tick, checks = instrument.tick_size, []
    if not ticket.guards:
        checks.append(_step("quantity", ticket.quantity, instrument.lot_step))
    if ticket.kind in LIMITED:
        checks.append(_step("price", ticket.price, tick))
    if ticket.kind in STOPPED or ticket.stop_price is not None:
        checks.append(_step("stop price", ticket.stop_price, tick))
    if ticket.target_price is not None:
        checks.append(_step("target price", ticket.target_price, tick))
    if notional is not None and ticket.side is Side.SELL:
        least = instrument.min_notional
        detail = f"{exactly(notional)} against at least {exactly(least)} {instrument.quote}"
        checks.append(GateOutcome(name="minimum notional", passed=notional >= least, detail=detail))
    return checks


def side_checks(ticket: Ticket, price: Price | None) -> list[GateOutcome]:
    """Whether stops lie below and targets above: anything else would fill at once, or never."""
    if price is None:
        return []
    buying = ticket.side is Side.BUY
    now = (working_price(ticket, price) if buying else None) or price.bid
    name = "the price of the purchase" if buying else "the price now"
    checks = []
    if ticket.stop_price is not None:
        detail = f"{exactly(ticket.stop_price)} must lie below {name}, {exactly(now)}"
        checks.append(GateOutcome(name="stop", passed=ticket.stop_price < now, detail=detail))
    target = ticket.target_price if buying else ticket.price
    if target is not None:
        detail = f"{exactly(target)} must lie above {name}, {exactly(now)}"
        checks.append(GateOutcome(name="target", passed=target > now, detail=detail))
    return checks


def read_decimal(text: str) -> Decimal | None:
    """The number that was typed; None where it is empty or none.

    >>> read_decimal(" 1,000.5 "), read_decimal("abc"), read_decimal("-1")
    (Decimal('1000.5'), None, None)
    """
    try:
        value = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() and value > 0 else None


def _step(name: str, value: Decimal | None, step: Decimal) -> GateOutcome:
    if value is None:
        return GateOutcome(name=name, passed=False, detail="type a number above zero")
    whole = value % step == 0
    detail = "on the grid" if whole else f"{exactly(value)} is not a multiple of {exactly(step)}"
    return GateOutcome(name=name, passed=whole, detail=detail)
