"""Binance's refusals -> domain errors. One table of codes; the HTTP status decides first."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from enum import Enum, auto

from engine.domain.errors import (
    AaitiError,
    ClockSkew,
    InsufficientFunds,
    MarketDataError,
    NotAuthenticated,
    OrderNotFound,
    OrderOutcomeUnknown,
    OrderRejected,
    RateLimited,
    RegionBlocked,
    VenueUnavailable,
)
from engine.domain.interval import to_ms

RATE_LIMIT_WAIT = 60.0
"""Seconds to wait after a 429 that does not say how long: weights are counted per minute."""
BAN_WAIT = 120.0
"""Seconds to wait after a 418 that does not say how long: the shortest ban there is."""

_UNKNOWN_OUTCOME = {-1000, -1001, -1006, -1007, -1008}
_NOT_OURS = {-1002, -1022, -2014, -2015}
_NOT_FOUND = {-2011, -2013}
_ARCHIVED = -2026
_TOO_MUCH_WEIGHT, TOO_MANY_ORDERS = -1003, -1015
_ORDER_WINDOW = 10.0
_BANNED_UNTIL = re.compile(r"banned until (\d{13})")


class Purpose(Enum):
    """What a request was for: a lost answer to a question costs nothing, one to an order leaves money in the open."""

    DATA = auto()
    ORDER = auto()


class NoConnection(VenueUnavailable):
    """Nothing answered at that address. Check the network, then try again."""


class NotOffered(MarketDataError):
    """This venue has no such endpoint (HTTP 404). Do without it."""


class TooManyOrders(RateLimited):
    """Too many orders in a window, not too much weight: questions may go on. Wait `retry_after` seconds."""


class OrderArchived(OrderNotFound):
    """The order ended long ago without a fill; Binance keeps no more of it. It is over."""


def from_response(
    status: int, headers: Mapping[str, str], text: str, *, what: str, now: datetime, purpose: Purpose = Purpose.DATA
) -> AaitiError:
    """Say what a reply that is no success means. `what` names the request in the message, e.g. "klines BTCUSDT"."""
    code, message = _body(text)
    said = f"Binance, {what}: HTTP {status}" + (f", {code} {message}" if code or message else "")
    if status in (418, 429) or code in (_TOO_MUCH_WEIGHT, TOO_MANY_ORDERS):
        return _limited(status, code, headers, message, said=said, now=now)
    if status == 451:
        return RegionBlocked(f"{said}. Binance does not serve this place; use another source of prices.")
    if status == 403:
        # CloudFront answers in HTML: the country is blocked, or its firewall took offence. Neither is worth a retry.
        return RegionBlocked(f"{said}: its firewall refuses this address; use another source of prices.")
    if status >= 500 or code in _UNKNOWN_OUTCOME or (purpose is Purpose.ORDER and not code and status != 401):
        if purpose is Purpose.ORDER:
            return OrderOutcomeUnknown(f"{said}. It may have been executed: look the order up by its client id.")
        return VenueUnavailable(f"{said}. Try again in a moment.")
    return _from_code(code, said, status, purpose) if text else VenueUnavailable(f"{said} without a body.")


def _from_code(code: int, said: str, status: int, purpose: Purpose) -> AaitiError:
    if status == 401 or code in _NOT_OURS:
        return NotAuthenticated(f"{said}. Check the API key, its permissions and its list of addresses.")
    if code == -1021:
        return ClockSkew(f"{said} Synchronise this machine's clock.")
    if code in _NOT_FOUND:
        return OrderNotFound(said)
    if code == _ARCHIVED:
        return OrderArchived(said)
    if purpose is Purpose.ORDER and "Duplicate order sent" in said:
        # An open order has this id of ours already: somebody sent it before us. It is there, not refused.
        return OrderOutcomeUnknown(f"{said} Look the order up by its client id.")
    if code == -2010 and "insufficient balance" in said:
        return InsufficientFunds(said)
    if code in (-1013, -2010) or (purpose is Purpose.ORDER and code):
        return OrderRejected(said)
    if status == 404:
        return NotOffered(f"{said}. This venue does not offer it.")
    if code == -1121:
        return MarketDataError(f"{said} Binance lists no instrument of that name; look it up in the market page.")
    return MarketDataError(f"{said}. The request is at fault, not the market: report it.")


def _body(text: str) -> tuple[int, str]:
    """Code and message of an error body; (0, "") where it is none (HTML, null, a list)."""
    try:
        body = json.loads(text)
    except ValueError:
        return 0, ""
    if not isinstance(body, dict):
        return 0, ""
    code = body.get("code")
    return code if isinstance(code, int) else 0, str(body.get("msg", ""))


def _limited(
    status: int, code: int, headers: Mapping[str, str], message: str, *, said: str, now: datetime
) -> RateLimited:
    wait = _wait(status, headers, message, now)
    if code == TOO_MANY_ORDERS:
        wait = wait if "Retry-After" in headers else _ORDER_WINDOW
        return TooManyOrders(f"{said}. No order is sent before {wait:.0f} s are over.", retry_after=wait)
    return RateLimited(f"{said}. No request is sent before {wait:.0f} s are over.", retry_after=wait)


def _wait(status: int, headers: Mapping[str, str], message: str, now: datetime) -> float:
    """Seconds to wait: the header, else the end of the ban named in the text, else a default."""
    header = headers.get("Retry-After", "")
    if header.isdigit():
        return float(header)
    if banned := _BANNED_UNTIL.search(message):
        return max(1.0, (int(banned[1]) - to_ms(now)) / 1000)
    return BAN_WAIT if status == 418 else RATE_LIMIT_WAIT
