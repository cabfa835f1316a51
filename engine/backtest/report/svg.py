"""Curves as SVG text: drawn here, because a file that opens without a network can load no chart library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 1000, 8, 74, 8, 22
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line: `kind` is its class in the style sheet, c0 to c7; all curves of a picture share their moments."""

    name: str
    kind: str
    values: Sequence[float]


def picture(curves: Sequence[Curve], at: Sequence[str], *, height: int, percent: bool = False) -> str:
    """The curves over their moments (ISO), with a grid; the last curve is drawn on top."""
    low = min(min(c.values) for c in curves)
    high = max(max(c.values) for c in curves)
    spread = (high - low) or abs(high) or 1.0
    low, high = low - 0.03 * spread, high + 0.03 * spread
    lines = "".join(_line(curve, low, high, height) for curve in curves)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" preserveAspectRatio="none">'
        f"{_grid(low, high, height, percent=percent)}{_dates(at, height)}{lines}</svg>"
    )


def legend(curves: Sequence[Curve]) -> str:
    """Names beside their colours, the topmost first."""
    names = "".join(f'<span><i class="{c.kind}"></i>{escape(c.name)}</span>' for c in reversed(curves))
    return f'<p class="legend">{names}</p>'


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers within low and high.

    >>> ticks(0.0, 10.0)
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    """
    raw = (high - low) / about
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * s for s in _STEPS if size * s >= raw * 0.999)
    first = math.ceil(low / step)
    return [round(k * step, 12) for k in range(first, math.floor(high / step + 1e-9) + 1)]


def _line(curve: Curve, low: float, high: float, height: int) -> str:
    n = len(curve.values)
    points = " ".join(
        f"{_x(i, n):.1f},{_y(value, low, high, height):.1f}" for i, value in enumerate(curve.values)
    )  # fmt: skip
    return f'<polyline class="{curve.kind}" points="{points}"><title>{escape(curve.name)}</title></polyline>'


def _grid(low: float, high: float, height: int, *, percent: bool) -> str:
    rows = []
    for value in ticks(low, high):
        y = _y(value, low, high, height)
        words = f"{100 * value:,.4g} %" if percent else f"{value:,.6g}"
        rows.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{WIDTH - RIGHT + 6}" y="{y + 3.5:.1f}">{words}</text>'
        )
    return "".join(rows)


def _dates(at: Sequence[str], height: int) -> str:
    n = len(at)
    places = sorted({round(k * (n - 1) / 6) for k in range(7)})
    return "".join(
        f'<text class="date" x="{_x(i, n):.1f}" y="{height - 6}">{escape(at[i][:10])}</text>' for i in places[:-1]
    )


def _x(i: int, n: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (i / max(1, n - 1))


def _y(value: float, low: float, high: float, height: int) -> float:
    return TOP + (height - TOP - BOTTOM) * (high - value) / (high - low)
