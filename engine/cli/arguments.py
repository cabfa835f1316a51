"""Arguments that several commands share, read into typed options."""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from engine.commands.fields import handy
from engine.commands.run_options import RunOptions
from engine.domain.account import Source
from engine.domain.errors import ConfigurationError
from engine.domain.interval import Interval, parse_time
from engine.domain.money import exact

SOURCES = tuple(source.value for source in Source)


def moment(text: str) -> datetime:
    """An ISO 8601 time for argparse."""
    try:
        return parse_time(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def number(text: str) -> Decimal:
    """An exact number for argparse."""
    try:
        return handy(exact(text))
    except ConfigurationError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def speed(text: str) -> float | None:
    """A replay's speed for argparse: `max` (None), or market seconds per second."""
    if text == "max":
        return None
    value = number(text)
    if not 0 < value <= 10_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} must be max, 1, 60 or another number above zero")
    return float(value)


def interval(text: str) -> Interval:
    """A bar length for argparse."""
    try:
        return Interval(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(Interval)}") from None


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """SAME: what `trade` and `backtest` share, word for word."""
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--model", metavar="ID", help="a model's id or name, or a version's id")
    who.add_argument("--rule", metavar="NAME:k=v,...", help="buy_hold, sma_cross, rsi_reversion, random_entry")
    parser.add_argument("--instrument", metavar="A[,B,C]", help="e.g. BTCUSDT,ETHUSDT")
    parser.add_argument("--interval", type=interval, help="e.g. 1h")
    parser.add_argument("--source", choices=SOURCES, help="whose bars (default: who has most of the range)")
    parser.add_argument("--stop-loss", type=number, metavar="R", help="ratio below the entry, e.g. 0.03")
    parser.add_argument("--take-profit", type=number, metavar="R", help="ratio above the entry, e.g. 0.06")
    parser.add_argument("--fee-bps", type=number, metavar="N", help="fee per side")
    parser.add_argument("--slippage-bps", type=number, metavar="N", help="slippage per side, half the spread included")
    parser.add_argument("--impact", type=number, metavar="N", help="coefficient of an order's own square-root impact")
    parser.add_argument("--cash", type=number, default=Decimal(10_000), metavar="N")
    parser.add_argument("--stake", type=number, metavar="N", help="a fixed notional per trade in place of risk sizing")
    parser.add_argument("--limits", type=Path, metavar="FILE", help="JSON or TOML with risk limits")
    parser.add_argument("--in-sample", action="store_true", help="allow bars that the model was trained on")


def run_options(
    options: argparse.Namespace, start: datetime | None, end: datetime | None, source: str | None = None
) -> RunOptions:
    """Read SAME; ConfigurationError where something needed is missing."""
    if not (options.model or options.rule):
        raise ConfigurationError("--model or --rule is missing; say what trades")
    if not options.instrument or options.interval is None:
        raise ConfigurationError("--instrument and --interval are missing; e.g. --instrument BTCUSDT --interval 1h")
    return RunOptions(
        strategy=f"model:{options.model}" if options.model else f"rule:{options.rule}",
        symbols=tuple(dict.fromkeys(s for s in options.instrument.split(",") if s)),
        interval=options.interval, source=source or options.source or "", start=start, end=end,
        stop_loss=options.stop_loss, take_profit=options.take_profit, fee_bps=options.fee_bps,
        slippage_bps=options.slippage_bps, cash=options.cash, stake=options.stake,
        limits=read_limits(options.limits), in_sample=options.in_sample, impact=options.impact,
    )  # fmt: skip


def read_limits(path: Path | None) -> Mapping[str, object]:
    """Read a limits file; ConfigurationError says what is wrong with it."""
    if path is None:
        return {}
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except OSError as error:
        raise ConfigurationError(f"--limits {path}: {error.strerror}; name a readable file") from None
    except (ValueError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"--limits {path}: {error}; write JSON like {{\"min_confidence\": \"0.5\"}}") from None
    if not isinstance(values, dict):
        raise ConfigurationError(f"--limits {path}: holds {type(values).__name__}, not a table of names and values")
    return values


def span(text: str) -> tuple[datetime, datetime]:
    """FROM..TO for argparse."""
    start, dots, end = text.partition("..")
    if not dots:
        raise argparse.ArgumentTypeError(f"{text!r} is not FROM..TO, e.g. 2025-04-01..2025-06-30")
    return moment(start), moment(end)
