"""Instrument: a tradable pair and the venue's rules for its prices and quantities."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from engine.domain.errors import ConfigurationError, InvalidOrder
from engine.domain.money import ATOM, whole

_HIGHEST = 2**62
"""Half of what 63 bits hold: a sum of two still fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """Prices are whole ticks, quantities whole lots; both convert exactly or raise.

    An instrument whose integers could overflow 64 bits in the kernel is refused here.
    """

    symbol: str
    base: str
    quote: str
    tick_size: Decimal
    lot_step: Decimal
    min_notional: Decimal
    trading: bool = True

    def __post_init__(self) -> None:
        for name in ("tick_size", "lot_step"):
            if getattr(self, name) <= 0:
                raise ConfigurationError(f"{self.symbol}: {name} {getattr(self, name)} must be above zero")
        highest_price_ticks = 10_000_000 * max(1, self.lot_atoms // 100_000)
        if highest_price_ticks * self.tick_lot_atoms >= _HIGHEST:
            raise ConfigurationError(
                f"{self.symbol}: tick {self.tick_size} x lot {self.lot_step} overflows; not tradable"
            )

    @property
    def tick_lot_atoms(self) -> int:
        """Quote atoms of one lot at a price of one tick: notional = ticks x lots x this."""
        return whole(self.tick_size * self.lot_step, ATOM, f"{self.symbol}: tick x lot")

    @property
    def lot_atoms(self) -> int:
        """Base atoms in one lot."""
        return whole(self.lot_step, ATOM, f"{self.symbol}: lot_step")

    @property
    def most_lots(self) -> int:
        """What a position can be counted up to, to the last digit of its coins."""
        return _HIGHEST // self.lot_atoms

    @property
    def min_notional_atoms(self) -> int:
        """Smallest notional in quote atoms."""
        return whole(self.min_notional, ATOM, f"{self.symbol}: min_notional")

    def ticks(self, price: Decimal) -> int:
        """Count the ticks in `price`; InvalidOrder where it is off the grid."""
        return self._steps(price, self.tick_size, "price")

    def lots(self, quantity: Decimal) -> int:
        """Count the lots in `quantity`; InvalidOrder where it is off the grid, or more coins than can be counted."""
        count = self._steps(quantity, self.lot_step, "quantity")
        if count > self.most_lots:
            most = self.quantity(self.most_lots)
            raise InvalidOrder(f"{self.symbol}: quantity {quantity} is above {most}, the most that is counted exactly")
        return count

    def price(self, ticks: int) -> Decimal:
        """The price of `ticks`."""
        return int(ticks) * self.tick_size

    def quantity(self, lots: int) -> Decimal:
        """The quantity of `lots`."""
        return int(lots) * self.lot_step

    def _steps(self, value: Decimal, step: Decimal, name: str) -> int:
        count, rest = divmod(value, step)
        if rest or count <= 0:
            raise InvalidOrder(f"{self.symbol}: {name} {value} must be a positive multiple of {step}")
        return int(count)
