"""CoinGecko's refusals -> domain errors. Their bodies come in three shapes, or as HTML."""

from __future__ import annotations

import json
from collections.abc import Mapping

from engine.domain.errors import (
    AaitiError,
    MarketDataError,
    NotAuthenticated,
    RateLimited,
    RegionBlocked,
    VenueUnavailable,
)

RATE_LIMIT_WAIT = 60.0
"""Seconds to wait where a 429 does not say: calls are counted per minute."""
_TOO_OLD = 10012


def from_response(status: int, headers: Mapping[str, str], text: str, *, what: str) -> AaitiError:
    """Say what a reply that is no success means; `what` names the request."""
    code, message = _body(text)
    said = f"CoinGecko, {what}: HTTP {status} {message}".strip()
    if status == 429:
        header = headers.get("Retry-After", "")
        return RateLimited(said, retry_after=float(header) if header.isdigit() else RATE_LIMIT_WAIT)
    if status >= 500:
        return VenueUnavailable(f"{said}. Try again in a moment.")
    if code == _TOO_OLD:
        return MarketDataError(
            f"CoinGecko, {what}: without a paid plan history ends 365 days ago; ask for a later start"
        )
    if status == 401:
        return NotAuthenticated(f"{said}. Check the CoinGecko key, and whether it is a demo or a pro key.")
    if status in (403, 451):
        return RegionBlocked(f"{said}. CoinGecko refuses this address; use another source of prices.")
    return MarketDataError(said)


def _body(text: str) -> tuple[int, str]:
    """Code and message: {"status":{..}}, {"error":{"status":{..}}} or {"error":"text"}; (0, "") for anything else."""
    try:
        body = json.loads(text)
    except ValueError:
        return 0, ""
    error = body.get("error", body) if isinstance(body, dict) else ""
    status = error.get("status") if isinstance(error, dict) else None
    if isinstance(status, dict):
        code = status.get("error_code")
        return code if isinstance(code, int) else 0, str(status.get("error_message", "")).strip()
    return 0, error if isinstance(error, str) else ""
