"""The form that trains a model: a name is enough, everything else has a sensible default."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

import streamlit as st

from engine.domain.command import CommandKind
from engine.domain.interval import iso
from engine.ports import Coverage
from engine.queries.market import best_choice, default_horizon
from engine.queries.words import count
from pages.parts.ask import draw, send
from pages.parts.wiring import console


def train_form(source: str, *, key: str) -> None:
    """Ask for a name; instrument, interval, horizon and dates wait behind "More"."""
    rows = sorted(console().bars.coverage(source), key=lambda row: (row.symbol, row.interval.ms))
    best = best_choice(rows)
    if best is None:
        st.info(
            f"No {source} bars are stored yet. The engine fetches them in a moment, or import some on the Market page."
        )
        return
    name_column, button_column = st.columns([4, 1], vertical_alignment="bottom")
    name = name_column.text_input(
        "Name of the model", key=f"{key}_name", placeholder="for example: first light", max_chars=60
    )
    with st.expander("More: instrument, interval, horizon, dates", icon=":material/tune:"):
        payload = _details(source, rows, best, key)
    draw(f"{key}_train")
    button_column.button(
        "Train", key=f"{key}_train", type="primary", icon=":material/model_training:", width="stretch",
        on_click=_train, args=(key, payload),
    )  # fmt: skip
    symbol, interval, horizon = payload["symbol"], payload["interval"], payload["horizon"]
    st.caption(f"Learns {symbol} {interval} from {source} bars and predicts {horizon} bars ahead."
               + ("" if name else " Type a name, then Train."))  # fmt: skip


def _train(key: str, payload: dict[str, object]) -> None:
    name = str(st.session_state.get(f"{key}_name", "")).strip()
    send(f"{key}_train", CommandKind.TRAIN, {**payload, "name": name or default_name()})


def default_name() -> str:
    """A name for whoever typed none: the first free one."""
    taken = {model.name for model in console().models.models()}
    return next(name for n in range(1, len(taken) + 2) if (name := f"model {n}") not in taken)


def _details(source: str, rows: Sequence[Coverage], best: Coverage, key: str) -> dict[str, object]:
    labels = {f"{row.symbol} · {row.interval.value} · {count(row.n_bars, 'bar')}": row for row in rows}
    chosen = st.selectbox("Bars", list(labels), index=list(labels.values()).index(best), key=f"{key}_bars")
    row = labels[chosen]
    left, middle, right = st.columns(3)
    horizon = left.number_input(
        "Horizon (bars)", 1, 1000, default_horizon(row.interval), key=f"{key}_horizon_{row.interval.value}",
        help="How far ahead it predicts. A day is the shortest that can pay its costs; shorter ones are information.",
    )  # fmt: skip
    first, last = row.first_open_at.date(), row.last_open_at.date()
    start = middle.date_input("From (UTC)", first, min_value=first, max_value=last, key=f"{key}_from_{chosen}")
    end = right.date_input(
        "To (UTC)", None, min_value=first, max_value=last, key=f"{key}_to_{chosen}", help="Empty: all there is."
    )
    seed = st.number_input(
        "Seed", 0, 2**31 - 1, 1, key=f"{key}_seed", help="Same data and same seed give the same model."
    )
    return {
        "source": source,
        "symbol": row.symbol,
        "interval": row.interval.value,
        "horizon": int(horizon),
        "seed": int(seed),
        "start": utc_midnight(start) if isinstance(start, date) and start > first else None,
        "end": utc_midnight(end) if isinstance(end, date) else None,
    }


def utc_midnight(day: date) -> str:
    """The first moment of a UTC day, as commands write it."""
    return iso(datetime.combine(day, time(), UTC))
