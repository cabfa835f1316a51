"""BinanceVenue: the broker with its streams, the rights of its key and a canary. Implements ports.Venue."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from engine.adapters.binance import codec, rights
from engine.adapters.binance.broker import BinanceBroker
from engine.adapters.binance.canary import Canary
from engine.adapters.binance.market_stream import MarketStream, Series
from engine.adapters.binance.signed import SignedTransport
from engine.adapters.binance.user_stream import UserStream
from engine.domain.account import Account, AccountKind
from engine.domain.errors import ConfigurationError
from engine.domain.instrument import Instrument
from engine.domain.venue import CanaryResult, Commission, KeyRights, StreamState, VenueHealth
from engine.ports import Clock

PARTING = 2.0
"""Seconds that ending all streams may take in all: the engine is given four to stop."""


class BinanceVenue(BinanceBroker):
    """One account's line to Binance Spot. Call `remember` with the ledger's orders, then `start`, then reconcile.

    Without streams (tests, tools) everything is asked for.
    """

    def __init__(
        self,
        account: Account,
        instruments: Mapping[str, Instrument],
        transport: SignedTransport,
        *,
        clock: Clock,
        stream: UserStream | None = None,
        market_stream: MarketStream | None = None,
    ) -> None:
        super().__init__(account, instruments, transport, clock=clock, stream=stream)
        self._instruments = instruments
        self._market_stream = market_stream

    def start(self, wake: Callable[[], None]) -> None:
        """Measure the clock, learn the limits and open the streams. VenueError where Binance does not answer."""
        self._transport.time.sync()
        body = self._transport.look("/api/v3/exchangeInfo", self._a_symbol(), weight=20)
        if limit := codec.weight_limit(body):
            self._transport.budget.set_limit(limit)
        self._transport.orders.set_limits(codec.order_limits(body))
        for stream in (self._stream, self._market_stream):
            if stream is not None:
                stream.start(wake)

    def watch(self, series: Sequence[Series]) -> None:
        """Closed bars of these series, and the prices of their instruments, in place of what was watched before."""
        if self._market_stream is not None:
            self._market_stream.watch(series)

    def close(self) -> None:
        """End streams and connections, within `PARTING` seconds whatever is stuck. Nothing is cancelled."""
        streams = [stream for stream in (self._stream, self._market_stream) if stream is not None]
        deadline = time.monotonic() + PARTING
        for stream in streams:
            stream.end()
        for stream in streams:
            stream.stop(max(0.0, deadline - time.monotonic()))
        self._transport.close()

    def ready(self, n: int) -> None:
        """Open a connection for each of so many orders, one a call."""
        self._transport.ready(n)

    def health(self) -> VenueHealth:
        """How the line stands; asks nothing."""
        market, user, budget = self._market_stream, self._stream, self._transport.budget
        return VenueHealth(
            market_stream=StreamState.DOWN if market is None else market.state,
            user_stream=StreamState.DOWN if user is None else user.state,
            weight_used=budget.used,
            weight_limit=budget.limit,
            clock_offset=self._transport.time.offset,
            gaps=0 if user is None else user.breaks,
        )

    def rights(self) -> KeyRights | None:
        """What our key may do; None where the venue does not tell (testnet, Binance.US)."""
        return None if self.account.kind is AccountKind.TESTNET else rights.key_rights(self._transport)

    def commission(self, symbol: str) -> Commission:
        """What a fill at once costs on this instrument, and whether BNB pays it. Weight 20."""
        return rights.commission(self._transport, symbol)

    def canary(self, symbol: str) -> CanaryResult:
        """Try each way to order that is in use: on the testnet by real orders, else without any."""
        if symbol not in self._instruments:
            raise ConfigurationError(f"symbol {symbol!r} is not among the instruments of {self.account.name}")
        real = self.account.kind is AccountKind.TESTNET
        instrument = self._instruments[symbol]
        return Canary(self.account, instrument, self._transport, clock=self._clock, real=real).sing()

    def _a_symbol(self) -> dict[str, str]:
        """One instrument is enough to be told the limits, and keeps the answer small."""
        return {"symbol": next(iter(self._instruments))} if self._instruments else {}
