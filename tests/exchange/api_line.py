"""The WebSocket API: requests with an id, replies with their rate limits, and user data on the same line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.exchange import signature
from tests.exchange.account import Account
from tests.exchange.keys import Key
from tests.exchange.limits import Limits
from tests.exchange.refusal import Refusal
from tests.exchange.user_events import Subscription

METHODS = {
    "order.place": ("POST", "order"), "order.test": ("POST", "order/test"), "order.status": ("GET", "order"),
    "order.cancel": ("DELETE", "order"), "openOrders.status": ("GET", "openOrders"),
    "openOrders.cancelAll": ("DELETE", "openOrders"), "account.status": ("GET", "account"),
    "myTrades": ("GET", "myTrades"), "allOrders": ("GET", "allOrders"),
    "orderList.place.oco": ("POST", "orderList/oco"), "orderList.place.oto": ("POST", "orderList/oto"),
    "orderList.place.otoco": ("POST", "orderList/otoco"), "orderList.cancel": ("DELETE", "orderList"),
    "orderList.status": ("GET", "orderList"),
}  # fmt: skip
Values = dict[str, str]


class State(Protocol):
    """What the WebSocket API needs of the exchange."""

    limits: Limits
    keys: dict[str, tuple[Account, Key]]

    @property
    def now_ms(self) -> int: ...

    def settle(self) -> None: ...

    def signed(self, way: tuple[str, str], values: Values, api_key: str | None, payload: str, address: str) -> Any: ...


@dataclass(slots=True, eq=False)
class ApiLine:
    """One connection. `silent`: half open. `closed`: the exchange has ended it."""

    exchange: State
    address: str = "127.0.0.1"
    answers: list[str] = field(default_factory=list)
    subscriptions: dict[int, tuple[Subscription, Key]] = field(default_factory=dict)
    key: Key | None = None
    silent: bool = False
    closed: bool = False
    opened_at: int = 0

    def __post_init__(self) -> None:
        self.opened_at = self.exchange.now_ms
        self.exchange.limits.charge(self.address, 2, self.exchange.now_ms)

    def hear(self, text: str) -> None:
        """Carry a request out. A half-open line does so too; nobody hears of it."""
        self.exchange.settle()
        try:
            asked = json.loads(text)
            number, method, params = asked.get("id"), str(asked.get("method")), asked.get("params") or {}
        except (ValueError, AttributeError):
            self._answer(None, 400, error=Refusal(-1135, "Invalid JSON Request").body)
            return
        values = {name: _text(value) for name, value in params.items()}
        try:
            result = self._carry_out(method, values)
        except Refusal as refusal:
            extra = {"retryAfter": self._retry_at(refusal)} if "Retry-After" in refusal.headers else None
            body = refusal.body | ({} if extra is None else {"data": {"serverTime": self.exchange.now_ms, **extra}})
            self._answer(number, refusal.status, error=body)
        else:
            self._answer(number, 200, result=result)

    def pump(self) -> list[str]:
        """Replies and user events that are to be sent now."""
        if self.silent:
            return []
        self.exchange.settle()
        texts, self.answers = self.answers, []
        for number, (subscription, key) in list(self.subscriptions.items()):
            texts.extend(_compact(event) for event in subscription.drain())
            if not subscription.alive:
                del self.subscriptions[number]
                if key.rights.revoked:
                    self._answer(None, 401, error=signature.not_permitted().body)
                    texts.extend(self.answers)
                    self.answers = []
        if self.exchange.now_ms - self.opened_at >= 24 * 3_600_000:
            self.closed = True
        return texts

    def shut_down(self) -> list[str]:
        """The exchange announces that it restarts, and ends the line."""
        self.closed = True
        return [_compact({"subscriptionId": None, "event": {"e": "serverShutdown", "E": self.exchange.now_ms}})]

    def _carry_out(self, method: str, values: Values) -> Any:
        now = self.exchange.now_ms
        if method in ("ping", "time"):
            self.exchange.limits.charge(self.address, 1, now)
            return {} if method == "ping" else {"serverTime": now}
        if method in METHODS:
            verb, path = METHODS[method]
            named = {name: value for name, value in values.items() if name != "apiKey"}
            if self.key is not None and "signature" not in values:
                named |= {"signature": "of-the-session", "timestamp": values.get("timestamp", str(now))}
                return self.exchange.signed((verb, f"/api/v3/{path}"), named, self.key.api_key, "", self.address)
            payload = signature.sorted_payload(values)
            return self.exchange.signed((verb, f"/api/v3/{path}"), named, values.get("apiKey"), payload, self.address)
        self.exchange.limits.charge(self.address, 2, now)
        if method == "session.logon":
            return self._log_on(values)
        if method.startswith("userDataStream."):
            return self._user_stream(method, values)
        raise Refusal(-1020, "This operation is not supported.")

    def _log_on(self, values: Values) -> Any:
        """Ed25519 keys only."""
        key = self._proved(values)
        if key.secret:
            raise Refusal(-1099, "Only Ed25519 keys may log on.", status=401)
        self.key = key
        return {
            "apiKey": key.api_key, "authorizedSince": self.exchange.now_ms, "connectedSince": self.opened_at,
            "returnRateLimits": True, "serverTime": self.exchange.now_ms, "userDataStream": bool(self.subscriptions),
        }  # fmt: skip

    def _user_stream(self, method: str, values: Values) -> Any:
        if method == "userDataStream.unsubscribe":
            for number in [int(values["subscriptionId"])] if "subscriptionId" in values else list(self.subscriptions):
                subscription, _ = self.subscriptions.pop(number, (Subscription(), None))
                subscription.alive = False
            return {}
        if method == "userDataStream.subscribe.signature":
            key = self._proved(values)
        elif method == "userDataStream.subscribe" and self.key is not None:
            key = self.key
        else:
            raise Refusal(-1020, "This operation is not supported.")
        number = max(self.subscriptions, default=-1) + 1
        subscription = self.exchange.keys[key.api_key][0].inbox.subscribe(number)
        self.subscriptions[number] = (subscription, key)
        return {"subscriptionId": number}

    def _proved(self, values: Values) -> Key:
        known = {api_key: key for api_key, (_, key) in self.exchange.keys.items()}
        key = signature.check_key(known, values.get("apiKey"), "reading", self.address)
        signature.check_time(values, self.exchange.now_ms)
        signature.check_signature(key, signature.sorted_payload(values), values["signature"])
        return key

    def _retry_at(self, refusal: Refusal) -> int:
        """An epoch in ms, not seconds as in REST."""
        return self.exchange.now_ms + int(refusal.headers["Retry-After"]) * 1000

    def _answer(self, number: Any, status: int, **outcome: Any) -> None:
        count = self.exchange.limits.used.get(self.address, 0)
        row = {
            "rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1,
            "limit": self.exchange.limits.weight_per_minute, "count": count,
        }  # fmt: skip
        self.answers.append(_compact({"id": number, "status": status, **outcome, "rateLimits": [row]}))


def _compact(body: Mapping[str, Any]) -> str:
    return json.dumps(body, separators=(",", ":"))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
