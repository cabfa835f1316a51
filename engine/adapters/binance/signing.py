"""Signing: an API key and what signs with it, HMAC-SHA256 or Ed25519. Secrets never show."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from engine.domain.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """`sign` turns a payload into a signature as Binance wants it: hexadecimal for HMAC, base64 for Ed25519."""

    key: str = field(repr=False)
    kind: str
    sign: Callable[[str], str] = field(repr=False)

    def signed_query(self, payload: str) -> str:
        """`payload` with its signature, percent-encoded, at the end."""
        return f"{payload}&signature={quote(self.sign(payload), safe='')}"


def api_key(*, key: str, secret: str | None = None, private_key: str | None = None, variable: str = "") -> ApiKey:
    """Make the key from what the settings hold; an Ed25519 private key (PEM text) goes before a secret."""
    if private_key:
        return ApiKey(key=key, kind="Ed25519", sign=_ed25519(private_key, f"{variable}_PRIVATE_KEY"))
    if secret:
        return ApiKey(key=key, kind="HMAC", sign=_hmac(secret))
    raise ConfigurationError(f"{variable}_SECRET or {variable}_PRIVATE_KEY is missing; nothing can be signed without")


def _hmac(secret: str) -> Callable[[str], str]:
    key = secret.encode()
    return lambda payload: hmac.digest(key, payload.encode(), "sha256").hex()


def _ed25519(pem: str, variable: str) -> Callable[[str], str]:
    """Read the key ourselves: python-binance takes one with Windows line ends or trailing spaces for RSA."""
    from Crypto.PublicKey import ECC
    from Crypto.Signature import eddsa

    text = "\n".join(line.strip() for line in pem.strip().splitlines())
    try:
        key = ECC.import_key(text)
        signer = eddsa.new(key, "rfc8032")
    except (ValueError, TypeError, IndexError):
        raise ConfigurationError(f"{variable} is no Ed25519 private key in PEM without a password") from None
    if not key.has_private():
        raise ConfigurationError(f"{variable} holds a public key; the private one is needed")
    return lambda payload: base64.b64encode(signer.sign(payload.encode())).decode()
