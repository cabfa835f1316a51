"""Names for answers: a person reads an instrument and a model, never an id."""

from __future__ import annotations

from engine.autotrader.house import House
from engine.queries.trading import strategy_name


def spoken_name(house: House, strategy: str) -> str:
    """A strategy as a person names it: `first light v2`, `rule sma_cross (...)`, `by hand`."""
    return strategy_name(strategy, {model.model_id: model for model in house.models.models()})


def owner_name(house: House, sleeve_id: str) -> str:
    """Who trades in a sleeve."""
    account = house.account_in_use()
    known = [] if account is None else house.ledger.sleeves(account.account_id)
    return next((spoken_name(house, s.strategy) for s in known if s.sleeve_id == sleeve_id), "of a sleeve that is gone")
