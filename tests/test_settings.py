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
