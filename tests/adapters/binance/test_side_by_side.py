"""Requests that leave together, over real sockets: none waits for another's answer, and each has an outcome."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import closing
from decimal import Decimal

from engine.adapters.binance.side_by_side import Answer, Lost, SideBySide, Wanted
from engine.adapters.binance.signed import SignedTransport
from engine.adapters.binance.venue import BinanceVenue
from engine.domain.errors import OrderOutcomeUnknown, VenueUnavailable
from engine.domain.order import OrderStatus
from tests.adapters.binance.trading import Trading, statuses
from tests.exchange.faults import Fault
from tests.exchange.server import LoopbackServer
from tests.exchange.wire import Reply, Request

WANTED = [Wanted(path=f"/{name}", query=f"name={name}") for name in "abc"]


def lines(url: str, patience: float = 5.0) -> SideBySide:
    return SideBySide(url, {"X-MBX-APIKEY": "key"}, timeout=(1.0, patience))


def test_all_arrive_before_any_is_answered_and_lines_are_used_again() -> None:
    together, seen = threading.Barrier(3, timeout=5), []

    def handle(request: Request) -> Reply:
        together.wait()
        seen.append((request.method, request.body, request.headers["X-MBX-APIKEY"]))
        return Reply(status=200, body=request.path.encode(), headers={"X-MBX-USED-WEIGHT-1M": "7"})

    with LoopbackServer(handle) as server:
        side = lines(server.url)
        for _ in range(2):
            found = side.post(WANTED)
            assert [a.content for a in found if isinstance(a, Answer)] == [b"/a", b"/b", b"/c"]
            assert all(isinstance(a, Answer) and a.headers["x-mbx-used-weight-1m"] == "7" for a in found)
        assert set(seen) == {("POST", f"name={name}".encode(), "key") for name in "abc"}
        assert len(side._idle) == 3
        side.close()


def test_a_request_leaves_in_one_piece_and_asks_for_an_answer_that_is_not_packed() -> None:
    """Nobody here unpacks an answer, whatever the session's own headers ask for."""
    body = b'{"a":1}'
    with socket.create_server(("127.0.0.1", 0)) as door:
        side = SideBySide(f"http://127.0.0.1:{door.getsockname()[1]}/at", {"Accept-Encoding": "gzip"}, timeout=(1, 5))
        came: list[bytes] = []

        def serve() -> None:
            line, _ = door.accept()
            with line:
                came.append(line.recv(65536))
                line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n" + body)

        thread = threading.Thread(target=serve)
        thread.start()
        with closing(side):
            [answer] = side.post(WANTED[:1])
        thread.join(5)
    assert isinstance(answer, Answer)
    assert answer.content == body
    head, _, sent = came[0].partition(b"\r\n\r\n")
    first, *headers = head.decode().split("\r\n")
    assert (first, sent) == ("POST /at/a HTTP/1.1", b"name=a")
    assert [h for h in headers if h.startswith("Accept-Encoding")] == ["Accept-Encoding: identity"]
    assert "Content-Length: 6" in headers


def test_a_line_that_was_hung_up_meanwhile_is_opened_anew() -> None:
    with LoopbackServer(lambda _: Reply(), idle=0.1) as server:
        side = lines(server.url)
        side.ready(1)
        side.ready(2)
        assert len(side._idle) == 2
        time.sleep(0.4)
        assert all(isinstance(a, Answer) for a in side.post(WANTED))
        side.close()


def test_a_lost_answer_may_have_arrived_and_a_closed_door_may_not() -> None:
    with LoopbackServer(lambda request: Reply(drop=request.path == "/b")) as server, closing(lines(server.url)) as side:
        found = side.post(WANTED)
    assert [isinstance(a, Answer) for a in found] == [True, False, True]
    assert isinstance(found[1], Lost)
    assert found[1].left
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    away = lines(f"http://127.0.0.1:{port}").post(WANTED)
    assert all(isinstance(a, Lost) and not a.left for a in away)


def test_several_that_are_silent_cost_one_patience() -> None:
    with LoopbackServer(lambda _: Reply(stall=3.0)) as server:
        began = time.monotonic()
        found = lines(server.url, patience=0.4).post(WANTED)
        assert time.monotonic() - began < 1.2
    assert all(isinstance(a, Lost) and a.left for a in found)


def test_more_than_there_are_lines_follow_on_the_same_ones() -> None:
    with LoopbackServer(lambda request: Reply(body=request.body)) as server:
        side = lines(server.url)
        found = side.post([Wanted(path="/x", query=f"n={i}") for i in range(11)])
        assert [a.content for a in found if isinstance(a, Answer)] == [f"n={i}".encode() for i in range(11)]
        assert len(side._idle) == 4
        side.close()


def test_orders_of_one_close_each_have_their_own_outcome() -> None:
    trading = Trading()
    with LoopbackServer(trading.exchange.handle) as server:
        transport = SignedTransport(server.url, trading.key, clock=trading.clock)
        venue = BinanceVenue(trading.account, trading.instruments, transport, clock=trading.clock)
        well, poor, unheard = trading.order(), trading.order(quantity=Decimal(9)), trading.order()
        trading.exchange.faults.add(Fault.lost_reply().on("order", "POST"))
        found = venue.place_all([[well], [poor], [unheard], trading.otoco()])
        outcomes = [statuses(one) if not isinstance(one, Exception) else type(one) for one in found]
        assert OrderOutcomeUnknown in outcomes[:3]
        assert outcomes[3] == [OrderStatus.FILLED, OrderStatus.WORKING, OrderStatus.WORKING]
        again = venue.place_all([[well], [trading.order()]])
        assert isinstance(again[0], OrderOutcomeUnknown), "what may have left never leaves again"
        venue.close()


def test_a_cancel_asks_in_its_address() -> None:
    seen: list[tuple[str, str, bytes]] = []

    def handle(request: Request) -> Reply:
        seen.append((request.method, dict(request.query).get("n", ""), request.body))
        return Reply()

    with LoopbackServer(handle) as server, closing(lines(server.url)) as side:
        found = side.post([Wanted(method="DELETE", path="/x", query="n=1"), Wanted(path="/x", query="n=2")])
    assert all(isinstance(a, Answer) for a in found)
    assert sorted(seen) == [("DELETE", "1", b""), ("POST", "", b"n=2")]


def test_orders_that_are_cancelled_together_each_have_their_own_outcome() -> None:
    trading = Trading()
    with LoopbackServer(trading.exchange.handle) as server:
        transport = SignedTransport(server.url, trading.key, clock=trading.clock)
        venue = BinanceVenue(trading.account, trading.instruments, transport, clock=trading.clock)
        single, gone, unheard, other, never = (trading.limit("40000") for _ in range(5))
        pair = trading.oco()
        for orders in ([single], [gone], [unheard], [other], pair):
            venue.place(orders)
        venue.cancel([gone])
        asked = len(trading.exchange.requests)
        found = venue.cancel_all([[single], [gone], pair, [never]])
        assert [statuses(one) for one in found if not isinstance(one, Exception)] == [
            [OrderStatus.CANCELLED], [OrderStatus.CANCELLED], [OrderStatus.CANCELLED] * 2, [],
        ]  # fmt: skip
        methods = [request.method for request in trading.exchange.requests[asked:]]
        assert methods == ["DELETE"] * 4 + ["GET"] * 2, "what is not open is looked up once all were asked for"
        trading.exchange.faults.add(Fault.lost_reply().on("order", "DELETE"))
        outcomes = venue.cancel_all([[unheard], [other]])
        assert sum(isinstance(one, OrderOutcomeUnknown) for one in outcomes) == 1
        assert statuses([venue.find(unheard), venue.find(other)]) == [OrderStatus.CANCELLED] * 2
        venue.close()


def test_where_nobody_answers_the_orders_may_go_once_more() -> None:
    trading = Trading()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    transport = SignedTransport(f"http://127.0.0.1:{port}", trading.key, clock=trading.clock)
    transport.time = trading.transport.time
    venue = BinanceVenue(trading.account, trading.instruments, transport, clock=trading.clock)
    orders = [trading.order(), trading.order()]
    for _ in range(2):
        assert all(isinstance(one, VenueUnavailable) for one in venue.place_all([[o] for o in orders]))
