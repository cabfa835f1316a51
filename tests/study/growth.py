"""`python -m tests.study.growth [--write]`: how a backtest's time grows with bars and with instruments.

A seeded walk of minutes, one rule, all gates on. Prints CPU seconds and the slope of their logarithms (1 is linear);
exit code 1 where one is steeper than 1.1. With --write the points become docs/growth.svg.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from array import array
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np

from engine.backtest.plan import BacktestPlan, BacktestSleeve
from engine.backtest.run import backtest
from engine.domain.bar import BarSeries
from engine.domain.interval import Interval
from engine.risk.limits import RiskLimits
from engine.strategy.ruled import RuleStrategy
from tests.builders import instrument

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "growth.svg"
BARS = (10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)
INSTRUMENTS = (1, 2, 5, 10, 20, 50, 100, 200)
EACH = 10_000
STEEPEST = 1.1
Point = tuple[int, float]


def walk(n: int, number: int = 0) -> BarSeries:
    """A seeded walk of minute bars, on a grid of 0.01."""
    rng = np.random.default_rng([11, number])
    close = np.exp(np.cumsum(rng.normal(0, 0.0005, n)) * 0.7) * 1_000
    opened = np.concatenate(([1_000.0], close[:-1]))
    high, low = np.maximum(opened, close) * 1.0004, np.minimum(opened, close) * 0.9996
    prices = [np.maximum(1, np.rint(column * 100)) / 100 for column in (opened, high, low, close)]
    columns = [array("d", column.tobytes()) for column in prices]
    opens = array("q", (np.arange(n, dtype=np.int64) * 60_000 + 946_684_800_000).tobytes())
    return BarSeries(
        symbol=f"W{number:03d}USDT", interval=Interval.M1, open_ms=opens, open=columns[0], high=columns[1],
        low=columns[2], close=columns[3], volume=array("d", np.ones(n).tobytes()),
    )  # fmt: skip


def seconds(series: Sequence[BarSeries], calls: int = 3) -> float:
    """The least CPU seconds of a few whole backtests."""
    plan = BacktestPlan(
        sleeves=[BacktestSleeve(sleeve_id=s.symbol, instrument=instrument(s.symbol), series=s) for s in series],
        strategy=RuleStrategy.of("sma_cross"), cash=Decimal(1_000_000),
        limits=RiskLimits(max_drawdown=Decimal(1), max_daily_loss=Decimal(1), max_positions=500),
    )  # fmt: skip
    times = []
    for _ in range(calls):
        begin = time.process_time()
        backtest(plan)
        times.append(time.process_time() - begin)
    return min(times)


def slope(points: Sequence[Point]) -> float:
    """Of log seconds on log size, by least squares, over the upper half of the sizes: what a call costs besides is
    gone there."""
    upper = points[len(points) // 2 - 1 :]
    x, y = np.log([n for n, _ in upper]), np.log([s for _, s in upper])
    return float(np.polyfit(x, y, 1)[0])


def main() -> int:
    """Measure both, print both, and draw them where asked."""
    parser = argparse.ArgumentParser(prog="python -m tests.study.growth")
    parser.add_argument("--write", action="store_true", help="draw docs/growth.svg")
    parser.add_argument("--most", type=int, default=BARS[-1], help="leave out series longer than this")
    options = parser.parse_args()
    seconds([walk(1_000)])  # compiles
    bars = [(n, seconds([walk(n)])) for n in BARS if n <= options.most]
    many = [walk(EACH, number) for number in range(INSTRUMENTS[-1])]
    wide = [(n, seconds(many[:n])) for n in INSTRUMENTS]
    for name, points in (("bars", bars), (f"instruments of {EACH:,} bars", wide)):
        print(f"{name:>26}{'ms CPU':>12}{'ns a bar':>10}")
        for n, taken in points:
            each = 1 if name == "bars" else EACH
            print(f"{n:>26,}{1000 * taken:>12,.2f}{1e9 * taken / n / each:>10.1f}")
        print(f"{'slope':>26}{slope(points):>12.3f}")
    if options.write:
        PICTURE.write_text(picture(bars, wide), encoding="utf-8")
    return int(max(slope(bars), slope(wide)) > STEEPEST)


def picture(bars: Sequence[Point], wide: Sequence[Point]) -> str:
    """Both as one SVG, on scales of powers of ten."""
    panels = _panel(bars, 60, f"bars, one instrument: slope {slope(bars):.2f}")
    panels += _panel(wide, 480, f"instruments of {EACH:,} bars: slope {slope(wide):.2f}")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 840 330" font-family="sans-serif" font-size="12">'
        f'<rect width="840" height="330" fill="#ffffff"/>{"".join(panels)}</svg>\n'
    )


def _panel(points: Sequence[Point], left: float, title: str) -> list[str]:
    x_low, x_high = math.floor(math.log10(points[0][0])), math.ceil(math.log10(points[-1][0]))
    ys = [math.log10(taken) for _, taken in points]
    y_low, y_high = math.floor(min(ys)), math.ceil(max(ys))

    def place(n: float, taken: float) -> tuple[float, float]:
        across, up = (math.log10(n) - x_low) / (x_high - x_low), (math.log10(taken) - y_low) / (y_high - y_low)
        return left + 330 * across, 280 - 230 * up

    drawn = [f'<text x="{left}" y="28" font-weight="bold">{title}</text>']
    for power in range(x_low, x_high + 1):
        x, _ = place(10.0**power, 10.0**y_low)
        drawn.append(f'<path d="M{x:.1f} 50V280" stroke="#e3e6e8"/><text x="{x:.1f}" y="298" text-anchor="middle">'
                     f'{10**power:,}</text>')  # fmt: skip
    for power in range(y_low, y_high + 1):
        _, y = place(10.0**x_low, 10.0**power)
        drawn.append(f'<path d="M{left} {y:.1f}h330" stroke="#e3e6e8"/><text x="{left - 6}" y="{y + 4:.1f}" '
                     f'text-anchor="end">{_time(power)}</text>')  # fmt: skip
    dots = [place(n, taken) for n, taken in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
    drawn.append(f'<polyline points="{line}" fill="none" stroke="#2f6f9f" stroke-width="2"/>')
    drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="#2f6f9f"/>' for x, y in dots]
    return drawn


def _time(power: int) -> str:
    """10 to a power of seconds, in words.

    >>> _time(-4), _time(-3), _time(0)
    ('0.1 ms', '1 ms', '1 s')
    """
    return f"{10.0**power:g} s" if power >= 0 else f"{10.0 ** (power + 3):g} ms"


if __name__ == "__main__":
    sys.exit(main())
