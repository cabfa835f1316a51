"""report_of(run) -> Report: the run, its rivals, its costs, and how far to believe it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.backtest.report.exposure import exposure
from engine.backtest.report.honesty import Tries, honesty
from engine.backtest.report.periods import annual_sharpe, deepest_between, moments, months, years
from engine.backtest.report.report import VERSION, CostRow, Figures, Line, Luck, Report, Share
from engine.backtest.report.rivals import at_costs, baselines, beaten, lucky, middle
from engine.backtest.report.treatment import bars_told, warm_notes
from engine.backtest.run import BacktestResult
from engine.backtest.state import Market, Voices
from engine.domain.interval import from_ms, iso
from engine.domain.trade import Trade
from engine.execution.impact import WINDOW

_SHORTEST_YEAR = 30 / 365
"""Below this a return is not spoken of as a year's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What a report says beside the run: the source of the bars, whether the model knew them, the tries before it."""

    source: str = ""
    in_sample: bool = False
    tries: Tries = field(default_factory=Tries)
    notes: tuple[str, ...] = ()


def report_of(result: BacktestResult, market: Market, voices: Voices, telling: Telling) -> Report:
    """The report of a run on the market and the calls that it was made from."""
    plan, rows, chance = result.plan, moments(result), lucky(result, market)
    lines = [(run.plan.strategy.name.removeprefix("rule:"), run) for run in baselines(plan, market)]
    if chance:
        lines.append(("random entry, the middle of " + str(len(chance)), middle(chance)))
    return Report(
        version=VERSION, strategy=plan.strategy.name, symbols=tuple(s.instrument.symbol for s in plan.sleeves),
        interval=plan.interval.value, source=telling.source, start=iso(from_ms(int(market.open_ms[0]))),
        end=iso(from_ms(int(result.close_ms[-1]))), cash=str(plan.cash),
        cost_bps=round(float(plan.costs.round_trip_ratio) * 5000, 2), final_equity=str(result.final_equity),
        trades_sha256=result.trades_sha256, in_sample=telling.in_sample,
        at=tuple(iso(from_ms(int(ms))) for ms in result.close_ms[rows]),
        own=_line("this run", result, market, rows),
        rivals=tuple(_line(name, run, market, rows) for name, run in lines),
        luck=_luck(result, chance), months=months(result),
        exits=_shares(result, ((t.exit_reason.value, t) for t in result.trades)),
        instruments=_shares(result, ((t.symbol, t) for t in result.trades)),
        costs=tuple(_cost_row(bps, run) for bps, run in at_costs(plan, market, voices)),
        honesty=honesty(result, telling.tries), bars=bars_told(result), held_by=tuple(result.held_by.items()),
        notes=(*telling.notes, *_notes(result), *warm_notes(plan)),
    )  # fmt: skip


def figures(result: BacktestResult, market: Market) -> Figures:
    """One run in numbers."""
    profits = [float(t.profit) for t in result.trades]
    gains, losses = sum(p for p in profits if p > 0), -sum(p for p in profits if p < 0)
    share = exposure(result, market)
    span = years(result)
    grown = 1 + result.total_return
    return Figures(
        total_return=result.total_return,
        annual_return=grown ** (1 / span) - 1 if span >= _SHORTEST_YEAR and grown > 0 else None,
        max_drawdown=result.max_drawdown, sharpe=annual_sharpe(result), trades=len(profits),
        won=sum(p > 0 for p in profits) / len(profits) if profits else None,
        profit_factor=gains / losses if losses else None, fees=float(sum(t.fees for t in result.trades)),
        exposure=float(share.mean()), in_market=float((share > 0).mean()),
    )  # fmt: skip


def _line(name: str, run: BacktestResult, market: Market, rows: NDArray[np.intp]) -> Line:
    return Line(
        name=name, equity=tuple(np.round(run.equity[rows], 2).tolist()),
        drawdown=tuple(np.round(deepest_between(run, rows), 6).tolist()), figures=figures(run, market),
    )  # fmt: skip


def _luck(result: BacktestResult, chance: Sequence[BacktestResult]) -> Luck | None:
    if not chance:
        return None
    return Luck(
        runs=len(chance), low=chance[0].total_return, middle=middle(chance).total_return, high=chance[-1].total_return,
        beaten=beaten(result, chance),
    )  # fmt: skip


def _shares(result: BacktestResult, named: Iterable[tuple[str, Trade]]) -> tuple[Share, ...]:
    """Trades by name, in order of their names."""
    groups: dict[str, list[Trade]] = {}
    for name, trade in named:
        groups.setdefault(name, []).append(trade)
    return tuple(_share(name, groups[name], result) for name in sorted(groups))


def _share(name: str, trades: Sequence[Trade], result: BacktestResult) -> Share:
    profits = [float(t.profit) for t in trades]
    held = [(t.closed_at - t.opened_at) / result.plan.interval.duration for t in trades]
    return Share(
        name=name, trades=len(trades), won=sum(p > 0 for p in profits), profit=sum(profits),
        fees=float(sum(t.fees for t in trades)), mean_profit=sum(profits) / len(profits),
        bars_held=sum(held) / len(held),
    )  # fmt: skip


def _cost_row(bps: float, run: BacktestResult) -> CostRow:
    return CostRow(
        bps=bps, total_return=run.total_return, sharpe=annual_sharpe(run), max_drawdown=run.max_drawdown,
        trades=len(run.trades),
    )  # fmt: skip


def _notes(result: BacktestResult) -> tuple[str, ...]:
    notes = []
    if result.halts:
        notes.append(f"halted by {' and '.join(result.halts)} at {result.halted_at}: no entry after that")
    by = result.decided
    if any(by.values()):
        notes.append(
            f"{sum(by.values())} exits fell into bars that reached both stop and target: {by['by_finer_bars']} decided "
            f"by finer bars, {by['stop_first']} by the pessimistic rule that the stop comes first"
        )
    if result.plan.costs.impact:
        notes.append(
            f"an order at market pays its own impact too: {result.plan.costs.impact:f} x sigma x sqrt(its notional / "
            f"what a bar traded), over the {WINDOW} bars before; the rows at other costs leave it out"
        )
    if result.plan.latency_bars > 1:
        notes.append(
            f"a decision fills at the open of bar {result.plan.latency_bars} after its close: a latency that live and "
            "replays do not have"
        )
    if result.refused:
        notes.append(f"{result.refused} entries were not filled: the open gapped beyond the cash, or below the minimum")
    if result.still_held:
        names = ", ".join(result.plan.sleeves[one.place].instrument.symbol for one in result.still_held)
        notes.append(f"still held at the end, valued at the last close, in no trade: {names}")
    return tuple(notes)

