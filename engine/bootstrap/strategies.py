"""Strategies by the text that names them."""

from __future__ import annotations

from engine.adapters.models.files import load as load_artefact
from engine.bootstrap.stores import Stores
from engine.domain.errors import ConfigurationError
from engine.strategy.strategy import ModelStrategy, RuleStrategy, Strategy


def strategy_of(text: str, stores: Stores) -> Strategy:
    """`model:<id or name>` from the registry and its artefact, or `rule:<name>:<k=v,...>`."""
    kind, _, rest = text.partition(":")
    if kind == "rule" and rest:
        return RuleStrategy.of(rest)
    if kind == "model" and rest:
        version = stores.models.version(rest)
        path = stores.settings.models_folder / version.artefact_path
        return ModelStrategy(model=load_artefact(path, version.artefact_sha256), version_id=version.version_id)
    raise ConfigurationError(f"strategy {text!r}; write model:ID or rule:NAME:k=v")
