"""SignedTransport: what needs our key. One request, signed by us, weighed before, checked after, never repeated.

python-binance's session carries it; its own signing stamps a request when it leaves, after any pause, and overrides
recvWindow, so both are done here (law 3).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from engine.adapters.binance import codec
from engine.adapters.binance.errors import NoConnection, Purpose, TooManyOrders, from_response
from engine.adapters.binance.order_budget import OrderBudget
from engine.adapters.binance.server_time import ServerTime
from engine.adapters.binance.side_by_side import Answer, Lost, SideBySide, Wanted
from engine.adapters.binance.signing import ApiKey
from engine.adapters.binance.transport import open_client
from engine.adapters.binance.weight import ACCOUNT_SHARE, ORDER_SHARE, WeightBudget
from engine.domain.errors import (
    ClockSkew,
    InvalidOrder,
    MarketDataError,
    OrderError,
    OrderOutcomeUnknown,
    OrderRejected,
    RateLimited,
    VenueError,
    VenueUnavailable,
)
from engine.domain.money import plain
from engine.ports import Clock

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session
    from requests.adapters import BaseAdapter

RECEIVE_WINDOW = 3000
"""Milliseconds from the stamp on in which Binance takes a request; later ones it refuses by itself."""
Value = str | int | Decimal
Values = Mapping[str, Value]
Stamp = Callable[[], int]
"""Gives a request's stamp once the budgets have room for it, or raises why it has to wait."""
_LEGAL = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """A request that places so many `orders`, stamped with the moment they were decided; `entry` where it is one."""

    path: str
    values: Values
    orders: int
    entry: bool
    decided_at: datetime


class SignedTransport:
    """Asks and orders at one base URL with one key. An `adapter` answers in place of the network."""

    def __init__(
        self,
        base_url: str,
        key: ApiKey,
        *,
        clock: Clock,
        budget: WeightBudget | None = None,
        timeout: tuple[float, float] = (3.05, 7.0),
        adapter: BaseAdapter | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.key = key
        self.budget = budget or WeightBudget(clock)
        self.orders = OrderBudget(clock)
        self.time = ServerTime(self._server_time, clock=clock)
        self._clock = clock
        self._timeout = timeout
        self._client = open_client(timeout, adapter)
        session: Session = self._client.session
        self._way = session.merge_environment_settings(self.base_url, {}, False, None, None)
        self._side_by_side: SideBySide | None = None
        if adapter is None and not self._way["proxies"]:
            headers = {**{str(k): str(v) for k, v in session.headers.items()}, "X-MBX-APIKEY": key.key}
            verify = self._way["verify"]
            if verify is not False:
                self._side_by_side = SideBySide(self.base_url, headers, timeout=timeout, verify=verify)

    def ask(self, path: str, values: Values | None = None, *, weight: int) -> Any:
        """A signed question. Costs nothing when it fails: VenueError, OrderNotFound or MarketDataError."""
        self.budget.spend(weight, share=ACCOUNT_SHARE)
        try:
            return self._signed("GET", path, values or {}, stamp=self.time.stamp(), purpose=Purpose.DATA)
        except ClockSkew:
            self.time.forget()
            return self._signed("GET", path, values or {}, stamp=self.time.stamp(), purpose=Purpose.DATA)

    def look(self, path: str, values: Values | None = None, *, weight: int) -> Any:
        """A question that needs no key."""
        self.budget.spend(weight, share=ACCOUNT_SHARE)
        return self._answer("GET", path, _payload(values or {}), "", Purpose.DATA)

    def place(self, path: str, values: Values, *, orders: int, entry: bool, decided_at: datetime) -> Any:
        """Send orders, stamped with the moment they were decided.

        VenueError or InvalidOrder: surely nothing happened. OrderRejected: the exchange took none.
        OrderOutcomeUnknown: look them up.
        """
        wanted = OrderRequest(path=path, values=values, orders=orders, entry=entry, decided_at=decided_at)
        return self._order("POST", path, values, self._admitted(wanted))

    @property
    def side_by_side(self) -> bool:
        """Whether several orders can leave without one waiting for the other's answer."""
        return self._side_by_side is not None

    def ready(self, n: int) -> None:
        """So many orders may have to leave soon."""
        if self._side_by_side is not None:
            self._side_by_side.ready(n)

    def place_all(self, wanted: Sequence[OrderRequest]) -> list[Any | Exception]:
        """Send all, then read all answers: what `place` answers or raises, for each."""
        return self._together("POST", [(one.path, one.values, partial(self._admitted, one)) for one in wanted])

    def cancel_all(self, wanted: Sequence[tuple[str, Values]]) -> list[Any | Exception]:
        """So with what `cancel` takes. Those that leave later are stamped later."""
        found: list[Any | Exception] = []
        while self._side_by_side is not None and len(found) < len(wanted):
            turn = wanted[len(found) : len(found) + self._side_by_side.at_once]
            found += self._together("DELETE", [(path, values, self._stamped_now) for path, values in turn])
        return found

    def _together(self, method: str, wanted: Sequence[tuple[str, Values, Stamp]]) -> list[Any | Exception]:
        assert self._side_by_side is not None, "asked for where requests have to go one by one"
        found: list[Any | Exception] = []
        leaving: list[Wanted] = []
        for path, values, stamp in wanted:
            try:
                leaving.append(Wanted(method=method, path=path, query=self._query(values, stamp())))
                found.append(None)
            except (VenueError, InvalidOrder) as error:
                found.append(error)
        answers = iter(self._side_by_side.post(leaving))
        return [
            self._outcome(_what(method, path, _named(values)), method, next(answers)) if one is None else one
            for (path, values, _), one in zip(wanted, found, strict=True)
        ]

    def _admitted(self, wanted: OrderRequest) -> int:
        """Its stamp, once the budgets have room for it."""
        stamp = self.time.stamp_of(wanted.decided_at)
        self.budget.spend(1, share=ORDER_SHARE)
        self.orders.spend(wanted.orders, entry=wanted.entry)
        return stamp

    def _outcome(self, what: str, method: str, answer: Answer | Lost) -> Any | Exception:
        """What came of one of several requests; the error itself where it is one."""
        try:
            if isinstance(answer, Lost):
                raise self._no_answer(what, answer.why, Purpose.ORDER, left=answer.left)
            return self._read(answer, method, what, Purpose.ORDER)
        except ClockSkew as error:
            self.time.forget()
            return error
        except (VenueError, OrderError) as error:
            return error

    def cancel(self, path: str, values: Values) -> Any:
        """Cancel, stamped now. OrderNotFound: nothing of it was open; otherwise the errors of `place`."""
        return self._order("DELETE", path, values, self._stamped_now())

    def _stamped_now(self) -> int:
        stamp = self.time.stamp()
        self.budget.spend(1, share=ORDER_SHARE)
        return stamp

    def close(self) -> None:
        """Close all connections."""
        if self._side_by_side is not None:
            self._side_by_side.close()
        self._client.close_connection()

    def _order(self, method: str, path: str, values: Values, stamp: int) -> Any:
        try:
            return self._signed(method, path, values, stamp=stamp, purpose=Purpose.ORDER)
        except ClockSkew:
            self.time.forget()
            raise

    def _signed(self, method: str, path: str, values: Values, *, stamp: int, purpose: Purpose) -> Any:
        return self._answer(method, path, self._query(values, stamp), _named(values), purpose)

    def _query(self, values: Values, stamp: int) -> str:
        return self.key.signed_query(_payload({**values, "recvWindow": RECEIVE_WINDOW, "timestamp": stamp}))

    def _answer(self, method: str, path: str, query: str, named: str, purpose: Purpose) -> Any:
        """Send and read the reply; `named` says in messages what it was about, without its signature."""
        what = _what(method, path, named)
        return self._read(self._send(method, path, query, what, purpose), method, what, purpose)

    def _read(self, response: Response | Answer, method: str, what: str, purpose: Purpose) -> Any:
        self.budget.observe(response.headers)
        if method == "POST":
            self.orders.observe(response.headers)
        try:
            body = json.loads(response.content)
        except ValueError:
            body = None
        if response.status_code != 200 or (isinstance(body, dict) and _refused(body)):
            raise self._error(response, what, purpose)
        if not isinstance(body, dict | list):
            said = f"Binance, {what}: HTTP 200, but that is not Binance's answer"
            if purpose is Purpose.ORDER:
                raise OrderOutcomeUnknown(f"{said}. It may have been executed: look the order up by its client id.")
            raise VenueUnavailable(f"{said}. Try again in a moment.")
        return body

    def _request(self, method: str, path: str, query: str) -> PreparedRequest:
        """As the session would prepare it; proxies and certificates were looked up once, and every part is legal."""
        from requests import PreparedRequest

        request = PreparedRequest()
        request.method, request.url = method, f"{self.base_url}{path}"
        request.headers = self._client.session.headers.copy()
        request.headers["X-MBX-APIKEY"] = self.key.key
        if method == "POST":
            request.body = query
            request.headers["Content-Type"] = "application/x-www-form-urlencoded"
            request.headers["Content-Length"] = str(len(query))
            return request
        if method != "GET":
            request.headers["Content-Length"] = "0"
        if query:
            request.url = f"{request.url}?{query}"
        return request

    def _send(self, method: str, path: str, query: str, what: str, purpose: Purpose) -> Response:
        """By the session's adapter itself, which is half of the work: an order waits for nothing else here."""
        import requests

        request = self._request(method, path, query)
        try:
            response: Response = self._client.session.get_adapter(self.base_url).send(
                request, timeout=self._timeout, **self._way
            )
            _ = response.content  # read here, where a line that breaks is an outcome
            return response
        except requests.RequestException as error:
            # `from None`: the error's own text quotes the address with its signature.
            raise self._no_answer(what, type(error).__name__, purpose, left=not _never_left(error)) from None

    def _no_answer(self, what: str, why: str, purpose: Purpose, *, left: bool) -> Exception:
        host = urlsplit(self.base_url).netloc
        if purpose is Purpose.ORDER and left:
            return OrderOutcomeUnknown(f"{host}, {what}: sent, no answer ({why}). Look the order up by its client id.")
        return NoConnection(f"{host}, {what}: no answer ({why}). Offline?")

    def _error(self, response: Response | Answer, what: str, purpose: Purpose) -> Exception:
        text = response.content.decode("utf-8", "replace")
        status, headers, now = response.status_code, response.headers, self._clock.now()
        error = from_response(status, headers, text, what=what, now=now, purpose=purpose)
        if isinstance(error, TooManyOrders):
            self.orders.block(error.retry_after)
        elif isinstance(error, RateLimited):
            self.budget.block(error.retry_after)
        return error

    def _server_time(self) -> datetime:
        self.budget.spend(1, share=ORDER_SHARE)
        try:
            return codec.server_time(self._answer("GET", "/api/v3/time", "", "", Purpose.DATA))
        except MarketDataError as error:
            raise VenueUnavailable(str(error)) from error


SURELY_NOTHING = (VenueError, InvalidOrder, OrderRejected)
"""What `place` raises where no order exists because of it."""


def _payload(values: Values) -> str:
    return "&".join(f"{name}={_text(name, value)}" for name, value in values.items())


def _text(name: str, value: Value) -> str:
    """A value as it is signed and sent: fixed point, and nothing that would have to be encoded."""
    text = format(plain(value), "f") if isinstance(value, Decimal) else str(value)
    if not _LEGAL.fullmatch(text):
        raise InvalidOrder(f"{name} {text!r} cannot be sent; letters, digits, dot, dash and underscore are legal")
    return text


def _what(method: str, path: str, named: str) -> str:
    return f"{method} {path.removeprefix('/api/v3/')} {named}".rstrip()


def _named(values: Values) -> str:
    chosen = ("symbol", "newClientOrderId", "origClientOrderId", "listClientOrderId")
    return " ".join(str(values[name]) for name in chosen if name in values)


def _refused(body: Mapping[str, Any]) -> bool:
    """True for an error body, which may come with status 200."""
    return isinstance(body.get("code"), int) and body["code"] < 0


def _never_left(error: Exception) -> bool:
    """True where no connection came about, so that nothing was sent on it."""
    import requests
    import urllib3

    if isinstance(error, requests.ConnectTimeout | ValueError):  # ValueError: the address itself is unusable
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError)
