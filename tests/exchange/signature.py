"""Who signed a request, and whether it comes in time."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import parse_qsl, urlencode

from tests.exchange.keys import Key
from tests.exchange.refusal import Refusal
from tests.exchange.wire import Request

_AHEAD_MS, _WINDOW_MS, _WIDEST_MS, _FIRST_MS = 1000, 5000, 60_000, 1_483_228_800_000


def not_permitted() -> Refusal:
    return Refusal(-2015, "Invalid API-key, IP, or permissions for action.", status=401)


def sent(request: Request) -> tuple[tuple[str, str], ...]:
    """Parameters of query and body; where both name one, the query's counts."""
    body = tuple(parse_qsl(request.body.decode(), keep_blank_values=True)) if request.method != "GET" else ()
    named = {name for name, _ in request.query}
    return (*request.query, *((name, value) for name, value in body if name not in named))


def payload(request: Request) -> str:
    """What is signed: query and body as they were sent, one after the other, without the signature."""
    query = request.raw_query or urlencode(request.query)
    body = request.body.decode() if request.method != "GET" else ""
    return "".join(
        "&".join(part for part in text.split("&") if not part.startswith("signature=")) for text in (query, body)
    )


def sorted_payload(values: Mapping[str, str]) -> str:
    """What is signed in the WebSocket API: the parameters by name, without the signature."""
    return "&".join(f"{name}={values[name]}" for name in sorted(values) if name != "signature")


def check_key(keys: Mapping[str, Key], api_key: str | None, right: str, address: str) -> Key:
    if not api_key or len(api_key) > 128 or not api_key.isalnum():
        raise Refusal(-2014, "API-key format invalid.", status=401)
    key = keys.get(api_key)
    if key is None or key.rights.revoked or not getattr(key.rights, right):
        raise not_permitted()
    if key.rights.addresses and address not in key.rights.addresses:
        raise not_permitted()
    return key


def check_time(values: Mapping[str, str], now_ms: int) -> None:
    """A timestamp in ms or µs, at most 1 s ahead and not older than recvWindow."""
    for name in ("timestamp", "signature"):
        if name not in values:
            raise Refusal(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
    window = Decimal(values.get("recvWindow", _WINDOW_MS))
    if window > _WIDEST_MS:
        raise Refusal(-1131, "recvWindow must be less than 60000.")
    at = Decimal(values["timestamp"])
    if at > 10**15:
        at /= 1000
    if at >= now_ms + _AHEAD_MS:
        raise Refusal(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    if at < _FIRST_MS or now_ms - at > window:
        raise Refusal(-1021, "Timestamp for this request is outside of the recvWindow.")


def check_signature(key: Key, text: str, signature: str) -> None:
    if not key.signed(text, signature):
        raise Refusal(-1022, "Signature for this request is not valid.")
