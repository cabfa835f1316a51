"""What the cycle needs from the market, and the paper account's ears for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from engine.domain.bar import Bar, BarSeries
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval
from engine.domain.quote import Quote
from engine.ports import Broker


class FedBroker(Broker, Protocol):
    """A broker that fills from the prices it is shown: the paper account."""

    def quote(self, quote: Quote, window: BarSeries | None = None) -> None:
        """Show the newest price, and the bars closed before it where an order's own impact is reckoned."""
        ...

    def deposit(self, amount: Decimal) -> None:
        """Take an external flow in."""
        ...

    def bar(
        self, symbol: str, bar: Bar, interval: Interval, finer: BarSeries | None = None, *,
        window: BarSeries | None = None,
    ) -> None:  # fmt: skip
        """Show a bar that has just closed, with the shorter ones inside it where there are any. `window` ends with
        it."""
        ...


class Feed(Protocol):
    """Prices as the cycle asks for them. `problem` says why the source does not answer; None while it does."""

    @property
    def problem(self) -> str | None:
        """Why there is no newer data, in words."""
        ...

    @property
    def seen(self) -> Mapping[str, Quote]:
        """The newest price that was asked for, by symbol."""
        ...

    def rules(self) -> Sequence[Instrument]:
        """Every instrument on offer with the rules in force now; none where nobody can say."""
        ...

    def window(self, symbol: str, interval: Interval, at: datetime) -> BarSeries:
        """Bars closed by `at` that features may look at (the anchored window); the last one is the newest there is."""
        ...

    def finer(self, symbol: str, interval: Interval, at: datetime) -> BarSeries | None:
        """Shorter bars inside the one that closed at `at`; None where there are none."""
        ...

    def quote(self, symbol: str, interval: Interval, at: datetime) -> Quote | None:
        """What one can trade at right after the close at `at`; None where there is no price yet."""
        ...
