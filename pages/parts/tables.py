"""Tables: sortable on screen, exact in their download."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from engine.queries.words import ABSENT
from pages.parts.zone import zone

Row = Mapping[str, object]


def table(rows: Sequence[Row], *, key: str, empty: str, formats: Mapping[str, str] | None = None) -> None:
    """Draw rows with a CSV download; without rows, say what to do next. `formats` are printf-like, by column."""
    if not rows:
        st.caption(empty)
        return
    where = zone()
    shown = pd.DataFrame([{name: _shown(value) for name, value in row.items()} for row in rows])
    config: dict[str, Any] = {
        name: st.column_config.NumberColumn(format=text) for name, text in (formats or {}).items()
    }
    for name in shown.columns:
        if isinstance(shown[name].dtype, pd.DatetimeTZDtype):
            shown[name] = shown[name].dt.tz_convert(where).dt.tz_localize(None)
            label = f"{name} ({datetime.now(where):%Z})"
            config[name] = st.column_config.DatetimeColumn(label, format="YYYY-MM-DD HH:mm")
    st.dataframe(shown, hide_index=True, key=f"{key}_table", column_config=config, placeholder=ABSENT)
    download(rows, key=key)


def download(rows: Sequence[Row], *, key: str, label: str = "CSV") -> None:
    """A button that saves the rows with every digit, times in UTC."""
    text = pd.DataFrame([{name: _exact(value) for name, value in row.items()} for row in rows]).to_csv(index=False)
    st.download_button(
        label, text, file_name=f"aaiti-{key.replace('_', '-')}.csv", mime="text/csv", key=f"{key}_csv", type="tertiary",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _shown(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value


def _exact(value: object) -> object:
    return (
        format(value, "f")
        if isinstance(value, Decimal)
        else value.isoformat()
        if isinstance(value, datetime)
        else value
    )
