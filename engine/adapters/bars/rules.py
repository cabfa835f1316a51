"""Instruments' rules beside the bars: one JSON file a source, amounts as exact text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from engine.adapters.bars.files import write_whole
from engine.domain.errors import MarketDataError
from engine.domain.instrument import Instrument
from engine.domain.money import exact

RULES = "rules.json"


def read_rules(folder: Path) -> dict[str, Instrument]:
    """Instruments of a source by symbol; empty where none are stored."""
    path = folder / RULES
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return {row["symbol"]: _instrument(row) for row in rows}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, KeyError) as error:
        raise MarketDataError(f"{path}: damaged ({error}); delete it and sync or import again") from None


def write_rules(folder: Path, instruments: Iterable[Instrument]) -> None:
    """Replace the file in one step."""
    rows = [_row(one) for one in sorted(instruments, key=lambda one: one.symbol)]
    write_whole(folder / RULES, lambda draft: draft.write_text(json.dumps(rows, indent=1), encoding="utf-8"))


def _row(one: Instrument) -> dict[str, object]:
    return {
        "symbol": one.symbol, "base": one.base, "quote": one.quote, "tick_size": str(one.tick_size),
        "lot_step": str(one.lot_step), "min_notional": str(one.min_notional), "trading": one.trading,
    }  # fmt: skip


def _instrument(row: dict[str, object]) -> Instrument:
    return Instrument(
        symbol=str(row["symbol"]), base=str(row["base"]), quote=str(row["quote"]),
        tick_size=exact(str(row["tick_size"])), lot_step=exact(str(row["lot_step"])),
        min_notional=exact(str(row["min_notional"])), trading=bool(row["trading"]),
    )  # fmt: skip
