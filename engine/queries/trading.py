"""Auto-trading on one screen: its sleeves, what each gate held, and what the nearest call lacked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.domain.decision import MISSED
from engine.domain.errors import ModelNotFound
from engine.domain.model import Model
from engine.domain.position import Position
from engine.domain.signal import Signal
from engine.domain.sleeve import MANUAL, Sleeve
from engine.queries.console import Console
from engine.queries.nearest import nearest_call

RECENT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class SleeveRow:
    """One sleeve with its position, the newest bar it dealt with, and its counts."""

    sleeve: Sleeve
    name: str
    position: Position | None
    last_bar_close_at: datetime | None
    n_decisions: int
    n_entries: int
    n_missed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCount:
    """How many bars a gate held, of all bars decided."""

    gate: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """What stood between calls and trades; `nearest`: the call that lacked least (`symbol bar_close_at lacked`)."""

    n_bars: int
    n_trading: int
    held: Sequence[HeldCount]
    nearest: Mapping[str, object] | None


def read_sleeves(console: Console, account_id: str) -> Sequence[SleeveRow]:
    """All sleeves of the account that a model or a rule drives, newest first."""
    cursors = console.ledger.cursors(account_id)
    positions = {p.sleeve_id: p for p in console.ledger.positions(account_id)}
    counts = console.reads.decision_counts(account_id)
    names = strategy_names(console)
    rows = []
    for sleeve in reversed(console.ledger.sleeves(account_id)):
        mine = [c for c in counts if c.sleeve_id == sleeve.sleeve_id]
        if sleeve.strategy == MANUAL:
            continue
        rows.append(
            SleeveRow(
                sleeve=sleeve, name=strategy_name(sleeve.strategy, names), position=positions.get(sleeve.sleeve_id),
                last_bar_close_at=cursors.get(sleeve.sleeve_id), n_decisions=sum(c.n for c in mine),
                n_entries=sum(c.n for c in mine if c.action == Signal.BUY),
                n_missed=sum(c.n for c in mine if c.held_by == MISSED),
            )
        )  # fmt: skip
    return rows


def strategy_names(console: Console) -> Mapping[str, Model]:
    """Models by id."""
    return {model.model_id: model for model in console.models.models()}


def strategy_name(strategy: str, models: Mapping[str, Model]) -> str:
    """A sleeve's strategy as a person would name it.

    >>> strategy_name("rule:sma_cross:fast=20,slow=50", {}), strategy_name("manual", {})
    ('rule sma_cross (fast=20,slow=50)', 'by hand')
    """
    kind, _, rest = strategy.partition(":")
    if kind == "model":
        model_id, _, version = rest.rpartition(".")
        return f"{models[model_id].name} v{version}" if model_id in models else f"model {rest}"
    if kind == "rule":
        name, _, options = rest.partition(":")
        return f"rule {name}" + (f" ({options})" if options else "")
    return "by hand" if strategy == MANUAL else strategy


def read_gates(console: Console, account_id: str, sleeve_id: str | None = None) -> Gates:
    """Count what each gate held, and look among the newest decisions for the one that came nearest to a trade."""
    counts = [c for c in console.reads.decision_counts(account_id) if sleeve_id in (None, c.sleeve_id)]
    held: dict[str, int] = {}
    for c in counts:
        if c.held_by is not None:
            held[c.held_by] = held.get(c.held_by, 0) + c.n
    recent = console.reads.recent_decisions(account_id, sleeve_id=sleeve_id, limit=RECENT)
    return Gates(
        n_bars=sum(c.n for c in counts), n_trading=sum(c.n for c in counts if c.held_by is None and c.action != "HOLD"),
        held=[HeldCount(gate=gate, n=n) for gate, n in sorted(held.items(), key=lambda item: (-item[1], item[0]))],
        nearest=nearest_call(recent),
    )  # fmt: skip


def model_of(console: Console, strategy: str) -> str | None:
    """The version id that a sleeve trades with; None for rules, and for models that are gone."""
    kind, _, version_id = strategy.partition(":")
    if kind != "model":
        return None
    try:
        return console.models.version(version_id).version_id
    except ModelNotFound:
        return None
