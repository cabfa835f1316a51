"""Bars for screens: stored ones, and those of the simulated market, which needs no store as it can be asked again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from engine.domain.account import Source
from engine.domain.bar import BarSeries
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, parse_time
from engine.ports import Bars, Board, Clock, Coverage, Ledger, MarketData

INTERVALS = (Interval.M5, Interval.M15, Interval.H1, Interval.H4, Interval.D1)
"""Lengths of the simulated market's bars that a screen offers."""
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class SimulationClock:
    """The simulated market's now: as the engine tells it, else where its newest account stands, else its beginning."""

    def __init__(self, board: Board, ledger: Ledger, begins_at: datetime) -> None:
        self._board = board
        self._ledger = ledger
        self._begins_at = begins_at

    def now(self) -> datetime:
        """Market time."""
        beat = self._board.heartbeat()
        told = beat.status.get("clock") if beat and beat.status.get("source") == Source.SIMULATED else None
        if isinstance(told, str):
            return parse_time(told)
        simulated = [a for a in self._ledger.accounts() if a.source is Source.SIMULATED]
        marks = [self._ledger.last_mark(account.account_id) for account in simulated]
        return max((mark.at for mark in marks if mark is not None), default=self._begins_at)

    def sleep_until(self, at: datetime) -> None:
        """Screens never wait for the market."""
        raise NotImplementedError(f"a screen cannot wait until {at}")


class ScreenBars:
    """Implements ports.Bars: the simulated market's bars up to its clock, every other source from the store."""

    def __init__(self, stored: Bars, market: MarketData, clock: Clock) -> None:
        self._stored = stored
        self._market = market
        self._clock = clock
        self._first: dict[str, datetime] = {}

    def read(
        self, source: str, symbol: str, interval: Interval, start: datetime | None = None, end: datetime | None = None
    ) -> BarSeries:
        """Bars with start <= open < end."""
        if source != Source.SIMULATED:
            return self._stored.read(source, symbol, interval, start, end)
        return self._market.bars(symbol, interval, start or _EVER, end or self._clock.now())

    def write(self, source: str, series: BarSeries) -> int:
        """Into the store."""
        return self._stored.write(source, series)

    def write_rules(self, source: str, instruments: Sequence[Instrument]) -> None:
        """Into the store."""
        self._stored.write_rules(source, instruments)

    def rules(self, source: str) -> Sequence[Instrument]:
        """Rules of the simulated market, or stored ones."""
        return self._market.instruments() if source == Source.SIMULATED else self._stored.rules(source)

    def coverage(self, source: str) -> Sequence[Coverage]:
        """What can be read: the simulated market has everything from its first day to its now."""
        if source != Source.SIMULATED:
            return self._stored.coverage(source)
        now = self._clock.now()
        symbols = [instrument.symbol for instrument in self._market.instruments()]
        return [_covered(symbol, i, self._first_of(symbol, now), now) for symbol in symbols for i in INTERVALS]

    def _first_of(self, symbol: str, now: datetime) -> datetime:
        if symbol not in self._first:
            days = self._market.bars(symbol, Interval.D1, _EVER, now)
            self._first[symbol] = days.bar(0).open_at if len(days) else now
        return self._first[symbol]


def _covered(symbol: str, interval: Interval, first: datetime, now: datetime) -> Coverage:
    last = interval.floor(now) - interval.duration
    n_bars = max(0, (last - first) // interval.duration + 1)
    return Coverage(
        source=Source.SIMULATED.value, symbol=symbol, interval=interval, n_bars=n_bars, first_open_at=first,
        last_open_at=last, missing=0,
    )  # fmt: skip
