"""Settings: what the environment says, what it must not say, what is never shown."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from engine.domain.errors import ConfigurationError
from engine.settings import EngineMode, load


def test_an_empty_environment_has_a_home_of_the_platform() -> None:
    found = load({})
    assert found.home.name == "aaiti"
    assert found.database_url == f"sqlite:///{found.home / 'aaiti.db'}"
    assert (found.engine, found.workers) == (EngineMode.EMBEDDED, 2)
    assert found.binance_url is found.coingecko_url is found.coingecko_key is None


def test_the_home_holds_database_bars_and_models() -> None:
    found = load({"AAITI_HOME": "/state"})
    assert found.database_url == "sqlite:////state/aaiti.db"
    assert (found.bars_folder, found.models_folder) == (Path("/state/bars"), Path("/state/models"))


def test_a_tilde_is_the_users_own_folder() -> None:
    assert load({"AAITI_HOME": "~/aaiti"}).home == Path.home() / "aaiti"


def test_every_variable_is_read() -> None:
    found = load(
        {
            "AAITI_HOME": "/state", "AAITI_DATABASE_URL": "postgresql://me:pw@host/db", "AAITI_ENGINE": "external",
            "AAITI_BINANCE_URL": "http://127.0.0.1:1", "AAITI_COINGECKO_URL": "http://127.0.0.1:2",
            "AAITI_COINGECKO_KEY": "CG-key", "AAITI_WORKERS": "7",
        }
    )  # fmt: skip
    assert found.database_url == "postgresql://me:pw@host/db"
    assert (found.engine, found.workers) == (EngineMode.EXTERNAL, 7)
    assert (found.binance_url, found.coingecko_url) == ("http://127.0.0.1:1", "http://127.0.0.1:2")
    assert found.coingecko_key == "CG-key"


@pytest.mark.parametrize("name", ["AAITI_DATABASE_URL", "AAITI_BINANCE_URL", "AAITI_COINGECKO_KEY", "AAITI_HOME"])
def test_an_empty_variable_is_an_absent_one(name: str) -> None:
    assert load({name: ""}) == load({})


@pytest.mark.parametrize(
    ("name", "value"),
    [("AAITI_ENGINE", "on"), ("AAITI_WORKERS", "0"), ("AAITI_WORKERS", "65"), ("AAITI_WORKERS", "two"),
     ("AAITI_WORKERS", "-1"), ("AAITI_WORKERS", "²"), ("AAITI_WORKERS", "1.5")],
)  # fmt: skip
def test_a_bad_value_is_named_with_the_way_out(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"{name}='{value}'; use"):
        load({name: value})


def test_secrets_never_show() -> None:
    found = load({"AAITI_DATABASE_URL": "postgresql://me:pw-of-mine@host/db", "AAITI_COINGECKO_KEY": "CG-key"})
    for text in (repr(found), str(found), f"{found!r}"):
        assert "pw-of-mine" not in text
        assert "CG-key" not in text


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        load({}).workers = 3  # type: ignore[misc]


PEM = "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----"


def test_the_exchanges_have_their_usual_addresses_and_no_key() -> None:
    found = load({})
    assert (found.live.url, found.testnet.url) == ("https://api.binance.com", "https://testnet.binance.vision")
    assert found.testnet.ws_api_url == "wss://ws-api.testnet.binance.vision/ws-api/v3"
    assert not found.live.has_key
    assert not found.testnet.has_key


def test_another_exchange_by_its_addresses() -> None:
    found = load(
        {
            "AAITI_BINANCE_URL": "https://api.binance.us/", "AAITI_BINANCE_STREAM_URL": "wss://stream.binance.us:9443",
            "AAITI_BINANCE_WS_API_URL": "wss://ws-api.binance.us:443/ws-api/v3", "AAITI_TESTNET_URL": "http://127.0.0.1:1",
        }
    )  # fmt: skip
    assert (found.live.url, found.live.stream_url) == ("https://api.binance.us", "wss://stream.binance.us:9443")
    assert found.testnet.url == "http://127.0.0.1:1"


@pytest.mark.parametrize("prefix", ["AAITI_BINANCE", "AAITI_TESTNET"])
def test_keys_are_read_and_never_shown(prefix: str, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(PEM)
    for private in (PEM, PEM.replace("\n", "\\n"), str(file)):
        found = load({f"{prefix}_KEY": "my-key", f"{prefix}_PRIVATE_KEY": private})
        venue = found.live if prefix == "AAITI_BINANCE" else found.testnet
        assert (venue.key, venue.private_key) == ("my-key", PEM)
        assert "my-key" not in repr(found)
        assert "secret" not in repr(found).replace("secrets", "")
    found = load({f"{prefix}_KEY": "my-key", f"{prefix}_SECRET": "my-hidden"})
    assert "my-hidden" not in repr(found)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"AAITI_BINANCE_KEY": "k"}, "set AAITI_BINANCE_SECRET or AAITI_BINANCE_PRIVATE_KEY"),
        ({"AAITI_TESTNET_SECRET": "s"}, "set AAITI_TESTNET_KEY"),
        ({"AAITI_TESTNET_KEY": "k", "AAITI_TESTNET_PRIVATE_KEY": "/no/such.pem"}, "AAITI_TESTNET_PRIVATE_KEY"),
        ({"AAITI_BINANCE_STREAM_URL": "https://x"}, "AAITI_BINANCE_STREAM_URL='https://x'; it begins with wss://"),
        ({"AAITI_TESTNET_URL": "testnet"}, "AAITI_TESTNET_URL='testnet'; it begins with https://"),
    ],
)
def test_half_a_key_and_a_wrong_address_are_named(environment: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        load(environment)


def test_what_the_environment_does_not_say_may_stand_in_the_secrets_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AAITI_TESTNET_KEY", "AAITI_TESTNET_SECRET"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "secrets.toml"
    file.write_text('AAITI_TESTNET_KEY = "k"\nAAITI_TESTNET_SECRET = "from file"\nother = 1\n[table]\nx = "y"\n')
    missing = tmp_path / "missing.toml"
    assert load(secrets=[missing, file]).testnet.secret == "from file"
    monkeypatch.setenv("AAITI_TESTNET_SECRET", "from environment")
    assert load(secrets=[file]).testnet.secret == "from environment"
    file.write_text("not = [toml")
    with pytest.raises(ConfigurationError, match=r"secrets\.toml is not TOML"):
        load(secrets=[file])
