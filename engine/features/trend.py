"""Trend: how far price stands from its averages, MACD, and how directed the movement is (ADX)."""

from __future__ import annotations

from math import sqrt

from engine.features.feature import Feature, Floats
from engine.features.gauges import ADX_14
from engine.features.scans import EMA_24, EMA_168, HISTOGRAM, MACD_12, MACD_24, SMA_50
from engine.features.words import gauge, push
from engine.kernel.compiled import borrowing


@borrowing
def row(log_close: float, now: Floats, scale: float, out: Floats) -> None:
    """Log distances of the close from its averages, in standard deviations of a move as long as they are; MACD in
    those of one bar; ADX."""
    out[0] = (log_close - now[SMA_50]) / (scale * sqrt(50))
    out[1] = (log_close - now[EMA_24]) / (scale * sqrt(24))
    out[2] = (log_close - now[EMA_168]) / (scale * sqrt(168))
    out[3] = now[MACD_12] / scale
    out[4] = now[MACD_24] / scale
    out[5] = now[HISTOGRAM] / scale
    out[6] = now[ADX_14]


def _gap(name: str, words: str, meaning: str) -> Feature:
    return Feature(name=name, family="trend", meaning=meaning, words=push(words, strong=1.2, mild=0.3))


FEATURES = (
    _gap("sma_gap_50", "price against its 50-bar average", "log gap to SMA 50, scaled"),
    _gap("ema_gap_24", "price against its 24-bar average", "log gap to EMA 24, scaled"),
    _gap("ema_gap_168", "price against its 168-bar average", "log gap to EMA 168, scaled"),
    _gap("macd_12_26", "MACD", "MACD(12, 26) line, scaled"),
    _gap("macd_24_52", "slow MACD", "MACD(24, 52) line, scaled"),
    _gap("macd_histogram_12_26", "MACD turning", "MACD(12, 26, 9) histogram, scaled"),
    Feature(
        name="adx_14",
        family="trend",
        meaning="average directional index over 14 bars, 0 to 100",
        words=gauge("ADX", 20, 30, under="no trend", over="trending"),
    ),
)
