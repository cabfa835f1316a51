"""RiskLimits: what the operator allows the engine to risk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal

from engine.domain.errors import ConfigurationError
from engine.domain.money import exact, plain

_PPM = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLimits:
    """Ratios are fractions of equity (0.25 = a quarter) or of a price; all are checked at construction.

    `min_edge_multiple`: expected edge over round-trip cost; `volatility_target`: annual, per position.
    `max_correlation`: with the rest of the portfolio; 1 does not ask.
    `shrink_from`: the share of `max_drawdown` from which on entries shrink, in a straight line, to nothing at
    `max_drawdown`; 1 does not shrink. `cooldown_bars`: bars without entry after a sleeve's losing trade.
    `max_orders_per_minute`: entries; exits and stops always go out. `max_clock_skew_ms`: to the venue's clock.
    `max_price_gap`: between our price and another source's, live on real prices; 1 does not ask.
    `max_strangeness`: share of a model's own training bars that were less strange to it than the bar; 1 does not ask.
    """

    min_confidence: Decimal = Decimal("0.70")
    min_edge_multiple: Decimal = Decimal("1.5")
    kelly_fraction: Decimal = Decimal("0.25")
    volatility_target: Decimal = Decimal("0.40")
    max_position_ratio: Decimal = Decimal("0.25")
    max_exposure_ratio: Decimal = Decimal("0.80")
    max_positions: int = 8
    max_correlation: Decimal = Decimal("0.90")
    max_drawdown: Decimal = Decimal("0.20")
    shrink_from: Decimal = Decimal("0.5")
    max_daily_loss: Decimal = Decimal("0.05")
    stop_loss: Decimal = Decimal("0.03")
    take_profit: Decimal = Decimal("0.06")
    cooldown_bars: int = 0
    max_orders_per_minute: int = 20
    max_clock_skew_ms: int = 1_000
    max_strangeness: Decimal = Decimal("0.99")
    max_price_gap: Decimal = Decimal("0.05")

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ConfigurationError(f"limits: {name} is {value}; it must lie within {low} and {high}")
            if value % _PPM:
                raise ConfigurationError(f"limits: {name} is {value}; give at most six decimal places")

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> RiskLimits:
        """Read JSON or TOML values over the defaults. ConfigurationError names the field, the value and the way out."""
        known = [f.name for f in fields(cls)]
        for name in values:
            if name not in known:
                raise ConfigurationError(f"limits: there is no {name!r}; known are {', '.join(known)}")
        counts = {f.name for f in fields(cls) if isinstance(f.default, int)}
        whole = {n: _whole(n, v) for n, v in values.items() if n in counts}
        ratios = {n: _decimal(n, v) for n, v in values.items() if n not in counts}
        return cls(**whole, **ratios)  # type: ignore[arg-type]

    def to_mapping(self) -> dict[str, object]:
        """JSON values, decimals as strings: `from_mapping` reads them back."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {n: v if isinstance(v, int) else f"{plain(v):f}" for n, v in values.items()}


_RANGES: dict[str, tuple[Decimal, Decimal]] = {
    "min_confidence": (Decimal(0), Decimal(1)),
    "min_edge_multiple": (Decimal(-1_000_000), Decimal(1_000)),
    "kelly_fraction": (Decimal(0), Decimal(1_000)),
    "volatility_target": (_PPM, Decimal(1_000)),
    "max_position_ratio": (Decimal(0), Decimal(1)),
    "max_exposure_ratio": (Decimal(0), Decimal(1)),
    "max_positions": (Decimal(0), Decimal(10_000)),
    "max_correlation": (Decimal(0), Decimal(1)),
    "max_drawdown": (_PPM, Decimal(1)),
    "shrink_from": (Decimal(0), Decimal(1)),
    "max_daily_loss": (_PPM, Decimal(1)),
    "stop_loss": (_PPM, Decimal("0.99")),
    "take_profit": (_PPM, Decimal(100)),
    "cooldown_bars": (Decimal(0), Decimal(10_000)),
    "max_orders_per_minute": (Decimal(1), Decimal(10_000)),
    "max_clock_skew_ms": (Decimal(1), Decimal(60_000)),
    "max_strangeness": (Decimal(0), Decimal(1)),
    "max_price_gap": (_PPM, Decimal(1)),
}


def _decimal(name: str, value: object) -> Decimal:
    """Strings and whole numbers as they stand; a JSON float by its shortest text, which is what was typed."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ConfigurationError(f"limits: {name} is {value!r}; write a number such as 0.25")
    try:
        return exact(str(value) if isinstance(value, float) else value)
    except ConfigurationError:
        raise ConfigurationError(f"limits: {name} is {value!r}; write a number such as 0.25") from None


def _whole(name: str, value: object) -> int:
    number = _decimal(name, value)
    if number != int(number):
        raise ConfigurationError(f"limits: {name} is {value!r}; write a whole number such as 8")
    return int(number)
