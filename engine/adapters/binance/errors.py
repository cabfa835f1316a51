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
_NOT_FOUND = {-2011, -2013, -2026}
_BANNED_UNTIL = re.compile(r"banned until (\d{13})")


class Purpose(Enum):
    """What a request was for: a lost answer to a question costs nothing, one to an order leaves money in the open."""

    DATA = auto()
    ORDER = auto()


class NoConnection(VenueUnavailable):
    """Nothing answered at that address. Check the network, then try again."""


def from_response(
    status: int, headers: Mapping[str, str], text: str, *, what: str, now: datetime, purpose: Purpose = Purpose.DATA
) -> AaitiError:
    """Say what a reply that is no success means. `what` names the request in the message, e.g. "klines BTCUSDT"."""
    code, message = _body(text)
    said = f"Binance, {what}: HTTP {status}" + (f", {code} {message}" if code or message else "")
    if status in (418, 429):
        wait = _wait(status, headers, message, now)
        return RateLimited(f"{said}. No request is sent before {wait:.0f} s are over.", retry_after=wait)
    if status == 451:
        return RegionBlocked(f"{said}. Binance does not serve this place; use another source of prices.")
    if status == 403:
        # CloudFront answers in HTML: the country is blocked, or its firewall took offence. Neither is worth a retry.
        return RegionBlocked(f"{said}: its firewall refuses this address; use another source of prices.")
    if status >= 500 or code in _UNKNOWN_OUTCOME:
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
    if code == -2010 and "insufficient balance" in said:
        return InsufficientFunds(said)
    if code in (-1013, -2010) or (purpose is Purpose.ORDER and code):
        return OrderRejected(said)
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


def _wait(status: int, headers: Mapping[str, str], message: str, now: datetime) -> float:
    """Seconds to wait: the header, else the end of the ban named in the text, else a default."""
    header = headers.get("Retry-After", "")
    if header.isdigit():
        return float(header)
    if banned := _BANNED_UNTIL.search(message):
        return max(1.0, (int(banned[1]) - to_ms(now)) / 1000)
    return BAN_WAIT if status == 418 else RATE_LIMIT_WAIT
