"""Shelves: which folder of the cache holds a source's bars; another host is another venue, with prices of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from engine.domain.account import Source

_HOMES = {
    Source.BINANCE: ("api.binance.com", "data-api.binance.vision"),
    Source.TESTNET: ("testnet.binance.vision",),
}
_TWIN = re.compile(r"^api(\d|-gcp)\.")
"""api1.binance.com and its like answer as api.binance.com does."""


def shelves(live_url: str, testnet_url: str) -> Mapping[str, str]:
    """Folder by source, for those whose host is not the usual one.

    >>> shelves("https://api1.binance.com", "http://127.0.0.1:9")
    {'TESTNET': 'TESTNET-127-0-0-1-9'}
    """
    hosts = {Source.BINANCE: live_url, Source.TESTNET: testnet_url}
    return {
        source.value: re.sub(r"[^\w-]", "-", f"{source}-{urlsplit(url).netloc}")[:40]
        for source, url in hosts.items()
        if _TWIN.sub("api.", urlsplit(url).hostname or "") not in _HOMES[source]
    }
