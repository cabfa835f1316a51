"""A sweep's grid: names of a rule's parameters, of limits or of models, each with the values that are tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import product

from engine.domain.errors import ConfigurationError
from engine.risk.limits import RiskLimits
from engine.strategy.ruled import RuleStrategy
from engine.strategy.rules import parse_rule

Grid = Mapping[str, Sequence[str]]
LIMITS = tuple(f.name for f in fields(RiskLimits))
MODEL, RULE = "model", "rule"
"""Dimensions that name whole strategies."""


def limits_of(grid: Grid) -> dict[str, tuple[str, ...]]:
    """The grid's limits; ConfigurationError where one of their values is none."""
    chosen = {name: tuple(values) for name, values in grid.items() if name in LIMITS}
    for name, values in chosen.items():
        for value in values:
            RiskLimits.from_mapping({name: value})
    return chosen


def strategies_of(strategy: str, grid: Grid) -> list[str]:
    """Each strategy of the sweep as text: models, rules, or a rule with every combination of its parameters.

    Combinations that the rule refuses (a fast average slower than the slow one) are left out; ConfigurationError where
    none is left, and where a name is none.

    >>> strategies_of("rule:sma_cross", {"fast": ["5", "60"], "slow": ["40"], "stop_loss": ["0.02"]})
    ['rule:sma_cross:fast=5,slow=40']
    """
    whole = [f"{name}:{value}" for name in (RULE, MODEL) for value in grid.get(name, ())]
    names = [name for name in grid if name not in (*LIMITS, RULE, MODEL)]
    kind, _, text = strategy.partition(":")
    if whole and names:
        raise ConfigurationError(f"grid {', '.join(names)}: beside rules or models there are limits alone")
    if whole:
        return list(dict.fromkeys(_written(one) for one in whole))
    if not names:
        return [_written(strategy)]
    if kind != RULE:
        raise ConfigurationError(f"grid {', '.join(names)}: a model has none; limits are {', '.join(LIMITS)}")
    return _combined(text, names, grid)


def parameters_of(strategy: str) -> Mapping[str, float]:
    """A rule's parameters by name; none of a model."""
    kind, _, text = strategy.partition(":")
    return parse_rule(text)[1] if kind == RULE else {}


def _combined(text: str, names: Sequence[str], grid: Grid) -> list[str]:
    rule, _ = parse_rule(text)
    for name in names:
        if name not in rule.parameters:
            known = ", ".join((*rule.parameters, RULE, MODEL, *LIMITS))
            raise ConfigurationError(f"grid {name}: neither a parameter of {rule.name} nor a limit; there are {known}")
    found, refused = [], ""
    for values in product(*(grid[name] for name in names)):
        joined = ",".join(f"{name}={value}" for name, value in zip(names, values, strict=True))
        try:
            found.append(RuleStrategy.of(f"{text}{',' if ':' in text else ':'}{joined}").name)
        except ConfigurationError as error:
            refused = str(error)
    if not found:
        raise ConfigurationError(refused)
    return list(dict.fromkeys(found))


def _written(strategy: str) -> str:
    """A rule with all its parameters, so that two ways to write it are one; a model as it stands."""
    kind, _, text = strategy.partition(":")
    return RuleStrategy.of(text).name if kind == RULE else strategy

