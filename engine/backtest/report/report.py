"""Report: everything that is said of one backtest, as plain values that survive JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

from engine.domain.errors import ConfigurationError

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One run in numbers. Ratios; `sharpe` is annual, from the returns that `Honesty.basis` names; None where it cannot
    be said. `fees` in quote.

    `won` is the share of trades with a profit, `profit_factor` what was won per unit lost, `exposure` the mean share of
    equity in positions, `in_market` the share of closes at which any was held.
    """

    total_return: float
    annual_return: float | None
    max_drawdown: float
    sharpe: float | None
    trades: int
    won: float | None
    profit_factor: float | None
    fees: float
    exposure: float
    in_market: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A run as curves over the report's moments: equity at each, and the deepest drawdown since the one before."""

    name: str
    equity: tuple[float, ...]
    drawdown: tuple[float, ...]
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Luck:
    """Random runs that enter as often and hold as long: returns of the worst, middle and best, and the share that this
    run beat."""

    runs: int
    low: float
    middle: float
    high: float
    beaten: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A UTC month, `2025-04`; `trades` are those closed in it."""

    month: str
    total_return: float
    max_drawdown: float
    trades: int
    profit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Trades of one exit reason, or of one instrument; profit net of costs, in quote."""

    name: str
    trades: int
    won: int
    profit: float
    fees: float
    mean_profit: float
    bars_held: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRow:
    """The same run where each side costs `bps` in all."""

    bps: float
    total_return: float
    sharpe: float | None
    max_drawdown: float
    trades: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Honesty:
    """How far the Sharpe ratio may be believed. Annual ratios; `why` says what could not be said.

    `low` to `high`: 95 % from stationary resamples of `periods` returns (`basis` names them), and likewise the mean
    annual return. `chance`: that the true ratio is above zero; `deflated`: that it is above `benchmark`, what the best
    of `trials` without skill would show. `days_needed`: track until `chance` is 95 %, None where no length would do.
    """

    basis: str
    periods: int
    sharpe: float | None
    low: float | None
    high: float | None
    return_low: float | None
    return_high: float | None
    chance: float | None
    trials: int
    trials_from: str
    benchmark: float | None
    deflated: float | None
    days: float
    days_needed: float | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BarsTold:
    """What one instrument's bars were like; `notes` say what was done about it."""

    symbol: str
    first_at: str
    last_at: str
    bars: int
    gaps: int
    missing: int
    without_volume: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run. `at`: moments of the curves, ISO; `own` is the run itself, `rivals` the baselines on the same bars, at
    the same costs and limits. `held_by`: bars that each gate held. `notes` must be read before the figures. The trades
    themselves are kept beside it."""

    version: int
    strategy: str
    symbols: tuple[str, ...]
    interval: str
    source: str
    start: str
    end: str
    cash: str
    cost_bps: float
    final_equity: str
    trades_sha256: str
    in_sample: bool
    at: tuple[str, ...]
    own: Line
    rivals: tuple[Line, ...]
    luck: Luck | None
    months: tuple[Month, ...]
    exits: tuple[Share, ...]
    instruments: tuple[Share, ...]
    costs: tuple[CostRow, ...]
    honesty: Honesty
    bars: tuple[BarsTold, ...]
    held_by: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def parse(cls, told: Mapping[str, object]) -> Report:
        """Read back what `to_json` gave; ConfigurationError where another version of AAITI wrote it."""
        if told.get("version") != VERSION:
            raise ConfigurationError("this report was written by another version of AAITI; run the backtest again")
        found: Report = _read(cls, told)
        return found

    @property
    def title(self) -> str:
        """What ran on what."""
        return f"{self.strategy} on {', '.join(self.symbols)} {self.interval}"


def _read(kind: Any, value: Any) -> Any:
    """`value` as the type that a field asks for."""
    if value is None:
        return None
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        if inner[-1] is Ellipsis:
            return tuple(_read(inner[0], one) for one in value)
        return tuple(_read(one, part) for one, part in zip(inner, value, strict=True))
    some = [one for one in get_args(kind) if is_dataclass(one)]
    kind = some[0] if some else kind
    if not is_dataclass(kind):
        return value
    hints = get_type_hints(kind)
    made: Any = kind
    return made(**{field.name: _read(hints[field.name], value[field.name]) for field in fields(kind)})
