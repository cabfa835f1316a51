"""How cassettes are written and played: keys never reach the file, ports and hosts do not matter when it is played."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import vcr

from engine.domain.interval import iso, parse_time

SECRET_HEADERS = ["X-MBX-APIKEY", "x-cg-demo-api-key", "x-cg-pro-api-key", "Authorization", "Cookie", "User-Agent"]
SECRET_PARAMETERS = ["signature", "timestamp", "recvWindow", "x_cg_demo_api_key", "x_cg_pro_api_key"]
KEPT_HEADERS = {
    "content-type", "date", "retry-after", "x-mbx-used-weight", "x-mbx-used-weight-1m",
    "x-mbx-order-count-10s", "x-mbx-order-count-1d",
}  # fmt: skip
TEST_EXCHANGE = "the test exchange (tests/exchange) and its CoinGecko sibling; no real host was asked"
REAL_HOSTS = "the real hosts"
_ACCOUNT_NUMBER = re.compile(rb'"uid":\d+')
_SECRETS = re.compile(r"signature=|x-mbx-apikey|x[-_]cg[-_](demo|pro)[-_]api[-_]key|recvwindow", re.IGNORECASE)


def deck(mode: str) -> vcr.VCR:
    """A VCR in record mode `none` (play) or `all` (record)."""
    return vcr.VCR(
        record_mode=mode,
        filter_headers=SECRET_HEADERS,
        filter_query_parameters=SECRET_PARAMETERS,
        filter_post_data_parameters=SECRET_PARAMETERS,
        match_on=["method", "path", "query", "body"],
        decode_compressed_response=True,
        before_record_request=_without_port,
        before_record_response=_without_noise,
    )


def stamp(path: Path, origin: str, at: datetime) -> None:
    """Say at the head of the file where it comes from, and when."""
    path.write_text(
        f"# Recorded from {origin}.\n# At {iso(at)}. Made again by: python -m tests.record [--real]\n{path.read_text()}"
    )


def recorded_at(path: Path) -> datetime:
    """When it was recorded, by the clock that was used."""
    found = re.search(r"^# At (\S+)\. ", path.read_text(), re.MULTILINE)
    if not found:
        raise ValueError(f"{path} does not say when it was recorded; make it again")
    return parse_time(found[1])


def secrets(text: str) -> list[str]:
    """What in a cassette looks like a key or a signature."""
    return sorted({found[0] for found in _SECRETS.finditer(text)})


def _without_port(request: Any) -> Any:
    """A loopback server has another port each time."""
    url = urlsplit(request.uri)
    if url.hostname == "127.0.0.1":
        request.uri = url._replace(netloc="test-exchange").geturl()
    return request


def _without_noise(response: dict[str, Any]) -> dict[str, Any]:
    """Keep only headers that mean something to us: the others change with each run, and may identify somebody."""
    response["body"]["string"] = _ACCOUNT_NUMBER.sub(rb'"uid":365000000', response["body"]["string"])
    response["headers"] = {name: value for name, value in response["headers"].items() if name.lower() in KEPT_HEADERS}
    return response
