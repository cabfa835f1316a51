"""API keys: HMAC or Ed25519, what they may do, and whether a signature is theirs."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field

from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa


@dataclass(slots=True, kw_only=True)
class Rights:
    """`addresses` empty: any. `revoked`: the key is as good as unknown."""

    reading: bool = True
    trading: bool = True
    withdrawals: bool = False
    internal_transfer: bool = False
    universal_transfer: bool = False
    margin: bool = False
    futures: bool = False
    options: bool = False
    addresses: tuple[str, ...] = ()
    revoked: bool = False


@dataclass(slots=True, kw_only=True)
class Key:
    """One API key: `secret` for HMAC-SHA256, else the `public_key` of an Ed25519 pair, as PEM."""

    api_key: str
    secret: str = ""
    public_key: str = ""
    rights: Rights = field(default_factory=Rights)
    created: int = 0

    @classmethod
    def hmac(cls, name: str = "main", rights: Rights | None = None) -> Key:
        """A key and its secret, both made of `name`."""
        api_key, secret = (hashlib.sha256(f"{part}:{name}".encode()).hexdigest() for part in ("key", "secret"))
        return cls(api_key=api_key, secret=secret, rights=rights or Rights())

    @classmethod
    def ed25519(cls, name: str = "main", rights: Rights | None = None) -> tuple[Key, str]:
        """A key and the private half of its pair as PEM, both made of `name`."""
        pair = ECC.construct(curve="Ed25519", seed=hashlib.sha256(name.encode()).digest())
        api_key = hashlib.sha256(f"ed:{name}".encode()).hexdigest()
        public = pair.public_key().export_key(format="PEM")
        private = pair.export_key(format="PEM")
        return cls(api_key=api_key, public_key=str(public), rights=rights or Rights()), str(private)

    def signed(self, payload: str, signature: str) -> bool:
        if self.secret:
            mine = hmac.new(self.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
            return hmac.compare_digest(mine, signature.lower())
        try:
            raw = base64.b64decode(signature, validate=True)
            eddsa.new(ECC.import_key(self.public_key), "rfc8032").verify(payload.encode(), raw)
        except (ValueError, binascii.Error):
            return False
        return True
