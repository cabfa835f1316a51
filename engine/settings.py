"""Settings: frozen and typed. This file alone reads the environment."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from platformdirs import user_data_path

from engine.domain.errors import ConfigurationError


class EngineMode(StrEnum):
    """Where the engine runs: inside the console's process, in a process of its own, or nowhere (tests)."""

    EMBEDDED = "embedded"
    EXTERNAL = "external"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueSettings:
    """Where an exchange is, and the key for it. Without a key nothing is ordered there.

    `variable` begins the names of the variables that it was read from, so that a message can name them.
    """

    variable: str
    url: str
    stream_url: str
    ws_api_url: str
    key: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    """An Ed25519 key, as PEM text; used instead of a secret."""

    @property
    def has_key(self) -> bool:
        """True where orders can be signed."""
        return self.key is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that is decided before the start. Secrets never show in `repr`."""

    home: Path
    database_url: str = field(repr=False)
    engine: EngineMode
    binance_url: str | None
    coingecko_url: str | None
    coingecko_key: str | None = field(repr=False)
    workers: int
    dask: str | None = None
    live: VenueSettings
    testnet: VenueSettings

    @property
    def bars_folder(self) -> Path:
        """Where the bar cache lives."""
        return self.home / "bars"

    @property
    def models_folder(self) -> Path:
        """Where artefacts live."""
        return self.home / "models"

    @property
    def notes_folder(self) -> Path:
        """Where trials wait for the database to be opened."""
        return self.home / "trials"


_LIVE = VenueSettings(
    variable="AAITI_BINANCE",
    url="https://api.binance.com",
    stream_url="wss://stream.binance.com:9443",
    ws_api_url="wss://ws-api.binance.com:443/ws-api/v3",
)
_TESTNET = VenueSettings(
    variable="AAITI_TESTNET",
    url="https://testnet.binance.vision",
    stream_url="wss://stream.testnet.binance.vision",
    ws_api_url="wss://ws-api.testnet.binance.vision/ws-api/v3",
)
SECRETS = (Path(".streamlit/secrets.toml"), Path("~/.streamlit/secrets.toml"))


def load(environment: Mapping[str, str] | None = None, *, secrets: Sequence[Path] = SECRETS) -> Settings:
    """Read the AAITI_* variables; ConfigurationError names the one that is unusable.

    What the process's environment does not say may stand in Streamlit's secrets file, at its top level.
    """
    env = {**_from_files(secrets), **os.environ} if environment is None else environment
    home = Path(env.get("AAITI_HOME") or user_data_path("aaiti", appauthor=False)).expanduser()
    return Settings(
        home=home,
        database_url=env.get("AAITI_DATABASE_URL") or f"sqlite:///{home / 'aaiti.db'}",
        engine=_mode(env.get("AAITI_ENGINE", EngineMode.EMBEDDED)),
        binance_url=env.get("AAITI_BINANCE_URL") or None,
        coingecko_url=env.get("AAITI_COINGECKO_URL") or None,
        coingecko_key=env.get("AAITI_COINGECKO_KEY") or None,
        workers=_workers(env.get("AAITI_WORKERS", "2")),
        dask=env.get("AAITI_DASK") or None,
        live=_venue(env, _LIVE),
        testnet=_venue(env, _TESTNET),
    )


def _from_files(files: Sequence[Path]) -> dict[str, str]:
    """AAITI_* texts and numbers of the first secrets file that there is."""
    for path in files:
        try:
            text = path.expanduser().read_text(encoding="utf-8")
        except OSError:
            continue
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"{path} is not TOML ({error}); correct or remove it") from None
        return {k: str(v) for k, v in values.items() if k.startswith("AAITI_") and isinstance(v, str | int)}
    return {}


def _venue(env: Mapping[str, str], usual: VenueSettings) -> VenueSettings:
    """One exchange's addresses and key. A key without its secret, or a secret without its key, is told at once."""
    name = usual.variable
    key, secret, private = (env.get(f"{name}_{part}") or None for part in ("KEY", "SECRET", "PRIVATE_KEY"))
    if key and not (secret or private):
        raise ConfigurationError(f"{name}_KEY is set; set {name}_SECRET or {name}_PRIVATE_KEY as well")
    if not key and (secret or private):
        raise ConfigurationError(f"{name}_SECRET or {name}_PRIVATE_KEY is set; set {name}_KEY as well")
    return VenueSettings(
        variable=name,
        url=_address(env, f"{name}_URL", usual.url, "http"),
        stream_url=_address(env, f"{name}_STREAM_URL", usual.stream_url, "ws"),
        ws_api_url=_address(env, f"{name}_WS_API_URL", usual.ws_api_url, "ws"),
        key=key,
        secret=secret,
        private_key=_pem(f"{name}_PRIVATE_KEY", private) if private else None,
    )


def _address(env: Mapping[str, str], name: str, usual: str, scheme: str) -> str:
    url = env.get(name) or usual
    if not url.startswith((f"{scheme}://", f"{scheme}s://")):
        raise ConfigurationError(f"{name}={url!r}; it begins with {scheme}s:// (or {scheme}://)")
    return url.rstrip("/")


def _pem(name: str, value: str) -> str:
    """The key's text, given itself (line ends may be written as backslash-n) or as a path to its file. Never shown."""
    text = value.replace("\\n", "\n")
    if "PRIVATE KEY" not in text:
        try:
            text = Path(value).expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise ConfigurationError(f"{name} is neither a PEM text nor the path of a file that can be read") from None
        if "PRIVATE KEY" not in text:
            raise ConfigurationError(f"{name} names a file that holds no PEM private key")
    return text


def _mode(text: str) -> EngineMode:
    try:
        return EngineMode(text)
    except ValueError:
        raise ConfigurationError(f"AAITI_ENGINE={text!r}; use one of {', '.join(EngineMode)}") from None


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise ConfigurationError(f"AAITI_WORKERS={text!r}; use a whole number from 1 to 64")
    return int(text)
