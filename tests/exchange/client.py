"""The smallest signing client: for the exchange's own tests, without anybody's library."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa

from tests.exchange.account import Account
from tests.exchange.exchange import Exchange
from tests.exchange.wire import Reply, Request


class Trader:
    """Signs with the account's HMAC key, or with `private_key`, an Ed25519 PEM. `at` is the timestamp, else now."""

    def __init__(self, exchange: Exchange, account: Account, *, private_key: str = "") -> None:
        self.exchange = exchange
        self.account = account
        self.private_key = private_key
        self.at: int | None = None
        self.last = Reply()

    def request(self, method: str, path: str, **values: object) -> Request:
        if not path.startswith("/"):
            path = f"/api/v3/{path}"
        stamped = values | {"timestamp": self.exchange.clock.ms if self.at is None else self.at}
        text = urlencode([(name, str(value)) for name, value in stamped.items()])
        text += f"&signature={quote(self.sign(text), safe='')}"
        headers = {"X-MBX-APIKEY": self.account.key.api_key}
        return Request(method=method, path=path, headers=headers, raw_query=text, query=_pairs(text))

    def sign(self, text: str) -> str:
        if not self.private_key:
            return hmac.new(self.account.key.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        signer = eddsa.new(ECC.import_key(self.private_key), "rfc8032")
        return base64.b64encode(signer.sign(text.encode())).decode()

    def ask(self, method: str, path: str, **values: object) -> Any:
        self.last = self.exchange.handle(self.request(method, path, **values))
        return json.loads(self.last.body)

    def get(self, path: str, **values: object) -> Any:
        return self.ask("GET", path, **values)

    def order(self, side: str, kind: str, symbol: str = "BTCUSDT", **values: object) -> Any:
        return self.ask("POST", "order", symbol=symbol, side=side, type=kind, **values)

    def cancel(self, symbol: str = "BTCUSDT", **values: object) -> Any:
        return self.ask("DELETE", "order", symbol=symbol, **values)

    def refused(self) -> tuple[int, int, str]:
        """Status, code and words of the last reply."""
        body = json.loads(self.last.body)
        return self.last.status, body["code"], body["msg"]


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(text, keep_blank_values=True))
