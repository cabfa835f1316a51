"""A report's tables: column names and cells as words, for the HTML file and the screen alike; trades as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.backtest.report.report import Figures, Month, Report, Share
from engine.queries.words import ABSENT, number, ratio

TRADE_COLUMNS = (
    "symbol", "opened_at", "closed_at", "quantity", "entry_price", "exit_price", "fees", "profit", "exit_reason",
)  # fmt: skip
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Cells as words; the first column names the row."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def side_by_side(one: Report, other: Report | None = None) -> Table:
    """Figures with their honesty; those of another run beside them, and the difference where one makes sense."""
    mine = _figures(one)
    if other is None:
        return Table(columns=("", "this run"), rows=tuple((name, words) for name, words, _ in mine))
    theirs = _figures(other)
    rows = [
        (name, words, their_words, _gap(name, value, their_value))
        for (name, words, value), (_, their_words, their_value) in zip(mine, theirs, strict=True)
    ]
    return Table(columns=("", "this run", other.title, "difference"), rows=tuple(rows))


def against(report: Report) -> Table:
    """The run and its baselines."""
    columns = ("", "return", "a year", "deepest drawdown", "Sharpe", "trades", "won", "profit factor", "fees",
               "exposure", "in market")  # fmt: skip
    return Table(
        columns=columns, rows=tuple(_against(line.name, line.figures) for line in (report.own, *report.rivals))
    )


def by_month(report: Report) -> Table:
    """Years as rows, months as columns, the year's own return last."""
    years: dict[str, dict[int, Month]] = {}
    for month in report.months:
        years.setdefault(month.month[:4], {})[int(month.month[5:])] = month
    rows = [
        (year, *(ratio(known[m].total_return, signed=True) if m in known else "" for m in range(1, 13)), _year(known))
        for year, known in years.items()
    ]
    return Table(columns=("", *_MONTHS, "year"), rows=tuple(rows))


def by_name(shares: Sequence[Share], what: str) -> Table:
    """Trades by exit reason or by instrument."""
    columns = (what, "trades", "won", "profit", "mean profit", "fees", "bars held")
    rows = [
        (s.name, number(s.trades), ratio(s.won / s.trades, 1), number(s.profit, 2), number(s.mean_profit, 2),
         number(s.fees, 2), number(s.bars_held, 1))
        for s in shares
    ]  # fmt: skip
    return Table(columns=columns, rows=tuple(rows))


def by_cost(report: Report) -> Table:
    """The run at other costs a side."""
    rows = [
        (f"{cost.bps:g} bp", ratio(cost.total_return, signed=True), number(cost.sharpe, 2), ratio(cost.max_drawdown),
         number(cost.trades))
        for cost in report.costs
    ]  # fmt: skip
    return Table(columns=("a side", "return", "Sharpe", "deepest drawdown", "trades"), rows=tuple(rows))


def bars(report: Report) -> Table:
    """What the bars were like."""
    columns = ("instrument", "from", "to", "bars", "gaps", "bars missing", "without volume", "treatment")
    rows = [
        (b.symbol, b.first_at[:16], b.last_at[:16], number(b.bars), number(b.gaps), number(b.missing),
         number(b.without_volume), "; ".join(b.notes) or "nothing to treat")
        for b in report.bars
    ]  # fmt: skip
    return Table(columns=columns, rows=tuple(rows))


def honesty_words(report: Report) -> str:
    """The Sharpe ratio with everything that makes it believable or not, as one paragraph."""
    h = report.honesty
    if h.sharpe is None:
        return f"No Sharpe ratio: {h.why}."
    needed = "no length of such a track would do" if h.days_needed is None else f"{h.days_needed:,.0f} days are needed"
    return (
        f"Sharpe {number(h.sharpe, 2)} a year from {h.basis}; 95 % of stationary resamples lie within "
        f"{number(h.low, 2)} and {number(h.high, 2)}, the mean annual return within {ratio(h.return_low, 1)} and "
        f"{ratio(h.return_high, 1)}. The chance that the true ratio is above zero is {ratio(h.chance, 1)}. "
        f"{number(h.trials)} {'trial was' if h.trials == 1 else 'trials were'} counted ({h.trials_from}): the best of "
        f"so many without skill would show {number(h.benchmark, 2)}, and the chance to be above that, the deflated "
        f"Sharpe ratio, is {ratio(h.deflated, 1)}. To be 95 % sure, {needed}; the run has {h.days:,.0f}."
    )


def luck_words(report: Report) -> str:
    """How the run stands among runs by chance."""
    if report.luck is None:
        return "No trade was closed, so there is nothing to compare with luck."
    luck = report.luck
    return (
        f"Luck: {luck.runs} random runs that enter as often and hold as long end between "
        f"{ratio(luck.low, signed=True)} and {ratio(luck.high, signed=True)}; this run beat "
        f"{ratio(luck.beaten, 0)} of them."
    )


def trades_csv(trades: Iterable[Mapping[str, object]]) -> str:
    """Trades with every digit, times in UTC."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(TRADE_COLUMNS)
    writer.writerows([trade[name] for name in TRADE_COLUMNS] for trade in trades)
    return text.getvalue()


def _figures(report: Report) -> list[tuple[str, str, float | None]]:
    """(name, words, value) of what two runs are compared by."""
    f, h = report.own.figures, report.honesty
    return [
        ("return", ratio(f.total_return, signed=True), f.total_return),
        ("return a year", ratio(f.annual_return, signed=True), f.annual_return),
        ("deepest drawdown", ratio(f.max_drawdown), f.max_drawdown),
        ("Sharpe a year", number(f.sharpe, 2), f.sharpe),
        ("Sharpe, 95 % interval", f"{number(h.low, 2)} to {number(h.high, 2)}", None),
        ("deflated Sharpe", ratio(h.deflated, 1), h.deflated),
        ("trials", number(h.trials), None),
        ("trades", number(f.trades), float(f.trades)),
        ("won", ratio(f.won, 1), f.won),
        ("profit factor", number(f.profit_factor, 2), f.profit_factor),
        ("fees", number(f.fees, 2), f.fees),
        ("exposure, mean", ratio(f.exposure, 1), f.exposure),
        ("in market", ratio(f.in_market, 1), f.in_market),
        ("costs a side", f"{report.cost_bps:g} bp", None),
        ("bars", f"{report.start[:10]} to {report.end[:10]}", None),
    ]  # fmt: skip


_RATIOS = frozenset(
    {"return", "return a year", "deepest drawdown", "deflated Sharpe", "won", "exposure, mean", "in market"}
)


def _gap(name: str, mine: float | None, theirs: float | None) -> str:
    if mine is None or theirs is None:
        return "" if name in {"Sharpe, 95 % interval", "trials", "costs a side", "bars"} else ABSENT
    gap = mine - theirs
    return ratio(gap, signed=True) if name in _RATIOS else f"{gap:+,.2f}".replace("-", "−")


def _against(name: str, f: Figures) -> tuple[str, ...]:
    return (
        name, ratio(f.total_return, signed=True), ratio(f.annual_return, signed=True), ratio(f.max_drawdown),
        number(f.sharpe, 2), number(f.trades), ratio(f.won, 1), number(f.profit_factor, 2), number(f.fees, 2),
        ratio(f.exposure, 1), ratio(f.in_market, 1),
    )  # fmt: skip


def _year(known: Mapping[int, Month]) -> str:
    grown = 1.0
    for month in known.values():
        grown *= 1 + month.total_return
    return ratio(grown - 1, signed=True)
