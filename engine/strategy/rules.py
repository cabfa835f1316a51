"""Rules: strategies without a model, the baselines that every model is compared with. Written `NAME:k=v,...`.

A rule is computed over anchored windows like every feature, so its call at a bar is the same live and in batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError
from engine.features.window import BLOCK, anchored
from engine.strategy.averages import crossings

Floats = NDArray[np.float64]
Parameters = Mapping[str, float]
Signals = NDArray[np.int8]
Compute = Callable[[BarSeries, Parameters, int], Signals]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter's default and bounds; `whole` ones take no fractions."""

    default: float
    low: float
    high: float
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`signals(bars, parameters, first)`: one per bar from `first` on, 1 BUY, -1 SELL, 0 neither; a bar's looks at its
    anchored window alone, up to itself."""

    name: str
    meaning: str
    parameters: Mapping[str, Parameter]
    signals: Compute


def buy_hold(bars: BarSeries, _: Parameters, first: int) -> Signals:
    """BUY on every bar: the position is taken as soon as the gates let it, and never left by signal."""
    return np.ones(len(bars) - first, dtype=np.int8)


def sma_cross(bars: BarSeries, parameters: Parameters, first: int) -> Signals:
    """BUY where the fast average crosses above the slow one, SELL where it crosses below."""
    close, opens = np.asarray(bars.close), np.asarray(bars.open_ms)
    return crossings(close, opens, first, BLOCK * bars.interval.ms, int(parameters["fast"]), int(parameters["slow"]))


def rsi_reversion(bars: BarSeries, parameters: Parameters, first: int) -> Signals:
    """BUY while RSI is below `low` (oversold), SELL while it is above `high`."""
    import talib  # brings pandas: only this rule pays for it

    rsi = anchored(bars, lambda window: talib.RSI(np.asarray(window.close), int(parameters["period"])), first)
    return (rsi < parameters["low"]).astype(np.int8) - (rsi > parameters["high"]).astype(np.int8)


def random_entry(bars: BarSeries, parameters: Parameters, first: int) -> Signals:
    """BUY on a fair draw of (seed, instrument, bar), SELL `hold` bars after such a draw: what luck alone would do."""
    index = np.asarray(bars.open_ms, dtype=np.int64)[first:] // bars.interval.ms
    key = crc32(f"{int(parameters['seed'])}|{bars.symbol}".encode())
    drawn = _uniform(index, key) < parameters["probability"]
    due = _uniform(index - int(parameters["hold"]), key) < parameters["probability"]
    return np.where(drawn, 1, np.where(due, -1, 0)).astype(np.int8)


def _uniform(index: NDArray[np.int64], key: int) -> Floats:
    """A draw within [0, 1) for each bar number: splitmix64 of number and key."""
    z = index.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(key) * np.uint64(0x632BE5AB)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) / 2.0**53)


RULES: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule(name="buy_hold", meaning="buys at once and keeps", parameters={}, signals=buy_hold),
        Rule(
            name="sma_cross",
            meaning="follows the crossing of two simple moving averages",
            parameters={
                "fast": Parameter(default=20, low=2, high=BLOCK - 2),
                "slow": Parameter(default=50, low=3, high=BLOCK - 1),
            },
            signals=sma_cross,
        ),
        Rule(
            name="rsi_reversion",
            meaning="buys oversold, sells overbought",
            parameters={
                "period": Parameter(default=14, low=2, high=200),
                "low": Parameter(default=30, low=0, high=100, whole=False),
                "high": Parameter(default=70, low=0, high=100, whole=False),
            },
            signals=rsi_reversion,
        ),
        Rule(
            name="random_entry",
            meaning="enters by chance: the baseline of luck",
            parameters={
                "probability": Parameter(default=0.05, low=0, high=1, whole=False),
                "seed": Parameter(default=0, low=0, high=2**31),
                "hold": Parameter(default=24, low=1, high=100_000),
            },
            signals=random_entry,
        ),
    )
}


def parse_rule(text: str) -> tuple[Rule, dict[str, float]]:
    """Read `NAME:k=v,...` over the rule's defaults. ConfigurationError names what is wrong and what is known.

    >>> parse_rule("sma_cross:fast=10")[1]
    {'fast': 10.0, 'slow': 50.0}
    """
    name, _, rest = text.strip().partition(":")
    rule = RULES.get(name)
    if rule is None:
        raise ConfigurationError(f"rule {name!r} is not known; choose one of {', '.join(RULES)}")
    values = {key: float(parameter.default) for key, parameter in rule.parameters.items()}
    for part in filter(None, (p.strip() for p in rest.split(","))):
        key, sign, value = (p.strip() for p in part.partition("="))
        if key not in rule.parameters or not sign:
            known = ", ".join(rule.parameters) or "none"
            raise ConfigurationError(f"rule {name}: {part!r} is none of its parameters ({known}); write {_usage(rule)}")
        values[key] = _value(rule, key, value)
    if rule.name == "sma_cross" and values["fast"] >= values["slow"]:
        raise ConfigurationError(f"rule {name}: fast={values['fast']:g} must be below slow={values['slow']:g}")
    if rule.name == "rsi_reversion" and values["low"] >= values["high"]:
        raise ConfigurationError(f"rule {name}: low={values['low']:g} must be below high={values['high']:g}")
    return rule, values


def rule_text(rule: Rule, values: Parameters) -> str:
    """The one way to write a rule with all its parameters.

    >>> rule_text(*parse_rule("sma_cross:slow=40"))
    'sma_cross:fast=20,slow=40'
    """
    parts = ",".join(f"{k}={int(values[k])}" if p.whole else f"{k}={values[k]:g}" for k, p in rule.parameters.items())
    return f"{rule.name}:{parts}" if parts else rule.name


def _value(rule: Rule, key: str, text: str) -> float:
    bounds = rule.parameters[key]
    try:
        value = float(text)
    except ValueError:
        raise ConfigurationError(f"rule {rule.name}: {key}={text!r} is not a number; write {_usage(rule)}") from None
    if not bounds.low <= value <= bounds.high or (bounds.whole and value != int(value)):
        kind = "a whole number" if bounds.whole else "a number"
        within = f"{kind} within {bounds.low:g} and {bounds.high:g}"
        raise ConfigurationError(f"rule {rule.name}: {key}={text} must be {within}")
    return value


def _usage(rule: Rule) -> str:
    return rule_text(rule, {key: p.default for key, p in rule.parameters.items()})
