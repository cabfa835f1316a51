from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.adapters.binance.errors import BAN_WAIT, RATE_LIMIT_WAIT, Purpose, from_response
from engine.domain.errors import (
    AaitiError,
    MarketDataError,
    OrderOutcomeUnknown,
    OrderRejected,
    RateLimited,
    VenueUnavailable,
)
from engine.domain.interval import from_ms

NOW = datetime(2025, 3, 4, 12, tzinfo=UTC)


def said(status: int, text: str = "", purpose: Purpose = Purpose.DATA, **headers: str) -> AaitiError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return from_response(status, named, text, what="klines BTCUSDT", now=NOW, purpose=purpose)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (said(429, '{"code":-1003,"msg":"x"}', Retry_After="7"), 7),
        (said(429, '{"code":-1003,"msg":"x"}'), RATE_LIMIT_WAIT),
        (said(418, '{"code":-1003,"msg":"x"}', Retry_After="300"), 300),
        (said(418, "<html></html>"), BAN_WAIT),
        (said(429, "", Retry_After="Tue, 04 Mar 2025 12:00:00 GMT"), RATE_LIMIT_WAIT),
    ],
)
def test_a_rate_limit_says_how_long(error: AaitiError, seconds: float) -> None:
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


def test_a_ban_without_header_ends_when_its_text_says() -> None:
    until = 1_741_089_690_000
    text = f'{{"code":-1003,"msg":"Way too much request weight used; IP banned until {until}."}}'
    error = from_response(418, {}, text, what="klines", now=from_ms(until - 90_000))
    assert isinstance(error, RateLimited)
    assert error.retry_after == 90


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_lost_answer_costs_a_question_nothing_but_an_order_its_certainty(status: int) -> None:
    assert type(said(status, "<html>")) is VenueUnavailable
    assert type(said(status, "<html>", Purpose.ORDER)) is OrderOutcomeUnknown


def test_a_malformed_request_is_a_rejection_only_for_an_order() -> None:
    text = '{"code":-1100,"msg":"Illegal characters found in parameter \'quantity\'"}'
    assert type(said(400, text)) is MarketDataError
    assert type(said(400, text, Purpose.ORDER)) is OrderRejected


def test_a_message_names_request_status_and_code() -> None:
    assert str(said(400, '{"code":-1121,"msg":"Invalid symbol."}')).startswith(
        "Binance, klines BTCUSDT: HTTP 400, -1121 Invalid symbol."
    )


@pytest.mark.parametrize("body", ["", "null", "[]", '"text"', '{"code":"x"}', "<html></html>"])
def test_no_body_is_too_strange(body: str) -> None:
    assert isinstance(said(400, body), MarketDataError | VenueUnavailable)
