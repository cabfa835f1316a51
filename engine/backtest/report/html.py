"""A report as one HTML file: it loads nothing, runs nothing, and carries its own figures for a later comparison."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape

from engine.backtest.report import tables
from engine.backtest.report.report import Line, Report
from engine.backtest.report.style import STYLE
from engine.backtest.report.svg import Curve, legend, picture
from engine.backtest.report.tables import Table
from engine.domain.errors import ConfigurationError

MOST_TRADES = 2000
_CARRIED = re.compile(r'<script type="application/json" id="report">(.*?)</script>', re.DOTALL)
_SAFE = "default-src 'none'; style-src 'unsafe-inline'"


def to_html(report: Report, trades: Sequence[Mapping[str, object]], beside: Report | None = None) -> str:
    """The whole file; `beside` is another run to stand next to this one."""
    body = [_head(report), _notes(report), _section("Figures", _table(tables.side_by_side(report, beside)))]
    body += [f"<p>{escape(tables.honesty_words(report))}</p>", _curves(report, beside)]
    luck = f"<p>{escape(tables.luck_words(report))} All obey the same limits, stops and targets.</p>"
    body.append(_section("Against the baselines, at the same costs", _table(tables.against(report)), luck))
    body.append(_section("By month (UTC)", _table(tables.by_month(report), tint=True)))
    body.append(_section("By exit reason", _table(tables.by_name(report.exits, "exit"))))
    body.append(_section("By instrument", _table(tables.by_name(report.instruments, "instrument"))))
    body.append(_section("At other costs a side, all in", _table(tables.by_cost(report))))
    body.append(_section("Held by", _table(_held(report))))
    body.append(_section("Bars", _table(tables.bars(report))))
    body.append(_section("Trades", _trades(trades)))
    title = escape(report.title)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_SAFE}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main>{''.join(body)}</main>{_carried(report)}</body></html>\n"
    )


def from_html(text: str) -> Report:
    """The report that a file carries; ConfigurationError where it carries none."""
    found = _CARRIED.search(text)
    if found is None:
        raise ConfigurationError("this file carries no report of AAITI; name one that --report wrote")
    return Report.parse(json.loads(found[1]))


def _carried(report: Report) -> str:
    text = json.dumps(report.to_json(), allow_nan=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="report">{text}</script>'


def _head(report: Report) -> str:
    words = (
        f"{report.source or 'bars'}, {report.start[:16].replace('T', ' ')} to {report.end[:16].replace('T', ' ')} UTC, "
        f"cash {report.cash}, costs {report.cost_bps:g} bp a side, ends at {report.final_equity}"
    )
    asked = (("IN SAMPLE", report.in_sample), ("SIMULATED", report.source == "SIMULATED"))
    labels = [text for text, yes in asked if yes]
    shown = "".join(f"<b class=label>{label}</b>" for label in labels)
    return f"<h1>{escape(report.title)}{shown}</h1><p class=calm>{escape(words)}</p>"


def _notes(report: Report) -> str:
    notes = list(report.notes)
    if report.in_sample:
        notes.insert(0, "the model learned from these bars: this says how well it remembers, not how well it predicts")
    return "".join(f"<p class=note>{escape(note[0].upper() + note[1:])}.</p>" for note in notes)


def _curves(report: Report, beside: Report | None) -> str:
    lines = [*reversed(report.rivals), report.own]
    equity = [_curve(line, line.equity, report) for line in lines]
    falls = [_curve(line, [-fall for fall in line.drawdown], report) for line in lines]
    parts = [_section("Equity", legend(equity), picture(equity, report.at, height=320))]
    parts.append(_section("Drawdown", picture(falls, report.at, height=170, percent=True)))
    if beside is not None:
        both = [
            Curve(name=beside.title, kind="c1", values=_grown(beside)),
            Curve(name="this run", kind="c0", values=_grown(report)),
        ]
        parts.append(_section(
            "Beside the other run, both from 1, each over its own bars", legend(both),
            picture(both, report.at, height=240),
        ))  # fmt: skip
    return "".join(parts)


def _curve(line: Line, values: Sequence[float], report: Report) -> Curve:
    kind = "c0" if line is report.own else f"c{1 + report.rivals.index(line)}"
    return Curve(name=line.name, kind=kind, values=values)


def _grown(report: Report) -> list[float]:
    first = report.own.equity[0] or 1.0
    return [value / first for value in report.own.equity]


def _held(report: Report) -> Table:
    return Table(columns=("gate", "bars"), rows=tuple((gate, f"{n:,}") for gate, n in report.held_by))


def _trades(trades: Sequence[Mapping[str, object]]) -> str:
    rows = [tuple(str(trade[name]) for name in tables.TRADE_COLUMNS) for trade in trades[:MOST_TRADES]]
    names = tuple(name.replace("_", " ") for name in tables.TRADE_COLUMNS)
    more = f"<p>The first {MOST_TRADES:,} of {len(trades):,}; the CSV has all.</p>" if len(trades) > len(rows) else ""
    return more + _table(Table(columns=names, rows=tuple(rows)))


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def _table(table: Table, *, tint: bool = False) -> str:
    """Cells; gains and losses are told apart by colour as well as by sign where `tint` asks for it."""
    if not table.rows:
        return "<p class=calm>None.</p>"
    head = "".join(f"<th>{escape(name)}</th>" for name in table.columns)
    rows = "".join(f"<tr>{''.join(_cell(text, tint=tint) for text in row)}</tr>" for row in table.rows)
    return f"<div class=wide><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"


def _cell(text: str, *, tint: bool) -> str:
    side = {"+": " class=gain", "−": " class=loss"}.get(text[:1], "") if tint else ""
    return f"<td{side}>{escape(text)}</td>"
