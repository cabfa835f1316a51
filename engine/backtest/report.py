"""The report of a backtest: profit by exit reason and by month, costs and holding times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from engine.backtest.run import BacktestResult
from engine.domain.interval import from_ms
from engine.domain.trade import Trade


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Trades of one kind: how many, how many of them won, profit after all costs, fees."""

    name: str
    trades: int
    won: int
    profit: Decimal
    fees: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`months` are (YYYY-MM, return of the marked equity over it); `mean_held` is None without trades."""

    by_reason: Sequence[Group]
    by_instrument: Sequence[Group]
    months: Sequence[tuple[str, float]]
    total: Group
    mean_held: timedelta | None


def report(result: BacktestResult, cash: Decimal) -> Report:
    """Summarise a result that started with `cash`."""
    trades = result.trades
    return Report(
        by_reason=[
            _group(name, [t for t in trades if t.exit_reason == name]) for name in _names(trades, "exit_reason")
        ],
        by_instrument=[_group(name, [t for t in trades if t.symbol == name]) for name in _names(trades, "symbol")],
        months=_months(result, float(cash)),
        total=_group("all", trades),
        mean_held=sum((t.closed_at - t.opened_at for t in trades), timedelta()) / len(trades) if trades else None,
    )


def _names(trades: Iterable[Trade], key: str) -> list[str]:
    return sorted({str(getattr(t, key)) for t in trades})


def _group(name: str, trades: Sequence[Trade]) -> Group:
    return Group(
        name=name,
        trades=len(trades),
        won=sum(t.profit > 0 for t in trades),
        profit=sum((t.profit for t in trades), Decimal(0)),
        fees=sum((t.fees for t in trades), Decimal(0)),
    )


def _months(result: BacktestResult, cash: float) -> list[tuple[str, float]]:
    """A bar belongs to the month that it closes in, 00:00 of the first to the month before."""
    ends: dict[str, float] = {}
    for close_ms, equity in zip(result.close_ms.tolist(), result.equity.tolist(), strict=True):
        ends[f"{from_ms(close_ms - 1):%Y-%m}"] = equity
    months, before = [], cash
    for name, equity in ends.items():
        months.append((name, equity / before - 1))
        before = equity
    return months
