"""The form that trains a model: a name is enough, everything else has a sensible default."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

import streamlit as st

from engine.domain.account import Source
from engine.domain.command import CommandKind
from engine.domain.interval import Interval, iso
from engine.domain.target import Target, barrier_of, target
from engine.learning.members.roster import RECIPES
from engine.ports import Coverage
from engine.queries.market import FETCHED, best_choice, default_horizon, symbols
from engine.queries.words import ABSENT, count
from pages.parts.ask import form_button
from pages.parts.wiring import console

Fields = dict[str, object]
_NAMES = {Target.DIRECTION: "Direction", Target.BARRIER: "A buy that pays"}
_ASKED = {
    Target.DIRECTION: "whether price rises over {}",
    Target.BARRIER: "whether a buy pays within {}, net of costs, before its stop",
}
_GECKO = (
    " CoinGecko averages over venues and tells hours of the last 90 days as price points: ranges are too small, volume "
    "is absent. Enough to learn directions from; nothing is traded on it."
)


def train_form(source: str, *, key: str) -> None:
    """Ask for a name; instrument, interval, horizon and dates wait behind "More"."""
    rows = sorted(console().bars.coverage(source), key=lambda row: (row.symbol, row.interval.ms))
    if not rows and source not in FETCHED:
        st.info(f"No {source} bars are stored: import some on the Market page.", icon=":material/inbox:")
        return
    name_column, button_column = st.columns([4, 1], vertical_alignment="bottom")
    name = name_column.text_input(
        "Name of the model", key=f"{key}_name", placeholder="for example: first light", max_chars=60
    )
    with st.expander(
        "More: instrument, interval, horizon, dates, target", icon=":material/tune:", key=f"{key}_more",
        on_change="rerun",
    ):
        payload = {"source": source, **(_of_stored(rows, key) if rows else _to_fetch(source, key))}
        chosen = _target(key, source, target_of_name(name))
        payload |= {"target": chosen.value, "members": _members(key)}
    with button_column:
        form_button(
            "Train", CommandKind.TRAIN, {**payload, "name": name.strip() or default_name()}, key=f"{key}_train",
            type="primary", icon=":material/model_training:", width="stretch",
        )  # fmt: skip
    dates = [str(payload[name])[:10] if payload[name] else ABSENT for name in ("start", "end")]
    span = f" of {dates[0]} to {dates[1]}" if dates != [ABSENT, ABSENT] else ""
    asked = _ASKED[chosen].format(count(int(str(payload["horizon"])), "bar"))
    st.caption(
        f"Learns {payload['symbol']} {payload['interval']} from {source} bars{span}"
        + ("" if rows else ", which it fetches first,")
        + f" and predicts {asked}. Without a name it gets the next number."
        + (_GECKO if source == Source.COINGECKO else "")
    )


def _target(key: str, source: str, known: Target | None) -> Target:
    """What the model is asked: as its versions are (`known`), or as is chosen for a new one."""
    if known is not None:
        st.caption(f"Target: {_NAMES[known].lower()}, as the versions of that name have it.")
        return known
    offered = [Target.DIRECTION] if source == Source.COINGECKO else list(Target)
    return st.segmented_control(
        "Target", offered, default=Target.DIRECTION, required=True, key=f"{key}_target_{source}",
        format_func=lambda one: _NAMES[one],
        help="Direction: price rises over the horizon. A buy that pays: it reaches its target before its stop, or ends "
        "the horizon ahead, net of costs; both stand 1.5 deviations of the horizon's move away (triple barrier), and a "
        "second model learns when to believe the vote. All versions of a name have one target.",
    )  # fmt: skip


def _members(key: str) -> list[str]:
    """Which members vote; none chosen means the champion's recipe, or all for a new model."""
    return st.multiselect(
        "Members", list(RECIPES), key=f"{key}_members", placeholder="the champion's; all five for a new model",
        help="Another choice for a name that exists makes a challenger: it runs in shadow and takes over on evidence "
        "alone.",
    )  # fmt: skip


def target_of_name(name: str) -> Target | None:
    """What the versions of the model of that name predict; None where there are none."""
    known = next((m for m in console().models.models() if m.name == name.strip()), None)
    if known is None or not console().models.versions(known.model_id):
        return None
    return target(barrier_of(console().models.version(known.model_id).parameters))


def default_name() -> str:
    """A name for whoever typed none: the first free one."""
    taken = {model.name for model in console().models.models()}
    return next(name for n in range(1, len(taken) + 2) if (name := f"model {n}") not in taken)


def _of_stored(rows: Sequence[Coverage], key: str) -> Fields:
    """Choose among stored series; the dates narrow what is learned from."""
    labels = {f"{row.symbol} · {row.interval.value} · {count(row.n_bars, 'bar')}": row for row in rows}
    best = best_choice(rows)
    usual = next(i for i, row in enumerate(labels.values()) if row is best)
    row = labels[st.selectbox("Bars", list(labels), index=usual, key=f"{key}_bars")]
    series = f"{key}_{row.symbol}_{row.interval.value}"
    left, right = st.columns(2)
    first, last = row.first_open_at.date(), row.last_open_at.date()
    after = date.fromordinal(last.toordinal() + 1)
    start = left.date_input("From (UTC)", None, min_value=first, max_value=last, key=f"{series}_from",
                            help="Empty: as much of the newest as is usual.")  # fmt: skip
    end = right.date_input("To (UTC), not included", None, min_value=first, max_value=after, key=f"{series}_to",
                           help="Empty: up to now.")  # fmt: skip
    dates = {"start": utc_midnight(start) if start else None, "end": utc_midnight(end) if end else None}
    return {"symbol": row.symbol, "interval": row.interval.value, **_numbers(key, row.interval), **dates}


def _to_fetch(source: str, key: str) -> Fields:
    """Nothing is stored yet: any instrument of the source will do."""
    offered = symbols(console(), source) or ["BTCUSD" if source == Source.COINGECKO else "BTCUSDT"]
    left, right = st.columns(2)
    usual = offered.index("BTCUSDT") if "BTCUSDT" in offered else 0
    symbol = left.selectbox("Instrument", offered, index=usual, key=f"{key}_symbol", accept_new_options=True)
    choices = list(Interval)
    interval = (
        right.selectbox("Interval", choices, index=choices.index(Interval.H1), key=f"{key}_interval") or Interval.H1
    )
    return {"symbol": symbol, "interval": interval.value, **_numbers(key, interval), "start": None, "end": None}


def _numbers(key: str, interval: Interval) -> Fields:
    left, right = st.columns(2)
    horizon = left.number_input(
        "Horizon (bars)", 1, 1000, default_horizon(interval), key=f"{key}_horizon_{interval.value}",
        help="How far ahead it predicts. A day is the shortest that can pay its costs; shorter ones are information.",
    )  # fmt: skip
    seed = right.number_input(
        "Seed", 0, 2**31 - 1, 1, key=f"{key}_seed", help="Same data and same seed give the same model."
    )
    paths = st.checkbox(
        "Cross-validate in all combinations", key=f"{key}_paths",
        help="Five ways through the same bars, each call by members that saw neither it nor its neighbours: how much "
        "of the score hangs on the order of the bars. Takes three times as long.",
    )  # fmt: skip
    return {"horizon": int(horizon), "seed": int(seed), "paths": paths}


def utc_midnight(day: date) -> str:
    """The first moment of a UTC day, as commands write it."""
    return iso(datetime.combine(day, time(), UTC))
