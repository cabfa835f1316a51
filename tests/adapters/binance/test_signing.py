"""Signatures by the documents' own samples: HMAC by Binance's, Ed25519 by RFC 8032."""

from __future__ import annotations

import base64

import pytest
from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa

from engine.adapters.binance.signing import api_key
from engine.domain.errors import ConfigurationError

PAYLOAD = (
    "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
)
DOCS_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
DOCS_SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
RFC_SEED = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
RFC_SIGNATURE = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def pem(seed: str = RFC_SEED) -> str:
    text: str = ECC.construct(curve="Ed25519", seed=bytes.fromhex(seed)).export_key(format="PEM")
    return text


def test_hmac_as_in_the_documents() -> None:
    signed = api_key(key=DOCS_KEY, secret=DOCS_SECRET).signed_query(PAYLOAD)
    assert signed == f"{PAYLOAD}&signature=c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"


def test_ed25519_as_in_the_rfc() -> None:
    signature = api_key(key="k", private_key=pem()).sign("r")
    assert base64.b64decode(signature).hex() == RFC_SIGNATURE


@pytest.mark.parametrize("spoiled", [lambda t: t.replace("\n", "\r\n"), lambda t: t.replace("\n", "  \n") + "\n\n"])
def test_line_ends_and_spaces_of_a_key_file_do_not_matter(spoiled: object) -> None:
    """python-binance takes such a file for an RSA key and fails."""
    assert callable(spoiled)
    assert api_key(key="k", private_key=spoiled(pem())).sign("r") == api_key(key="k", private_key=pem()).sign("r")


def test_base64_is_percent_encoded() -> None:
    query = api_key(key="k", private_key=pem()).signed_query("a=1")
    assert not set("+/=") & set(query.split("&signature=")[1])


def test_another_byte_is_another_signature() -> None:
    public = ECC.import_key(pem()).public_key()
    signature = base64.b64decode(api_key(key="k", private_key=pem()).sign(PAYLOAD))
    eddsa.new(public, "rfc8032").verify(PAYLOAD.encode(), signature)
    with pytest.raises(ValueError, match="not authentic"):
        eddsa.new(public, "rfc8032").verify(PAYLOAD.encode() + b"0", signature)


def test_secrets_never_show() -> None:
    for made in (api_key(key="topkey", secret="topsecret"), api_key(key="topkey", private_key=pem())):
        assert "top" not in repr(made)
        assert "PRIVATE" not in repr(made)


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PRIVATE KEY-----\nbm9wZQ==\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
        str(ECC.generate(curve="P-256").export_key(format="PEM")),
        str(ECC.construct(curve="Ed25519", seed=bytes(32)).public_key().export_key(format="PEM")),
    ],
)
def test_a_key_that_is_none_is_told_by_its_variable(text: str) -> None:
    with pytest.raises(ConfigurationError, match="AAITI_TESTNET_PRIVATE_KEY"):
        api_key(key="k", private_key=text, variable="AAITI_TESTNET")
    with pytest.raises(ConfigurationError, match="AAITI_TESTNET_SECRET"):
        api_key(key="k", variable="AAITI_TESTNET")
