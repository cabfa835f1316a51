"""RunOptions: what a replay, a backtest and `trade` are told, identical for all three."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from engine.commands import fields
from engine.domain.account import Costs
from engine.domain.errors import ConfigurationError
from engine.domain.interval import Interval, iso

BPS = Decimal(10_000)
MOST_IMPACT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """`strategy` is `model:<id>` or `rule:<name>:<k=v,...>`. None means: as the limits or the account have it.

    `slippage_bps` includes the half-spread; `impact` is the coefficient of an order's own impact. `limits` overrides
    single limits by name.
    """

    strategy: str
    symbols: tuple[str, ...]
    interval: Interval
    source: str
    start: datetime | None = None
    end: datetime | None = None
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
    fee_bps: Decimal | None = None
    slippage_bps: Decimal | None = None
    cash: Decimal = Decimal(10_000)
    stake: Decimal | None = None
    limits: Mapping[str, object] = field(default_factory=dict)
    in_sample: bool = False
    impact: Decimal | None = None

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ConfigurationError(f"from {iso(self.start)} is not before to {iso(self.end)}; swap them")
        for name in ("fee_bps", "slippage_bps", "stop_loss", "take_profit"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise ConfigurationError(f"{name} {value} is below zero")
        if self.impact is not None and not 0 <= self.impact <= MOST_IMPACT:
            raise ConfigurationError(f"impact {self.impact} must lie within 0 and {MOST_IMPACT}; 1 is usual")
        for name in ("cash", "stake"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ConfigurationError(f"{name} {value} must be above zero")
            _checked(name, value, fields.money)
        for name in ("fee_bps", "slippage_bps"):
            value = getattr(self, name)
            if value is not None and value >= BPS:
                raise ConfigurationError(f"{name} {value} takes everything; 10 is a tenth of a percent")
            _checked(name, value, _whole_ppm)

    @classmethod
    def parse(cls, payload: fields.Payload) -> RunOptions:
        """Read a payload: the run's own fields, and `options` for the rest."""
        options = fields.mapping(payload, "options")
        return cls(
            strategy=fields.text(payload, "strategy"),
            symbols=fields.texts(payload, "symbols"),
            interval=fields.choice(payload, "interval", Interval),
            source=fields.text(payload, "source"),
            start=fields.moment(payload, "start"),
            end=fields.moment(payload, "end"),
            stop_loss=fields.decimal(options, "stop_loss"),
            take_profit=fields.decimal(options, "take_profit"),
            fee_bps=fields.decimal(options, "fee_bps"),
            slippage_bps=fields.decimal(options, "slippage_bps"),
            cash=fields.decimal(options, "cash") or Decimal(10_000),
            stake=fields.decimal(options, "stake"),
            limits=fields.mapping(options, "limits"),
            in_sample=fields.flag(options, "in_sample"),
            impact=fields.decimal(options, "impact"),
        )

    def payload(self) -> dict[str, object]:
        """The JSON that `parse` reads back: also what identifies a run that can be resumed."""
        return {
            "strategy": self.strategy,
            "symbols": list(self.symbols),
            "interval": self.interval.value,
            "source": self.source,
            "start": None if self.start is None else iso(self.start),
            "end": None if self.end is None else iso(self.end),
            "options": {
                "stop_loss": _text(self.stop_loss),
                "take_profit": _text(self.take_profit),
                "fee_bps": _text(self.fee_bps),
                "slippage_bps": _text(self.slippage_bps),
                "cash": _text(self.cash),
                "stake": _text(self.stake),
                "limits": dict(self.limits),
                "in_sample": self.in_sample,
                **({} if self.impact is None else {"impact": _text(self.impact)}),  # absent: a recipe of earlier days
            },
        }

    def costs(self) -> Costs:
        """The costs of a fill in this run."""
        usual = Costs()
        fee = usual.fee_ratio if self.fee_bps is None else self.fee_bps / BPS
        costs = Costs(fee_ratio=fee, impact=self.impact or Decimal(0))
        if self.slippage_bps is None:
            return costs
        return replace(costs, half_spread_ratio=Decimal(0), slippage_ratio=self.slippage_bps / BPS)

    def limit_overrides(self) -> dict[str, object]:
        """`limits` with the run's own stop and target on top."""
        own = {"stop_loss": self.stop_loss, "take_profit": self.take_profit}
        return {**self.limits, **{name: str(value) for name, value in own.items() if value is not None}}


def _whole_ppm(bps: Decimal) -> None:
    if bps % Decimal("0.01"):
        raise ConfigurationError("give at most two decimal places")


def _checked(name: str, value: Decimal | None, check: Callable[[Decimal], object]) -> None:
    try:
        if value is not None:
            check(value)
    except ConfigurationError as error:
        raise ConfigurationError(f"{name} {value}: {error}") from None


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")
