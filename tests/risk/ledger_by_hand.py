"""An account kept by other arithmetic than the product's: decimals, a performance index, numpy's correlation.

What the product decides is held against it; nothing of `engine.risk` or `engine.kernel` is called here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

ROUNDING = Decimal("0.0001")
"""Quote money by which two exact ways to add may differ, as one of them rounds to atoms on its way."""


@dataclass
class Wanted:
    """An entry that was decided and is not filled yet."""

    sleeve: str
    quantity: Decimal


@dataclass
class HandBook:
    """Cash, coins by sleeve, entries on their way, and what the account has been through."""

    symbol_of: dict[str, str]
    lot: Decimal
    cash: Decimal
    coins: dict[str, Decimal] = field(default_factory=dict)
    wanted: dict[str, Wanted] = field(default_factory=dict)
    closes: dict[str, list[float]] = field(default_factory=dict)
    lost_at: dict[str, datetime] = field(default_factory=dict)
    index: Decimal = Decimal(1)
    peak: Decimal = Decimal(1)
    day_start: Decimal = Decimal(1)
    day: object = None
    worth_before: Decimal = Decimal(0)

    def price(self, symbol: str) -> Decimal:
        """The newest close."""
        return Decimal(str(self.closes[symbol][-1]))

    def value(self, sleeve: str) -> Decimal:
        """What a sleeve's coins are worth, dust included."""
        return self.coins.get(sleeve, Decimal(0)) * self.price(self.symbol_of[sleeve])

    def holds(self, sleeve: str) -> bool:
        """True where a whole lot is there."""
        return self.coins.get(sleeve, Decimal(0)) >= self.lot

    @property
    def equity(self) -> Decimal:
        """Cash and everything at the newest closes."""
        return self.cash + sum((self.value(s) for s in self.symbol_of), Decimal(0))

    def mark(self, at: datetime, flow: Decimal) -> None:
        """Chain the performance since the mark before into the index; a flow is none."""
        day, worth = (at - timedelta(milliseconds=1)).date(), self.equity
        if day != self.day:
            self.day, self.day_start = day, self.index
        if self.worth_before > 0:
            self.index *= (worth - flow) / self.worth_before
        self.peak = max(self.peak, self.index)
        self.worth_before = worth

    @property
    def drawdown(self) -> Decimal:
        """Share below the peak."""
        return 1 - self.index / self.peak

    @property
    def daily_loss(self) -> Decimal:
        """Share below the day's start."""
        return 1 - self.index / self.day_start

    def at_risk(self, symbol: str) -> Decimal:
        """What is in one instrument in whole lots or on its way there."""
        mine = [sleeve for sleeve, its in self.symbol_of.items() if its == symbol]
        coming = [w for w in self.wanted.values() if w.sleeve in mine]
        return sum(
            [*(self.value(s) for s in mine if self.holds(s)), *(self.cost(w) for w in coming)], Decimal(0)
        )  # fmt: skip

    def cost(self, wanted: Wanted) -> Decimal:
        """An entry on its way, at the newest close."""
        return wanted.quantity * self.price(self.symbol_of[wanted.sleeve])

    @property
    def exposure(self) -> Decimal:
        """Everything held, dust included, and everything on its way."""
        held = sum((self.value(s) for s in self.symbol_of), Decimal(0))
        return held + sum((self.cost(w) for w in self.wanted.values()), Decimal(0))

    @property
    def positions(self) -> int:
        """Held or on their way."""
        return sum(self.holds(s) for s in self.symbol_of) + len(self.wanted)

    def correlation(self, symbol: str) -> float | None:
        """numpy's correlation with everything else at risk; None where there is nothing else."""
        symbols = sorted(set(self.symbol_of.values()) - {symbol})
        shares = {s: float(self.at_risk(s)) for s in symbols if self.at_risk(s) > 0}
        if not shares:
            return None
        returns = {s: np.diff(np.array(c[-721:])) / np.array(c[-721:-1]) for s, c in self.closes.items()}
        rest = np.sum([share * returns[s] for s, share in shares.items()], axis=0)
        return float(np.corrcoef(returns[symbol], rest)[0, 1])
