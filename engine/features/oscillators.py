"""Oscillators: gauges of how stretched price is within its recent range."""

from __future__ import annotations

from engine.features.feature import Feature, Floats
from engine.features.gauges import CCI_20, RSI_7, RSI_14, RSI_28
from engine.features.scans import SLOW_K
from engine.features.words import gauge
from engine.kernel.compiled import borrowing


@borrowing
def row(now: Floats, out: Floats) -> None:
    """Wilder's RSI of three lengths, slow stochastic %K (14, 3), commodity channel index."""
    out[0], out[1], out[2] = now[RSI_7], now[RSI_14], now[RSI_28]
    out[3] = now[SLOW_K]
    out[4] = now[CCI_20]


_ENDS = {"under": "oversold", "over": "overbought"}

FEATURES = (
    *(
        Feature(
            name=f"rsi_{n}",
            family="oscillators",
            meaning=f"relative strength index over {n} bars, 0 to 100",
            words=gauge("RSI" if n == 14 else f"RSI({n})", 30, 70, **_ENDS),
        )
        for n in (7, 14, 28)
    ),
    Feature(
        name="stochastic_14",
        family="oscillators",
        meaning="slow stochastic %K (14, 3), 0 to 100",
        words=gauge("stochastic", 20, 80, **_ENDS),
    ),
    Feature(
        name="cci_20",
        family="oscillators",
        meaning="commodity channel index over 20 bars",
        words=gauge("CCI", -100, 100, **_ENDS),
    ),
)
