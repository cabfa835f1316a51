"""Values in plain words, for the reasons of a prediction."""

from __future__ import annotations

from collections.abc import Callable


def push(what: str, *, strong: float = 1.5, mild: float = 0.5) -> Callable[[float], str]:
    """Words for a signed strength in standard deviations.

    >>> push("24-bar momentum")(2.0)
    '24-bar momentum strongly up'
    """

    def words(value: float) -> str:
        if abs(value) < mild:
            return f"{what} flat"
        degree = "strongly " if abs(value) >= strong else ""
        return f"{what} {degree}{'up' if value > 0 else 'down'}"

    return words


def gauge(what: str, low: float, high: float, *, under: str, over: str) -> Callable[[float], str]:
    """Words for a gauge with a name for either end.

    >>> gauge("RSI", 30, 70, under="oversold", over="overbought")(27.2)
    'RSI 27, oversold'
    """

    def words(value: float) -> str:
        state = under if value <= low else over if value >= high else "neutral"
        return f"{what} {value:.0f}, {state}"

    return words


def multiple(what: str, *, low: float = 0.7, high: float = 1.4) -> Callable[[float], str]:
    """Words for the logarithm of a ratio to what is usual.

    >>> multiple("volume")(0.75)
    'volume high (2.1x the usual)'
    """

    def words(value: float) -> str:
        times = 2.718281828459045 ** min(value, 20.0)
        state = "low" if times <= low else "high" if times >= high else "ordinary"
        return f"{what} {state} ({times:.1f}x the usual)"

    return words


def percent(what: str) -> Callable[[float], str]:
    """Words for a ratio that reads best as a percentage.

    >>> percent("24-bar volatility per bar")(0.0123)
    '24-bar volatility per bar 1.23 %'
    """
    return lambda value: f"{what} {100 * value:.2f} %"


def constant(text: str) -> Callable[[float], str]:
    """The same words whatever the value."""
    return lambda value: text
