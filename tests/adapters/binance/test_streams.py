"""Lines that end, fall silent, grow old or talk nonsense; what both streams say and hear on them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any, Self

import pytest

from engine.adapters.binance.market_stream import MarketStream
from engine.adapters.binance.server_time import ServerTime
from engine.adapters.binance.signing import api_key
from engine.adapters.binance.stream import Line, LineLost, Stream
from engine.adapters.binance.user_stream import UserStream
from engine.domain.bar import BarSeries
from engine.domain.interval import Interval, to_ms
from engine.domain.venue import StreamState
from tests.adapters.binance.trading import Trading
from tests.exchange import TurnedClock
from tests.exchange.exchange import NOW

KEY = api_key(key="k", secret="s")


class Script:
    """A line that says what it is told to, one thing for each `recv`; a number is so many seconds of silence."""

    def __init__(self, clock: Ticks, *says: str | float | Exception) -> None:
        self.clock = clock
        self.says = list(says)
        self.heard: list[dict[str, Any]] = []
        self.closed = False

    def recv(self, timeout: float | None = None) -> str:
        if not self.says:
            raise EOFError("the script is over")
        said = self.says.pop(0)
        if isinstance(said, Exception):
            raise said
        if isinstance(said, float | int):
            self.clock.seconds += said
            raise TimeoutError
        return said

    def send(self, message: str) -> None:
        self.heard.append(json.loads(message))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self.closed = True


class Ticks:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Listener:
    """A Talk that remembers."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.lines = 0
        self.reasons: list[str] = []
        self.enough = threading.Event()

    def address(self) -> str | None:
        return "ws://x" if self.lines < 3 else None

    def opened(self, line: Line) -> None:
        self.lines += 1

    def take(self, text: str) -> None:
        self.taken.append(text)

    def attend(self, line: Line, quiet: float) -> None: ...

    def lost(self, why: str) -> None:
        self.reasons.append(why)
        if len(self.reasons) == 3:
            self.enough.set()


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def time() -> ServerTime:
    clock = TurnedClock(NOW)
    return ServerTime(clock.now, clock=clock)


# ---------------------------------------------------------------- the line


def test_a_silent_line_is_given_up(ticks: Ticks) -> None:
    script = Script(ticks, "a", *[10.0] * 9)
    stream = Stream("test", Listener(), connect=lambda url: script, monotonic=ticks, silence=45)
    with pytest.raises(LineLost, match="silent for 50 s"):
        stream.serve("ws://x")
    assert script.closed


def test_a_line_is_replaced_before_it_is_a_day_old(ticks: Ticks) -> None:
    script = Script(ticks, *[part for _ in range(3000) for part in (40.0, "a")])
    stream = Stream("test", Listener(), connect=lambda url: script, monotonic=ticks, silence=45)
    with pytest.raises(LineLost, match="a day old"):
        stream.serve("ws://x")
    assert 22 * 3600 < ticks.seconds < 24 * 3600


def test_the_thread_opens_a_fresh_line_after_each_loss_and_ends_when_told(ticks: Ticks) -> None:
    listener = Listener()
    broken: list[Exception] = [OSError("reset"), ValueError("no JSON"), LineLost("terminated")]
    stream = Stream(
        "test-stream", listener, connect=lambda url: Script(ticks, broken.pop(0)), monotonic=ticks, pulse=0.01
    )  # fmt: skip
    stream._wait = 0.001
    assert stream.state is StreamState.DOWN
    stream.start()
    assert listener.enough.wait(5)
    stream.stop()
    assert listener.reasons == ["reset", "no JSON", "terminated", "stopped"]
    assert stream.state is StreamState.DOWN
    assert not [t for t in threading.enumerate() if t.name == "test-stream"]


# ---------------------------------------------------------------- the user stream


def opened(time: ServerTime, ticks: Ticks) -> tuple[UserStream, Script]:
    stream, script = UserStream("ws://x", KEY, time), Script(ticks)
    stream.opened(script)
    return stream, script


def test_it_subscribes_with_a_signature_over_sorted_names(time: ServerTime, ticks: Ticks) -> None:
    stream, script = opened(time, ticks)
    (request,) = script.heard
    stamp = to_ms(NOW)
    assert request["method"] == "userDataStream.subscribe.signature"
    assert request["params"] == {
        "apiKey": "k", "timestamp": stamp, "signature": KEY.sign(f"apiKey=k&timestamp={stamp}"),
    }  # fmt: skip
    assert not stream.up
    stream.take(json.dumps({"id": "subscribe", "status": 200, "result": {"subscriptionId": 0}}))
    assert stream.up
    assert stream.state is StreamState.LIVE


def test_each_loss_and_each_return_is_a_break(time: ServerTime, ticks: Ticks) -> None:
    stream, _ = opened(time, ticks)
    woken: list[int] = []
    stream._wake = lambda: woken.append(stream.breaks)
    stream.take(json.dumps({"id": "subscribe", "status": 200, "result": {}}))
    stream.lost("reset")
    assert not stream.up
    assert woken == [2, 3]
    assert stream.why == "reset"


def test_after_some_quiet_it_asks_for_a_sign_of_life(time: ServerTime, ticks: Ticks) -> None:
    stream, script = opened(time, ticks)
    for quiet in (1.0, 14.0, 15.0, 16.0, 29.0, 30.0):
        stream.attend(script, quiet)
    assert [r["method"] for r in script.heard[1:]] == ["ping", "ping"]
    stream.take(json.dumps({"id": "ping", "status": 200, "result": {}}))
    assert not stream.up, "an answered ping is no subscription"


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ({"subscriptionId": 0, "event": {"e": "eventStreamTerminated", "E": 1}}, "eventStreamTerminated"),
        ({"e": "serverShutdown", "E": 1}, "serverShutdown"),
        ({"id": None, "status": 401, "error": {"code": -2015, "msg": "Invalid API-key"}}, "-2015 Invalid API-key"),
        ({"id": "subscribe", "status": 400, "error": {"code": -1022, "msg": "Signature"}}, "-1022 Signature"),
        ({"subscriptionId": 0, "event": {"e": "executionReport", "s": "BTCUSDT", "X": "ODD"}}, "cannot be read"),
        (["?"], "no object"),
    ],
)
def test_what_ends_the_line(time: ServerTime, ticks: Ticks, message: Any, why: str) -> None:
    stream, _ = opened(time, ticks)
    with pytest.raises(LineLost, match=why):
        stream.take(json.dumps(message))


def test_a_refused_stamp_is_measured_again(time: ServerTime, ticks: Ticks) -> None:
    stream, _ = opened(time, ticks)
    with pytest.raises(LineLost):
        stream.take(json.dumps({"id": "subscribe", "status": 400, "error": {"code": -1021, "msg": "ahead"}}))
    assert time._synced_at is None


@pytest.mark.parametrize("kind", ["outboundAccountPosition", "balanceUpdate", "listStatus", "externalLockUpdate"])
def test_other_events_pass_by(time: ServerTime, ticks: Ticks, kind: str) -> None:
    stream, _ = opened(time, ticks)
    stream.take(json.dumps({"subscriptionId": 0, "event": {"e": kind, "E": 1}}))
    assert stream.drain() == []


def test_an_engine_that_does_not_fetch_is_a_gap_not_a_leak(ticks: Ticks) -> None:
    trading = Trading(streamed=True)
    trading.subscribe()
    assert trading.stream is not None
    trading.venue.place([trading.limit("49000")])
    event = next(e for e in trading.held.inbox.told if e["e"] == "executionReport")
    text = json.dumps({"subscriptionId": 0, "event": event})
    for _ in range(10_000):
        trading.stream.take(text)
    with pytest.raises(LineLost, match="waited"):
        trading.stream.take(text)
    assert trading.stream.drain() == []


# ---------------------------------------------------------------- the market stream


def frame(open_ms: int, close: str = "101", *, final: bool = True, **changes: Any) -> str:
    bar = {
        "t": open_ms, "T": open_ms + 59_999, "s": "BTCUSDT", "i": "1m", "o": "100", "c": close, "h": "102", "l": "99",
        "v": "5", "x": final,
    }  # fmt: skip
    return json.dumps({"stream": "btcusdt@kline_1m", "data": {"e": "kline", "s": "BTCUSDT", "k": bar | changes}})


def market(on_bar: Callable[[BarSeries], None] | None = None) -> MarketStream:
    stream = MarketStream("ws://x", clock=TurnedClock(NOW), on_bar=on_bar)
    stream.watch([("BTCUSDT", Interval.M1)])
    return stream


def test_the_address_names_what_is_watched() -> None:
    stream = market()
    assert stream.address() == "ws://x/stream?streams=btcusdt@bookTicker/btcusdt@kline_1m"
    stream.watch([])
    assert stream.address() is None
    assert stream.state is StreamState.DOWN


def test_only_a_closed_bar_is_a_bar() -> None:
    seen: list[BarSeries] = []
    stream = market(seen.append)
    stream.take(frame(600_000, final=False))
    assert stream.bars("BTCUSDT", Interval.M1) is None
    stream.take(frame(600_000))
    (bar,) = seen
    assert (bar.symbol, bar.interval, list(bar.open_ms), list(bar.close)) == (
        "BTCUSDT",
        Interval.M1,
        [600_000],
        [101.0],
    )


def test_what_is_kept_has_no_hole() -> None:
    stream = market()
    for minute in range(10, 90):
        stream.take(frame(minute * 60_000))
    held = stream.bars("BTCUSDT", Interval.M1)
    assert held is not None
    assert list(held.open_ms) == [minute * 60_000 for minute in range(26, 90)]
    stream.take(frame(95 * 60_000))
    held = stream.bars("BTCUSDT", Interval.M1)
    assert held is not None
    assert list(held.open_ms) == [95 * 60_000]
    stream.lost("reset")
    assert stream.bars("BTCUSDT", Interval.M1) is None


def test_prices_are_as_of_their_arrival_and_forgotten_with_the_line() -> None:
    stream = market()
    stream.take('{"stream":"btcusdt@bookTicker","data":{"u":1,"s":"BTCUSDT","b":"9.10","B":"1","a":"9.20","A":"2"}}')
    quote = stream.quote("BTCUSDT")
    assert quote is not None
    assert (str(quote.bid), str(quote.ask), quote.as_of) == ("9.1", "9.2", NOW)
    stream.lost("reset")
    assert stream.quote("BTCUSDT") is None


def test_other_wishes_are_told_on_the_open_line(ticks: Ticks) -> None:
    stream, script = market(), Script(ticks)
    stream.opened(script)
    stream.attend(script, 0.0)
    assert script.heard == []
    stream.watch([("ETHUSDT", Interval.M1)])
    stream.attend(script, 0.0)
    assert [(r["method"], r["params"]) for r in script.heard] == [
        ("SUBSCRIBE", ["ethusdt@bookTicker", "ethusdt@kline_1m"]),
        ("UNSUBSCRIBE", ["btcusdt@bookTicker", "btcusdt@kline_1m"]),
    ]
    stream.take('{"result":null,"id":1}')
    stream.attend(script, 0.0)
    assert len(script.heard) == 2


@pytest.mark.parametrize(
    "text",
    [
        '{"error":{"code":2,"msg":"Invalid request"},"id":1}',
        '{"stream":"!serverShutdown","data":{"e":"serverShutdown"}}',
        "[]", frame(600_000, "200"), frame(600_001), frame(600_000, i="1s"),
    ],
)  # fmt: skip
def test_what_ends_the_market_line(text: str) -> None:
    with pytest.raises(LineLost):
        market().take(text)


def test_the_bell_rings_with_the_last_bar_that_closes_at_a_moment() -> None:
    rung: list[str] = []
    stream = market()
    stream._wake = lambda: rung.append("!")
    stream.watch([("BTCUSDT", Interval.M1), ("ETHUSDT", Interval.M1), ("ETHUSDT", Interval.H1)])
    stream.take(frame(600_000))
    assert rung == [], "another bar of that minute is still to come"
    stream.take(frame(600_000, s="ETHUSDT"))
    assert rung == ["!"], "the hour does not close then"
    stream.take(frame(660_000))
    assert rung == ["!"]
    stream.take(frame(660_000, s="ETHUSDT"))
    assert rung == ["!", "!"]
    assert stream._complete(3_600_000) is False
