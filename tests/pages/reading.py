"""Read a page as an operator would: all its words, its figures, its errors."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def words(at: AppTest) -> str:
    """Every text on the page."""
    kinds = ("markdown", "caption", "title", "header", "subheader", "error", "warning", "info", "success", "toast")
    parts = [str(element.value) for kind in kinds for element in getattr(at, kind)]
    tables = [table.value.to_string() for table in (*at.dataframe, *at.table)]
    return "\n".join([*parts, *tables, *(f"{m.label}: {m.value}" for m in at.metric)])


def figure(at: AppTest, label: str) -> str:
    """The value of the first metric with that label."""
    return next(str(metric.value) for metric in at.metric if metric.label.startswith(label))


def assert_calm(at: AppTest) -> None:
    """No traceback, and nothing that the page guard had to catch."""
    assert not at.exception, [e.value for e in at.exception]
    assert " failed**" not in words(at)
