"""Venues: the exchange of an account that trades at one, with the keys for it."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bootstrap.stores import Stores
from engine.domain.account import Account, AccountKind
from engine.domain.errors import ConfigurationError
from engine.domain.instrument import Instrument
from engine.ports import Venue
from engine.settings import Settings, VenueSettings


def missing_keys(settings: Settings, kind: AccountKind) -> str | None:
    """Which variables to set before an account of that kind can be opened; None where nothing is missing."""
    if not kind.at_exchange or settings_of(settings, kind).has_key:
        return None
    name = settings_of(settings, kind).variable
    return (
        f"no {kind.lower()} key is set: put {name}_KEY and {name}_SECRET (or {name}_PRIVATE_KEY, Ed25519) into the "
        "environment or .streamlit/secrets.toml, and start again"
    )


def settings_of(settings: Settings, kind: AccountKind) -> VenueSettings:
    """Where accounts of that kind trade."""
    return settings.live if kind is AccountKind.LIVE else settings.testnet


def venue_of(account: Account, stores: Stores, instruments: Mapping[str, Instrument]) -> Venue:  # noqa: ARG001
    """The account's exchange, its streams closed; ConfigurationError without keys."""
    if missing := missing_keys(stores.settings, account.kind):
        raise ConfigurationError(missing)
    raise ConfigurationError(f"account {account.name}: orders to an exchange are not part of this version")
