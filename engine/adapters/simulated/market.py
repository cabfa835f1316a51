"""SimulatedMarket: ports.MarketData over a seeded history, as far as the clock has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import numpy as np

from engine.adapters.simulated.history import Columns, History, aggregate
from engine.adapters.simulated.listing import LISTING
from engine.adapters.simulated.process import DAYS, EPOCH, HOURS, STEPS
from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError, MissingBars
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, iso, to_ms
from engine.domain.quote import Quote
from engine.market.columns import to_series
from engine.ports import Clock

SOURCE = "SIMULATED"
DESCRIPTION = (
    "SIMULATED market: six invented instruments, made from a seed. Their prices share market shocks, calm and wild "
    "days, and fat tails. An edge is planted, on purpose: a move tends to go on for about a day, and a little of it is "
    "taken back in the two days after. Somebody who knew the formula would call the next 24 hours right about 59 % of "
    "the time, and 67 % on the clearest third of calls; a model trained on three years gets 57 to 59 %. No real market "
    "offers this: results here show that the machine works, not that it earns."
)
"""What the Market page says above these prices; the tests measure its figures."""
_BLOCK_MS = DAYS * 86_400_000
_FINE = Interval.M5


class SimulatedMarket:
    """Bars of 5 minutes and longer, the same for everybody with the same seed, however they are asked for.

    The quote is the open of the 5-minute bar that forms now: at a bar close it is the next bar's open.
    """

    name = SOURCE

    def __init__(self, clock: Clock, seed: int = 7) -> None:
        if not 0 <= seed < 2**63:
            raise ConfigurationError(f"seed {seed} must lie between 0 and 2**63 - 1")
        self._clock = clock
        self._history = History(seed)
        self._places = {one.instrument.symbol: i for i, one in enumerate(LISTING)}

    def instruments(self) -> Sequence[Instrument]:
        """The six invented instruments."""
        return [one.instrument for one in LISTING]

    def bars(self, symbol: str, interval: Interval, start: datetime, end: datetime) -> BarSeries:
        """Bars with start <= open < end that have closed by the clock; there are no gaps, and none before EPOCH."""
        place = self._place(symbol)
        if interval.ms < _FINE.ms:
            raise MissingBars(f"{symbol}: the simulated market has no {interval} bars; take 5m or longer")
        epoch = to_ms(EPOCH)
        first = max(to_ms(start), epoch)
        after = min(to_ms(end), to_ms(interval.floor(self._clock.now())))
        if first >= after:
            return BarSeries.empty(symbol, interval)
        blocks = range((first - epoch) // _BLOCK_MS, (after - 1 - epoch) // _BLOCK_MS + 1)
        parts = [self._block(k, place, interval) for k in blocks]
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        opens = epoch + blocks[0] * _BLOCK_MS + interval.ms * np.arange(len(columns[0]), dtype=np.int64)
        rows = slice(*np.searchsorted(opens, [first, after]).tolist())
        return to_series(symbol, interval, opens[rows], [column[rows] for column in columns])

    def quote(self, symbol: str) -> Quote:
        """The open of the 5-minute bar that forms now; MissingBars before EPOCH."""
        place = self._place(symbol)
        open_at = _FINE.floor(self._clock.now())
        block, rest = divmod(to_ms(open_at) - to_ms(EPOCH), _BLOCK_MS)
        if block < 0:
            raise MissingBars(f"{symbol}: the simulated market begins at {iso(EPOCH)}; set the clock later")
        tick = LISTING[place].instrument.tick_size
        ticks = round(float(self._history.fine(block, place)[0][rest // _FINE.ms]) / float(tick))
        price = Decimal(ticks) * tick
        return Quote(symbol=symbol, bid=price, ask=price, as_of=open_at, spread_included=False)

    def _place(self, symbol: str) -> int:
        if symbol not in self._places:
            raise MissingBars(f"{symbol}: not in the simulated market; take one of {', '.join(self._places)}")
        return self._places[symbol]

    def _block(self, index: int, place: int, interval: Interval) -> Columns:
        n_bars = _BLOCK_MS // interval.ms
        if interval.ms >= Interval.H1.ms:
            hours = self._history.hours(index, place)
            return hours if interval is Interval.H1 else aggregate(hours, HOURS // n_bars)
        fine = self._history.fine(index, place)
        return fine if interval is _FINE else aggregate(fine, STEPS // n_bars)
