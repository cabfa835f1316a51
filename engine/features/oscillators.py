"""Oscillators: gauges of how stretched price is within its recent range."""

from __future__ import annotations

from functools import partial

import numpy as np
import talib

from engine.features.columns import Column, Columns, Feature, bare
from engine.features.words import gauge

_RSI, _STOCH, _CCI = bare(talib.RSI), bare(talib.STOCH), bare(talib.CCI)


def rsi(c: Columns, bars: int) -> Column:
    """Wilder's relative strength index of the close, 0 to 100."""
    return c.now(np.asarray(_RSI(c.close, bars)))


def stochastic(c: Columns) -> Column:
    """Slow stochastic %K (14, 3), 0 to 100: where the close lies in the 14-bar range."""
    slow_k, _ = _STOCH(c.high, c.low, c.close, fastk_period=14, slowk_period=3, slowd_period=3)
    return c.now(np.asarray(slow_k))


def cci(c: Columns, bars: int) -> Column:
    """Commodity channel index: typical price against its average, in mean deviations.

    A row looks at its last `bars` bars only, in an order that turns with them: starting a multiple of `bars` later
    gives the same bits.
    """
    start = max(0, c.first - bars + 1) // bars * bars
    return np.asarray(_CCI(c.high[start:], c.low[start:], c.close[start:], bars))[c.first - start :]


_ENDS = {"under": "oversold", "over": "overbought"}

FEATURES = (
    *(
        Feature(
            name=f"rsi_{n}",
            family="oscillators",
            meaning=f"relative strength index over {n} bars, 0 to 100",
            compute=partial(rsi, bars=n),
            words=gauge("RSI" if n == 14 else f"RSI({n})", 30, 70, **_ENDS),
        )
        for n in (7, 14, 28)
    ),
    Feature(
        name="stochastic_14",
        family="oscillators",
        meaning="slow stochastic %K (14, 3), 0 to 100",
        compute=stochastic,
        words=gauge("stochastic", 20, 80, **_ENDS),
    ),
    Feature(
        name="cci_20",
        family="oscillators",
        meaning="commodity channel index over 20 bars",
        compute=partial(cci, bars=20),
        words=gauge("CCI", -100, 100, **_ENDS),
    ),
)
