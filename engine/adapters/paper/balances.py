"""Money and coins at the paper venue: integers, folded from fills and external flows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from engine.adapters.paper.orders import Held
from engine.domain.fill import Fill
from engine.domain.instrument import Instrument
from engine.domain.money import ATOM, from_atoms, plain, to_atoms
from engine.domain.order import OrderType, Side
from engine.kernel.grid import notional
from engine.ports import Balance


class Balances:
    """Quote atoms, and base atoms by asset. What resting orders have promised is reckoned from those orders."""

    def __init__(self, cash: Decimal) -> None:
        self.cash = to_atoms(cash)
        self.coins: dict[str, int] = {}

    def add(self, amount: Decimal) -> None:
        """Take an external flow in."""
        self.cash += to_atoms(amount)

    def fold(self, fill: Fill, instrument: Instrument) -> None:
        """Take a fill in, fee included."""
        sign = 1 if fill.side is Side.BUY else -1
        value = (fill.quantity * fill.price / ATOM).to_integral_value(ROUND_CEILING if sign > 0 else ROUND_FLOOR)
        self.coins[instrument.base] = self.coins.get(instrument.base, 0) + sign * to_atoms(fill.quantity)
        self.cash -= sign * int(value)
        if fill.fee_asset == instrument.base:
            self.coins[instrument.base] -= to_atoms(fill.fee)
        else:
            self.cash -= to_atoms(fill.fee)

    def free_cash(self, working: Iterable[Held]) -> int:
        """Cash not promised to resting buys."""
        return self.cash - sum(
            notional(h.lots, h.limit, h.grid) for h in working if h.order.side is Side.BUY and h.limit
        )

    def free_coins(self, base: str, working: Iterable[Held]) -> int:
        """Coins not promised to sales; an OCO promises its quantity once."""
        promised: dict[str, int] = {}
        for h in working:
            if h.order.side is Side.SELL and h.instrument.base == base:
                promised[h.order.list_id or h.order.client_id] = h.lots * h.grid.lot
        return self.coins.get(base, 0) - sum(promised.values())

    def by_asset(self, quote: str, listed: Iterable[Instrument], working: Sequence[Held]) -> dict[str, Balance]:
        """Balances as a venue tells them."""
        free = {quote: self.free_cash(working)}
        free |= {i.base: self.free_coins(i.base, working) for i in listed if i.base in self.coins}
        total = {quote: self.cash, **self.coins}
        return {a: Balance(free=from_atoms(free[a]), locked=from_atoms(total[a] - free[a])) for a in sorted(free)}

    def why_not(self, held: Held, working: list[Held]) -> str | None:
        """Why the balance does not cover a new order; None where it does. A market buy is judged when it fills."""
        order, instrument = held.order, held.instrument
        if order.side is Side.SELL:
            free = self.free_coins(instrument.base, working)
            if held.lots * held.grid.lot > free:
                return f"{order.symbol}: {order.quantity:f} {instrument.base} to sell, free are {from_atoms(free):f}"
        elif order.type is OrderType.LIMIT and notional(held.lots, held.limit, held.grid) > self.free_cash(working):
            return too_poor(held, held.limit, self.free_cash(working))
        return None


def too_poor(held: Held, ticks: int, free: int) -> str:
    """Why a buy at this price cannot be paid."""
    value = plain(held.order.quantity * held.instrument.price(ticks))
    return f"{held.order.symbol}: {value:f} {held.instrument.quote} to pay, free are {from_atoms(free):f}"
