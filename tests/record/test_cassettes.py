"""What lies on the shelf: no key, no signature, an honest origin, and nothing older than the test exchange."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from tests.exchange import Exchange, LoopbackServer
from tests.exchange.exchange import NOW
from tests.record.calls import FOLDER
from tests.record.cassette import REAL_HOSTS, TEST_EXCHANGE, deck, recorded_at, secrets, stamp
from tests.record.recorder import record

SHELF = sorted(FOLDER.glob("*/cassettes/*.yaml"))


@pytest.mark.parametrize("path", SHELF, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_holds_no_secret_and_says_where_it_comes_from(path: Path) -> None:
    text = path.read_text()
    assert secrets(text) == []
    first = text.splitlines()[0]
    assert first in {f"# Recorded from {origin}." for origin in (TEST_EXCHANGE, REAL_HOSTS)}
    assert recorded_at(path).tzinfo is not None


def test_those_of_the_test_exchange_are_what_it_says_today(tmp_path: Path) -> None:
    """Whoever changes the exchange records again: make record."""
    record(tmp_path, real=False)
    for path in SHELF:
        if TEST_EXCHANGE in path.read_text():
            assert (tmp_path / path.relative_to(FOLDER)).read_text() == path.read_text(), path.name


def test_keys_and_signatures_never_reach_a_cassette(tmp_path: Path) -> None:
    path = tmp_path / "signed.yaml"
    with LoopbackServer(Exchange.seeded().handle) as server, deck("all").use_cassette(str(path)):
        requests.get(
            f"{server.url}/api/v3/ping?signature=abc&timestamp=1&recvWindow=5&x_cg_demo_api_key=CG-1",
            headers={"X-MBX-APIKEY": "topsecret", "x-cg-pro-api-key": "CG-2"},
            timeout=5,
        )
        requests.post(
            f"{server.url}/api/v3/order", data={"symbol": "BTCUSDT", "signature": "abc", "timestamp": "1"}, timeout=5
        )
    stamp(path, TEST_EXCHANGE, NOW)
    text = path.read_text()
    assert secrets(text) == []
    assert not any(leak in text for leak in ("topsecret", "CG-1", "CG-2", "abc", "127.0.0.1"))
    assert "symbol=BTCUSDT" in text


def test_a_secret_would_be_seen() -> None:
    assert secrets("uri: http://x/?signature=1") == ["signature="]
    assert secrets("X-MBX-APIKEY:\n- k") == ["X-MBX-APIKEY"]
    assert secrets("x_cg_demo_api_key=1") == ["x_cg_demo_api_key"]
