"""`backtest --report FILE --trades FILE --beside FILE`: what a run writes beside its JSON."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.backtest.report.html import from_html, to_html
from engine.backtest.report.report import Report
from engine.backtest.report.tables import trades_csv
from engine.domain.errors import ConfigurationError

_FOR_SCREENS = frozenset({"trade_list", "report"})
Trades = Sequence[Mapping[str, object]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("--report", type=Path, metavar="FILE", help="write everything that is known as one HTML file")
    parser.add_argument("--beside", type=Path, metavar="FILE", help="an earlier report to stand beside this one")
    parser.add_argument("--trades", type=Path, metavar="FILE", help="write the trades as CSV")


def write(options: argparse.Namespace, outcome: Mapping[str, object]) -> dict[str, object]:
    """Write the files that were asked for; the command's JSON names them after its own keys."""
    told = {name: value for name, value in outcome.items() if name not in _FOR_SCREENS}
    trades = _trades(outcome)
    if options.trades is not None:
        told |= write_trades(options, trades)
    if options.report is not None:
        found = outcome["report"]
        report = Report.parse(found if isinstance(found, Mapping) else {})
        told |= _write_report(options, report, trades)
    return told


def write_trades(options: argparse.Namespace, trades: Trades) -> dict[str, object]:
    """Write the CSV; says where."""
    _write(options.trades, trades_csv(trades))
    return {"trades_csv": str(options.trades)}


def _write_report(options: argparse.Namespace, report: Report, trades: Trades) -> dict[str, object]:
    beside = None if options.beside is None else from_html(_read(options.beside))
    _write(options.report, to_html(report, trades, beside))
    h = report.honesty
    return {
        "report": str(options.report), "trials": h.trials, "deflated_sharpe": h.deflated,
        "bootstrap_sharpe": [h.low, h.high], "track_days": h.days, "track_days_needed": h.days_needed,
    }  # fmt: skip


def _trades(outcome: Mapping[str, object]) -> Trades:
    found = outcome["trade_list"]
    return found if isinstance(found, list) else []


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"--beside {path}: {error}; name a file that --report wrote") from None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}; name a file in a folder that exists") from None
