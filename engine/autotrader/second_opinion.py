"""Second opinion: another source's prices, so that nothing new is bought while it and ours disagree by too much.

It is asked in a thread of its own, one question every few seconds: the engine never waits for it. Where it does not
answer nobody is held back; where both speak and differ by more than `max_price_gap`, new risk pauses until they agree.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal

from engine.autotrader.session import Session
from engine.domain.errors import MarketDataError, VenueError
from engine.domain.quote import Quote
from engine.ports import Clock, MarketData

CURRENCY = "USD"
PACE_SECONDS = 20.0
FRESH = timedelta(minutes=15)
"""How old an opinion may be: averages over venues are told every few minutes."""
ASIDE = timedelta(seconds=15)
"""Our own price is not asked for so shortly before a bar closes."""
NOT_ASKED = Decimal(1)


class SecondOpinion:
    """One session's. `look` and `trouble` are the engine's; the thread only asks."""

    def __init__(self, source: MarketData, name: str, clock: Clock, *, pace: float = PACE_SECONDS) -> None:
        self._source = source
        self._name = name
        self._clock = clock
        self._pace = pace
        self._codes: tuple[str, ...] = ()
        self._next = 0
        self._seen: dict[str, Quote] = {}
        self._compared: dict[str, Quote] = {}
        self._troubles: dict[str, str] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def look(self, session: Session) -> None:
        """Say which instruments matter, and compare what has come in since the last look."""
        most = session.trader.cycle.terms.limits.max_price_gap
        if most >= NOT_ASKED:
            self._troubles.clear()
            return
        symbols = sorted({seat.symbol for seat in session.trader.seats if seat.symbol in session.instruments})
        pairs = {s: (session.instruments[s].base, session.instruments[s].quote) for s in symbols}
        self._codes = tuple(dict.fromkeys(code for pair in pairs.values() for code in reversed(pair)))
        self._begin()
        if session.trader.next_close - session.clock.now() < ASIDE:
            return
        for symbol, (base, quote) in pairs.items():
            newest = self._seen.get(base)
            if newest is not None and self._compared.get(symbol) != newest:
                self._compared[symbol] = newest
                self._compare(symbol, session.price(symbol), self._price(base, quote), most)
        self._troubles = {s: words for s, words in self._troubles.items() if s in pairs}

    def trouble(self) -> str | None:
        """Why nothing new is bought; None while the prices agree or nobody can say."""
        return "; ".join(words for _, words in sorted(self._troubles.items())) or None

    def ask_next(self) -> None:
        """Ask for one price; a source that does not answer leaves what it said before to grow old."""
        codes = [code for code in self._codes if code != CURRENCY]
        if not codes:
            return
        code = codes[self._next % len(codes)]
        self._next += 1
        try:
            self._seen[code] = self._source.quote(f"{code}{CURRENCY}")
        except (MarketDataError, VenueError):
            return

    def close(self) -> None:
        """Ask no more."""
        self._stop.set()

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="aaiti-second-opinion", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(self._pace):
            self.ask_next()

    def _price(self, base: str, quote: str) -> Decimal | None:
        """The other source's price in the instrument's own currency; None where it is old or unknown."""
        one, other = self._seen.get(base), self._seen.get(quote)
        if one is None or self._clock.now() - one.as_of > FRESH:
            return None
        if quote == CURRENCY:
            return one.bid
        return None if other is None or self._clock.now() - other.as_of > 4 * FRESH else one.bid / other.bid

    def _compare(self, symbol: str, ours: Quote | None, theirs: Decimal | None, most: Decimal) -> None:
        self._troubles.pop(symbol, None)
        if ours is None or theirs is None or theirs <= 0:
            return
        mine = (ours.bid + ours.ask) / 2
        gap = abs(mine / theirs - 1)
        if gap > most:
            self._troubles[symbol] = (
                f"{symbol} costs {mine:,.8g} here and {theirs:,.8g} at {self._name}: {gap:.1%} apart, {most:.1%} is "
                "allowed (max_price_gap)"
            )
