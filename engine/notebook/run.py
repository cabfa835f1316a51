"""backtest(bars, strategy) -> Run: the console's backtest, its results as DataFrames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import pandas as pd

from engine.backtest.plan import lay_out
from engine.backtest.report.html import to_html
from engine.backtest.report.make import Telling, report_of
from engine.backtest.report.report import Report
from engine.backtest.report.tables import TRADE_COLUMNS
from engine.backtest.run import BacktestResult, walk
from engine.backtest.state import Market, Voices
from engine.bootstrap import open_stores
from engine.cli.material import honest_strategy, is_in_sample
from engine.cli.planned import plan_of, trade_row
from engine.cli.stored import run_span
from engine.commands.run_options import RunOptions
from engine.domain.interval import parse_time
from engine.domain.money import exact
from engine.notebook.bars import LoadedBars, at_times
from engine.settings import load
from engine.strategy.strategy import RuleStrategy, Strategy

Amount = str | int | Decimal
_AMOUNTS = ("quantity", "entry_price", "exit_price", "fees", "profit")


@dataclass(frozen=True, kw_only=True)
class Run:
    """A backtest and everything that can be asked of it. Money in the frames is float64, for arithmetic; `result` has
    it exactly."""

    result: BacktestResult
    market: Market
    voices: Voices
    in_sample: bool

    @cached_property
    def trades(self) -> pd.DataFrame:
        """One row per closed trade, in the order they closed."""
        frame = pd.DataFrame([trade_row(t) for t in self.result.trades], columns=list(TRADE_COLUMNS))
        for name in ("opened_at", "closed_at"):
            frame[name] = pd.to_datetime(frame[name], utc=True)
        return frame.astype(dict.fromkeys(_AMOUNTS, "float64"))

    @cached_property
    def equity(self) -> pd.DataFrame:
        """`equity`, `returns` and `drawdown` at each close, UTC."""
        result = self.result
        columns = {"equity": result.equity, "returns": result.returns, "drawdown": result.drawdowns}
        return pd.DataFrame(columns, index=at_times(self.result.close_ms, "closed_at"))

    @cached_property
    def report(self) -> Report:
        """Baselines, luck, months, costs and doubts. The trial ledger is neither read nor written."""
        return report_of(self.result, self.market, self.voices, Telling(in_sample=self.in_sample))

    @property
    def figures(self) -> pd.DataFrame:
        """The run and its baselines, a row each."""
        lines = (self.report.own, *self.report.rivals)
        names = pd.Index([line.name for line in lines], name="run")
        return pd.DataFrame([asdict(line.figures) for line in lines], index=names)

    @property
    def months(self) -> pd.DataFrame:
        """Return, deepest drawdown, trades and profit of each UTC month."""
        return pd.DataFrame([asdict(month) for month in self.report.months]).set_index("month")

    def to_html(self, path: str | Path) -> Path:
        """Write the report as one file that opens without a network."""
        where = Path(path)
        where.write_text(to_html(self.report, [trade_row(t) for t in self.result.trades]), encoding="utf-8")
        return where


def backtest(
    bars: LoadedBars | Sequence[LoadedBars], strategy: str, *, start: str | None = None, end: str | None = None,
    stop_loss: Amount | None = None, take_profit: Amount | None = None, fee_bps: Amount | None = None,
    slippage_bps: Amount | None = None, cash: Amount = 10_000, stake: Amount | None = None,
    limits: Mapping[str, object] | None = None, in_sample: bool = False, finer: Sequence[LoadedBars] = (),
    latency_bars: int = 1, impact: Amount | None = None,
) -> Run:  # fmt: skip
    """Run a rule (`NAME:k=v,...`) or a stored model (`model:NAME`) over one instrument, or several that share money.

    Options as on the command line. Amounts are text ("0.02"), whole numbers or Decimals, for they are money: a float is
    refused. Bars that a model was trained on are refused unless `in_sample`. `finer`: bars of a shorter interval, which
    say whether stop or target came first where a bar reaches both. `latency_bars`: at the open of which bar after it a
    decision fills; live it is the next one. `impact`: coefficient of what an order's own size adds to its price.
    """
    loaded = [bars] if isinstance(bars, LoadedBars) else list(bars)
    options = RunOptions(
        strategy=strategy if strategy.startswith("model:") else f"rule:{strategy.removeprefix('rule:')}",
        symbols=tuple(one.instrument.symbol for one in loaded), interval=loaded[0].series.interval, source="",
        start=_moment(start), end=_moment(end), stop_loss=_amount(stop_loss), take_profit=_amount(take_profit),
        fee_bps=_amount(fee_bps), slippage_bps=_amount(slippage_bps), cash=exact(cash), stake=_amount(stake),
        limits=limits or {}, in_sample=in_sample, impact=_amount(impact),
    )  # fmt: skip
    series = [one.series for one in loaded]
    span = run_span(options, series)
    chosen, known = _strategy(options, span)
    rules = {one.instrument.symbol: one.instrument for one in loaded}
    plan = plan_of(options, series, chosen, rules, span, latency_bars=latency_bars)
    plan = plan.with_finer({one.instrument.symbol: one.series for one in finer})
    market, voices = lay_out(plan)
    return Run(result=walk(plan, market, voices), market=market, voices=voices, in_sample=known)


def _strategy(options: RunOptions, span: tuple[datetime, datetime]) -> tuple[Strategy, bool]:
    """The strategy, and whether it knows these bars; only a model needs what is stored."""
    if not options.strategy.startswith("model:"):
        return RuleStrategy.of(options.strategy.removeprefix("rule:")), False
    with open_stores(load()) as stores:
        strategy = honest_strategy(options, stores, *span)
        return strategy, is_in_sample(strategy, stores, *span)


def _amount(value: Amount | None) -> Decimal | None:
    return None if value is None else exact(value)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_time(text)
