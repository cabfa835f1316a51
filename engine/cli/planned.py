"""A run as a backtest's plan, and what came of it as the command line's JSON. Imports neither database nor learning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from engine.backtest.loop import is_ready
from engine.backtest.plan import BacktestPlan, BacktestSleeve
from engine.backtest.report.periods import judged_returns
from engine.backtest.run import BacktestResult
from engine.cli.telling import tell
from engine.commands.run_options import RunOptions
from engine.domain.bar import BarSeries
from engine.domain.instrument import Instrument
from engine.domain.interval import iso
from engine.domain.trade import Trade
from engine.risk.limits import RiskLimits
from engine.statistics.sharpe import sharpe
from engine.strategy.ruled import Strategy

COMPILES = "compiling the rules: once after an install, up to a minute"
Progress = Callable[[float, str], bool]


def plan_of(
    run: RunOptions, series: Sequence[BarSeries], strategy: Strategy, rules: Mapping[str, Instrument],
    span: tuple[datetime, datetime], *, latency_bars: int = 1,
) -> BacktestPlan:  # fmt: skip
    """Everything that the run's backtest depends on, finer bars aside."""
    return BacktestPlan(
        sleeves=[BacktestSleeve(sleeve_id=s.symbol, instrument=rules[s.symbol], series=s) for s in series],
        strategy=strategy, cash=run.cash, limits=RiskLimits.from_mapping(run.limit_overrides()), costs=run.costs(),
        stake=run.stake, start=span[0], end=span[1], latency_bars=latency_bars,
    )  # fmt: skip


def compiling_words() -> str | None:
    """What to say before the first run after an install; None where the machine code is there."""
    return None if is_ready() else COMPILES


def say(_share: float, message: str) -> bool:
    """Progress for a person at a terminal: the long steps alone, each training of a walk by its first words."""
    if message == COMPILES or ("training" in message and "computing features" in message):
        tell(message)
    return False


def told(result: BacktestResult) -> dict[str, object]:
    """The figures. The Sharpe ratio is the report's: annual, of the returns that `sharpe_of` names, its interval that
    of Lo and Mertens; the report beside it has the bootstrap's."""
    returns, per_year, basis = judged_returns(result)
    ratio = sharpe(returns, per_year)
    return {
        "bars": result.bars,
        "decisions": result.decisions,
        "trades": len(result.trades),
        "final_equity": str(result.final_equity),
        "total_return": result.total_return,
        "sharpe": _finite(ratio.ratio),
        "sharpe_low": _finite(ratio.low),
        "sharpe_high": _finite(ratio.high),
        "sharpe_of": basis,
        "max_drawdown": result.max_drawdown,
        "trades_sha256": result.trades_sha256,
        "held_by": dict(result.held_by),
        "latency_bars": result.plan.latency_bars,
        "exits_decided": dict(result.decided),
        "halts": list(result.halts),
        "open_positions": result.open_positions,
    }


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None


def details(result: BacktestResult) -> dict[str, object]:
    """Trades, for a screen."""
    return {"trade_list": [trade_row(t) for t in result.trades]}


def trade_row(trade: Trade) -> dict[str, object]:
    """One trade as JSON."""
    return {
        "symbol": trade.symbol,
        "opened_at": iso(trade.opened_at),
        "closed_at": iso(trade.closed_at),
        "quantity": f"{trade.quantity:f}",
        "entry_price": f"{trade.entry_price:f}",
        "exit_price": f"{trade.exit_price:f}",
        "fees": f"{trade.fees:f}",
        "profit": f"{trade.profit:f}",
        "exit_reason": trade.exit_reason.value,
    }
