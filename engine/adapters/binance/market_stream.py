"""MarketStream: closed bars and best prices as they come, for the instruments in use."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.adapters.binance import codec
from engine.adapters.binance.stream import STOPPING, Connect, Line, LineLost, Stream, open_line
from engine.domain.bar import BarSeries
from engine.domain.errors import AaitiError
from engine.domain.interval import Interval
from engine.domain.quote import Quote
from engine.domain.venue import StreamState
from engine.ports import Clock

Series = tuple[str, Interval]
_KEPT = 64
"""Closed bars kept of each series: what a decision needs beyond its cache is the newest one."""
_PER_MESSAGE = 200
"""Streams in one SUBSCRIBE; Binance takes five messages a second."""


class MarketStream:
    """`on_bar` is called with each closed bar, from the stream's thread; `wake` with the last of those that close at a
    moment. After a break bars are fetched by those who miss them: what is kept has no holes, or nothing is kept."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        on_bar: Callable[[BarSeries], None] | None = None,
        connect: Connect = open_line,
        **limits: Any,
    ) -> None:
        self.why = "not started"
        self._url = url.rstrip("/")
        self._clock = clock
        self._on_bar = on_bar
        self._wake: Callable[[], None] | None = None
        self._series: tuple[Series, ...] = ()
        self._wanted: frozenset[str] = frozenset()
        self._asked: frozenset[str] = frozenset()
        self._bars: dict[Series, BarSeries] = {}
        self._quotes: dict[str, tuple[Mapping[str, Any], datetime]] = {}
        self._requests = 0
        self._stream = Stream("aaiti-market-stream", self, connect=connect, **limits)

    @property
    def state(self) -> StreamState:
        """LIVE while a line is open; DOWN where nothing is watched."""
        return self._stream.state if self._wanted else StreamState.DOWN

    def start(self, wake: Callable[[], None] | None = None) -> None:
        """Open it as soon as something is watched."""
        self._wake = wake
        self._stream.start()

    def end(self) -> None:
        """Ask it to close."""
        self._stream.end()

    def stop(self, timeout: float = STOPPING) -> None:
        """Close it, and wait so many seconds for that."""
        self._stream.stop(timeout)

    def watch(self, series: Sequence[Series]) -> None:
        """Bars of these series and prices of their instruments, in place of what was watched before."""
        self._series = tuple(series)
        bars = {f"{symbol.lower()}@kline_{interval.value}" for symbol, interval in series}
        self._wanted = frozenset(bars | {f"{symbol.lower()}@bookTicker" for symbol, _ in series})

    def quote(self, symbol: str) -> Quote | None:
        """The newest best prices, as of their arrival; None while the stream has brought none."""
        found = self._quotes.get(symbol)
        if found is None:
            return None
        row, at = found
        return codec.quote({"symbol": symbol, "bidPrice": row["b"], "askPrice": row["a"]}, at)

    def bars(self, symbol: str, interval: Interval) -> BarSeries | None:
        """The newest closed bars without a hole, as far as they came since the stream was last interrupted."""
        return self._bars.get((symbol, interval))

    # ------------------------------------------------------------------ Talk: called by the stream's thread

    def address(self) -> str | None:
        """All wanted streams in one address; None while there are none."""
        wanted = self._wanted
        return f"{self._url}/stream?streams={'/'.join(sorted(wanted))}" if wanted else None

    def opened(self, line: Line) -> None:
        """What the address named is subscribed; the rest is put right by `attend`."""
        self._asked = self._wanted
        self.why = "up"

    def take(self, text: str) -> None:
        """A frame: {"stream": ..., "data": ...}, or the answer to a SUBSCRIBE."""
        message = json.loads(text)
        if not isinstance(message, dict):
            raise LineLost(f"a message that is no object: {text[:80]}")
        if "error" in message:
            raise LineLost(f"refused: {message['error']}")
        data = message.get("data", message)
        if not isinstance(data, dict):
            return
        if data.get("e") == "serverShutdown":
            raise LineLost("Binance ends the stream: serverShutdown")
        if str(message.get("stream", "")).endswith("@bookTicker"):
            self._quotes[data["s"]] = (data, self._clock.now())
        elif data.get("e") == "kline" and data["k"].get("x") is True:
            self._closed(data["k"])

    def attend(self, line: Line, quiet: float) -> None:
        """Tell Binance what is wanted now and was not before."""
        wanted, asked = self._wanted, self._asked
        if wanted != asked:
            self._say(line, "SUBSCRIBE", sorted(wanted - asked))
            self._say(line, "UNSUBSCRIBE", sorted(asked - wanted))
            self._asked = wanted

    def lost(self, why: str) -> None:
        """Prices grow stale and bars may be missing from here on: forget them."""
        self.why = why
        self._quotes.clear()
        self._bars.clear()

    def _say(self, line: Line, method: str, streams: Sequence[str]) -> None:
        for start in range(0, len(streams), _PER_MESSAGE):
            self._requests += 1
            request = {"method": method, "params": streams[start : start + _PER_MESSAGE], "id": self._requests}
            line.send(json.dumps(request))

    def _closed(self, row: Mapping[str, Any]) -> None:
        try:
            interval = Interval(row["i"])
            values = [row["t"], row["o"], row["h"], row["l"], row["c"], row["v"], row["T"]]
            one = codec.bars([values], row["s"], interval, row["t"] + interval.ms)
        except (AaitiError, KeyError, ValueError) as error:
            raise LineLost(f"a bar that cannot be read: {error}") from error
        known = self._bars.get((one.symbol, interval))
        follows = known is not None and known.open_ms[-1] + interval.ms == one.open_ms[0]
        self._bars[one.symbol, interval] = _joined(known, one) if follows and known is not None else one
        if self._on_bar is not None:
            self._on_bar(one)
        if self._wake is not None and self._complete(one.open_ms[0] + interval.ms):
            self._wake()

    def _complete(self, close_ms: int) -> bool:
        """True where every watched bar that closes then is here: before that there is nothing to decide."""
        due = [series for series in self._series if close_ms % series[1].ms == 0]
        found = [self._bars.get(series) for series in due]
        return all(
            held is not None and held.open_ms[-1] + held.interval.ms >= close_ms for held in found
        )  # fmt: skip


def _joined(known: BarSeries, one: BarSeries) -> BarSeries:
    """A new series, so that a reader in another thread never sees one half written."""
    kept = known.rows(max(0, len(known) + 1 - _KEPT), len(known))
    for name in ("open_ms", "open", "high", "low", "close", "volume"):
        column: array[Any] = getattr(kept, name)
        column.extend(getattr(one, name))
    return kept
