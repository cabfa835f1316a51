"""BacktestPlan: everything that a backtest depends on, and its bars laid on one time axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from engine.backtest.finer import finer_of
from engine.backtest.state import (
    ACCOUNT_COLUMNS,
    BOOK_COLUMNS,
    CASH,
    DAY_START,
    EQUITY,
    LOT,
    MIN_NOTIONAL,
    ODDS_COLUMNS,
    PEAK,
    ROW,
    SAID_BUY,
    SAID_SELL,
    SKILL,
    TICK_LOT,
    TRADE_COLUMNS,
    Floats,
    Ints,
    Kin,
    Market,
    State,
    Voices,
)
from engine.domain.account import Costs
from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError, InvalidBar, MissingBars
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval
from engine.domain.money import to_atoms
from engine.execution.impact import flows
from engine.execution.matching import tick_bars
from engine.kernel.compiled import compiled
from engine.kernel.grid import grid_of
from engine.risk.correlation import returns_on_grid, slots
from engine.risk.gates import GATES
from engine.risk.limits import RiskLimits
from engine.risk.terms import ACTIVE, BUY, SELL
from engine.strategy.calls import Calls
from engine.strategy.ruled import Strategy

MOST_LATENCY = 1_000
_MOST_CASH = Decimal(1_000_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestSleeve:
    """One instrument with its bars. Bars before the plan's start only warm the strategy up.

    `finer`: bars of a shorter interval, as far as there are any; they say which came first where a bar reaches both
    its stop and its target.
    """

    sleeve_id: str
    instrument: Instrument
    series: BarSeries
    finer: BarSeries | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestPlan:
    """Bars with start <= open < end are traded (None: all), the sleeves in this order sharing one portfolio.

    `stake` is a fixed notional per entry in place of risk sizing. `latency_bars`: at the open of which bar after its
    close a decision fills; live it is the next one.
    """

    sleeves: Sequence[BacktestSleeve]
    strategy: Strategy
    cash: Decimal
    limits: RiskLimits = field(default_factory=RiskLimits)
    costs: Costs = field(default_factory=Costs)
    stake: Decimal | None = None
    start: datetime | None = None
    end: datetime | None = None
    account_id: str = "backtest"
    latency_bars: int = 1

    def __post_init__(self) -> None:
        if not self.sleeves:
            raise ConfigurationError("a backtest needs at least one instrument")
        if not 0 < self.cash <= _MOST_CASH:
            raise ConfigurationError(f"cash is {self.cash}; it must lie above 0 and not above {_MOST_CASH}")
        if not 1 <= self.latency_bars <= MOST_LATENCY:
            raise ConfigurationError(f"latency is {self.latency_bars} bars; it must lie within 1 and {MOST_LATENCY}")
        if self.stake is not None and self.stake <= 0:
            raise ConfigurationError(f"stake is {self.stake}; it must be above zero, or be left out")
        symbols = [s.instrument.symbol for s in self.sleeves]
        if len(set(symbols)) < len(symbols):
            raise ConfigurationError(f"an instrument is named twice among {', '.join(symbols)}")
        if len({s.series.interval for s in self.sleeves}) > 1 or len({s.instrument.quote for s in self.sleeves}) > 1:
            raise ConfigurationError(f"{', '.join(symbols)} must share one interval and one quote asset")
        for finer in (s.finer for s in self.sleeves if s.finer is not None):
            if finer.interval.ms >= self.interval.ms or self.interval.ms % finer.interval.ms:
                raise ConfigurationError(f"{finer.interval} bars of {finer.symbol} do not divide {self.interval} bars")

    def with_finer(self, finer: Mapping[str, BarSeries]) -> BacktestPlan:
        """The plan with shorter bars at hand, by symbol, for the instruments that have some."""
        sleeves = [replace(s, finer=finer.get(s.instrument.symbol, s.finer)) for s in self.sleeves]
        return replace(self, sleeves=sleeves)

    @property
    def interval(self) -> Interval:
        """Bar length of all sleeves."""
        return self.sleeves[0].series.interval


def lay_out(plan: BacktestPlan) -> tuple[Market, Voices]:
    """Prices in ticks and calls of all sleeves on the union of their opens; MissingBars where there are none."""
    market = market_of(plan)
    return market, voices_of(plan, market)


def market_of(plan: BacktestPlan) -> Market:
    """Prices in ticks of all sleeves on the union of their opens; the same for every strategy, and for all stops and
    targets that lie no nearer than the plan's."""
    traded = [s.series.between(plan.start, plan.end) for s in plan.sleeves]
    opens = [_opens(bars) for bars in traded]
    for bars, at in zip(traded, opens, strict=True):
        _refuse_unusable(plan, bars, at)
    axis = _axis(opens)
    prices = np.zeros((len(axis), len(traded), 4), dtype=np.int64)
    for i, (sleeve, bars, at) in enumerate(zip(plan.sleeves, traded, opens, strict=True)):
        rows = _rows(axis, at)
        columns = (bars.open, bars.high, bars.low, bars.close)
        if isinstance(rows, slice):
            tick_bars(columns, sleeve.instrument, prices[:, i])
            continue
        ticks = np.empty((len(at), 4), dtype=np.int64)
        tick_bars(columns, sleeve.instrument, ticks)
        prices[rows, i] = ticks
    parts = [(s.instrument, bars, s.finer) for s, bars in zip(plan.sleeves, traded, strict=True)]
    wait_ms = (plan.latency_bars - 1) * plan.interval.ms
    n_bars = sum(len(at) for at in opens)
    return Market(axis, prices, plan.interval.ms, finer_of(parts, plan.limits), wait_ms, _flow(plan, axis), n_bars)


def _flow(plan: BacktestPlan, axis: Ints) -> Floats:
    """What impact is reckoned from, of all bars that are known, those before the start included."""
    out = np.zeros((len(axis) if plan.costs.impact else 0, len(plan.sleeves), 2))
    for i, sleeve in enumerate(plan.sleeves if plan.costs.impact else ()):
        known = sleeve.series.between(None, plan.end)
        first = len(known) - len(known.between(plan.start, None))
        out[_rows(axis, _opens(known)[first:]), i] = flows(known, first)
    return out


def voices_of(plan: BacktestPlan, market: Market) -> Voices:
    """What the plan's strategy calls on that market."""
    shape = market.bars.shape[:2]
    signal = np.zeros(shape, dtype=np.int8)
    odds = np.full((*(shape if plan.strategy.horizon else (0, shape[1])), ODDS_COLUMNS), np.nan)
    odds[..., SKILL] = ACTIVE
    years = 0.0
    for i, sleeve in enumerate(plan.sleeves):
        rows = _rows(market.open_ms, _opens(sleeve.series.between(plan.start, plan.end)))
        calls = _calls(plan, sleeve)
        signal[rows, i], years = calls.signal, calls.years
        if plan.strategy.horizon:
            odds[rows, i] = _odds(calls)
    return Voices(signal, said(signal), odds, float(years), plan.strategy.horizon)


def _refuse_unusable(plan: BacktestPlan, bars: BarSeries, at: Ints) -> None:
    """Too few bars, or no bars at all. Prices are judged as they are laid out; gaps and early ends are no errors."""
    if len(at) == 0:
        raise MissingBars(
            f"{bars.symbol}: no {plan.interval} bars between {plan.start} and {plan.end}; import or sync them"
        )
    if len(at) == 1:
        raise MissingBars(
            f"{bars.symbol}: one {plan.interval} bar is too few, for what a close decides fills at the next open; "
            "import or sync more"
        )
    if not np.all(at[1:] > at[:-1]):
        raise InvalidBar(f"{bars.symbol}: its bars are not in order of time, each once; sort them, drop repeated ones")
    volume = np.asarray(bars.volume)
    if not volume.min() >= 0:
        row = int(np.flatnonzero(~(volume >= 0))[0])
        raise InvalidBar(f"{bars.symbol}: volume {volume[row]} at row {row} is not zero or more; refetch the bars")


def _opens(bars: BarSeries) -> Ints:
    return np.asarray(bars.open_ms, dtype=np.int64)


def _rows(axis: Ints, at: Ints) -> slice | NDArray[np.intp]:
    """Where an instrument's opens stand on the axis."""
    return slice(None) if len(at) == len(axis) else np.searchsorted(axis, at)


def _odds(calls: Calls) -> Floats:
    """What the gates look at, shape (n, ODDS_COLUMNS)."""
    n = len(calls)
    skill = np.full(n, float(ACTIVE)) if calls.skill is None else calls.skill.astype(np.float64)
    strangeness = np.full(n, np.nan) if calls.strangeness is None else calls.strangeness
    return np.column_stack(
        (calls.probability_low, calls.confidence, calls.expected_move, calls.volatility, skill, strangeness)
    )


def _axis(opens: Sequence[Ints]) -> Ints:
    """All opens, ascending, each once."""
    if all(np.array_equal(opens[0], other) for other in opens[1:]):
        return opens[0]
    every = np.sort(np.concatenate(opens), kind="stable")
    return every[np.concatenate(([True], every[1:] != every[:-1]))]


@compiled
def said(signal: NDArray[np.int8]) -> NDArray[np.uint8]:
    """Bits of what anyone calls, per time."""
    out = np.zeros(len(signal), dtype=np.uint8)
    for t in range(len(signal)):
        for i in range(signal.shape[1]):
            if signal[t, i] == BUY:
                out[t] |= SAID_BUY
            elif signal[t, i] == SELL:
                out[t] |= SAID_SELL
    return out


def _calls(plan: BacktestPlan, sleeve: BacktestSleeve) -> Calls:
    """Calls at the closes of the traded bars, each from all bars before it, the untraded ones included."""
    known = sleeve.series.between(None, plan.end)
    first = len(known) - len(known.between(plan.start, None))
    return plan.strategy.calls(known, first)


def kin_of(plan: BacktestPlan, market: Market) -> Kin:
    """Returns of all instruments on the grid, the bars before the start included; nothing where none are asked for."""
    if len(plan.sleeves) == 1 or plan.limits.max_correlation >= 1:
        return Kin(np.zeros((0, 0)), np.zeros(0, dtype=np.int64), 0, 0)
    n = slots(plan.interval)
    first_ms = int(market.open_ms[0]) - n * market.bar_ms
    length = (int(market.open_ms[-1]) - first_ms) // market.bar_ms + 1
    rows = [returns_on_grid(plan.sleeves[i].series, first_ms, length) for i in _by_symbol(plan)]
    return Kin(np.array(rows), np.zeros(len(rows), dtype=np.int64), first_ms, n)


def _by_symbol(plan: BacktestPlan) -> list[int]:
    """Places of the sleeves, sorted by symbol."""
    return sorted(range(len(plan.sleeves)), key=lambda i: plan.sleeves[i].instrument.symbol)


def blank_state(plan: BacktestPlan, market: Market, voices: Voices) -> State:
    """An account with its cash and nothing else; every entry needs a BUY, which bounds the trades."""
    n_times, n, _ = market.bars.shape
    book = np.zeros((n, BOOK_COLUMNS), dtype=np.int64)
    book[:, [TICK_LOT, LOT, MIN_NOTIONAL]] = [grid_of(s.instrument) for s in plan.sleeves]
    book[:, ROW] = np.argsort(_by_symbol(plan))
    account = np.zeros(ACCOUNT_COLUMNS, dtype=np.int64)
    account[[CASH, EQUITY, PEAK, DAY_START]] = to_atoms(plan.cash)
    return State(
        book=book,
        account=account,
        trades=np.zeros((int(np.count_nonzero(voices.signal == BUY)) + 1, TRADE_COLUMNS), dtype=np.int64),
        equity=np.zeros(n_times, dtype=np.int64),
        held=np.zeros(len(GATES), dtype=np.int64),
    )
