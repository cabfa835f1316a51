"""Volume: how much was traded against what is usual, what it took to move price, and where bars closed."""

from __future__ import annotations

from engine.features.feature import Feature, Floats, at_least, clipped, ratio
from engine.features.gauges import MONEY_FLOW
from engine.features.scans import IMPACT_24, IMPACT_168, VOLUME_24, VOLUME_168, VOLUME_DEVIATION
from engine.features.tape import CLOSE, HIGH, LOG_VOLUME, LOW
from engine.features.words import gauge, multiple, push
from engine.kernel.compiled import borrowing


@borrowing
def row(x: Floats, t: int, now: Floats, out: Floats) -> None:
    """Log volume against its own last 24 bars, in their deviations; its mean over 24 bars less that over 168; Amihud's
    illiquidity (mean |log return| per unit of quote volume) of 24 bars against 168; money flow index; where the bar
    closed in its own range, -1 at the low, 1 at the high."""
    out[0] = clipped(ratio(x[LOG_VOLUME, t] - now[VOLUME_24], now[VOLUME_DEVIATION]), -10.0, 10.0)
    out[1] = now[VOLUME_24] - now[VOLUME_168]
    out[2] = at_least(ratio(now[IMPACT_24], now[IMPACT_168]), 1e-4)
    out[3] = now[MONEY_FLOW]
    high, low, close = x[HIGH, t], x[LOW, t], x[CLOSE, t]
    out[4] = ratio(2.0 * close - high - low, high - low)


FEATURES = (
    Feature(
        name="volume_z_24",
        family="volume",
        meaning="log volume against its last 24 bars, in standard deviations",
        words=push("volume of the last bar"),
    ),
    Feature(
        name="volume_24_168",
        family="volume",
        meaning="mean log volume of 24 bars less that of 168",
        words=multiple("24-bar volume"),
    ),
    Feature(
        name="illiquidity_24",
        family="volume",
        meaning="log of Amihud's illiquidity over 24 bars against 168",
        words=multiple("price impact of volume"),
        logged=True,
    ),
    Feature(
        name="money_flow_14",
        family="volume",
        meaning="money flow index over 14 bars, 0 to 100",
        words=gauge("money flow", 20, 80, under="oversold", over="overbought"),
    ),
    Feature(
        name="close_location",
        family="volume",
        meaning="where the bar closed in its range, -1 at the low to +1 at the high",
        words=push("close within its bar", strong=0.8, mild=0.3),
    ),
)
