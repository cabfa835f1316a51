"""Settings: frozen and typed. This file alone reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
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
class Settings:
    """Everything that is decided before the start. Secrets never show in `repr`."""

    home: Path
    database_url: str = field(repr=False)
    engine: EngineMode
    binance_url: str | None
    coingecko_url: str | None
    coingecko_key: str | None = field(repr=False)
    workers: int

    @property
    def bars_folder(self) -> Path:
        """Where the bar cache lives."""
        return self.home / "bars"

    @property
    def models_folder(self) -> Path:
        """Where artefacts live."""
        return self.home / "models"


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the AAITI_* variables; ConfigurationError names the one that is unusable."""
    env = os.environ if environment is None else environment
    home = Path(env.get("AAITI_HOME") or user_data_path("aaiti", appauthor=False)).expanduser()
    return Settings(
        home=home,
        database_url=env.get("AAITI_DATABASE_URL") or f"sqlite:///{home / 'aaiti.db'}",
        engine=_mode(env.get("AAITI_ENGINE", EngineMode.EMBEDDED)),
        binance_url=env.get("AAITI_BINANCE_URL") or None,
        coingecko_url=env.get("AAITI_COINGECKO_URL") or None,
        coingecko_key=env.get("AAITI_COINGECKO_KEY") or None,
        workers=_workers(env.get("AAITI_WORKERS", "2")),
    )


def _mode(text: str) -> EngineMode:
    try:
        return EngineMode(text)
    except ValueError:
        raise ConfigurationError(f"AAITI_ENGINE={text!r}; use one of {', '.join(EngineMode)}") from None


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise ConfigurationError(f"AAITI_WORKERS={text!r}; use a whole number from 1 to 64")
    return int(text)
