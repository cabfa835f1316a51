"""An exchange in memory: the paper venue's fills at the market's prices, and whatever a test lets it say of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from engine.adapters.paper.venue import PaperVenue
from engine.domain.account import Account
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval
from engine.domain.order import Order
from engine.domain.venue import OTOCO, CanaryResult, Commission, KeyRights, StreamState, VenueHealth
from engine.ports import Balance, Clock, MarketData, OrderReport, Standing

TRADE_ONLY = KeyRights(trade=True, withdraw=False, transfer=False, ip_bound=True)


@dataclass(slots=True)
class Said:
    """What the exchange says of itself, and what was asked of it; shared by all its lines."""

    rights: KeyRights | None = TRADE_ONLY
    passed: dict[str, bool] = field(default_factory=lambda: {"LIMIT": True, OTOCO: True})
    spare: Decimal = Decimal(100_000)
    """Quote that the account does not claim."""
    error: Exception | None = None
    canaries: int = 0
    open_lines: int = 0
    ready_for: int = 0
    watched: Sequence[tuple[str, Interval]] = ()
    wake: Callable[[], None] | None = None


class FakeVenue(PaperVenue):
    """Implements ports.Venue. Orders fill at the market's quote of the moment."""

    def __init__(
        self, account: Account, instruments: Mapping[str, Instrument], *, market: MarketData, clock: Clock, said: Said
    ) -> None:
        super().__init__(account, instruments, account.costs)
        self._market = market
        self._clock = clock
        self._said = said
        self._quote_asset = account.quote
        said.open_lines += 1

    def place(self, orders: Sequence[Order]) -> Sequence[OrderReport]:
        for symbol in {o.symbol for o in orders}:
            self.quote(self._market.quote(symbol))
        return super().place(orders)

    def standing(self) -> Standing:
        told = super().standing()
        own = told.balances.get(self._quote_asset, Balance(free=Decimal(0), locked=Decimal(0)))
        ours = Balance(free=own.free + self._said.spare, locked=own.locked)
        return replace(told, balances={**told.balances, self._quote_asset: ours}, foreign_orders=1)

    def start(self, wake: Callable[[], None]) -> None:
        self._said.wake = wake

    def watch(self, series: Sequence[tuple[str, Interval]]) -> None:
        self._said.watched = series

    def ready(self, n: int) -> None:
        self._said.ready_for = n

    def close(self) -> None:
        self._said.open_lines -= 1

    def health(self) -> VenueHealth:
        live = StreamState.LIVE
        return VenueHealth(market_stream=live, user_stream=live, weight_used=120, weight_limit=6000)

    def rights(self) -> KeyRights | None:
        if self._said.error is not None:
            raise self._said.error
        return self._said.rights

    def commission(self, symbol: str) -> Commission:
        ratio = Decimal("0.00075")
        return Commission(symbol=symbol, buy_ratio=ratio, sell_ratio=ratio, bnb=True)

    def canary(self, symbol: str) -> CanaryResult:
        self._said.canaries += 1
        details = {name: "it works" if ok else f"{symbol}: refused" for name, ok in self._said.passed.items()}
        return CanaryResult(at=self._clock.now(), passed=dict(self._said.passed), details=details)
