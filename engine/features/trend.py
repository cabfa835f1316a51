"""Trend: how far price stands from its averages, MACD, and how directed the movement is (ADX)."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import talib

from engine.features.columns import Column, Columns, Feature, average, bare
from engine.features.words import gauge, push

_EMA, _MACD, _ADX = bare(talib.EMA), bare(talib.MACD), bare(talib.ADX)


def ema_gap(c: Columns, bars: int) -> Column:
    """Log distance of the close from its exponential average, in standard deviations of a `bars`-long move."""
    return (c.now(c.log_close) - c.now(_EMA(c.log_close, bars))) / (c.now(c.scale) * math.sqrt(bars))


def sma_gap(c: Columns, bars: int) -> Column:
    """Log distance of the close from its simple average, in standard deviations of a `bars`-long move."""
    return (c.now(c.log_close) - c.now(average(c.log_close, bars))) / (c.now(c.scale) * math.sqrt(bars))


def macd_line(c: Columns, fast: int, slow: int) -> Column:
    """MACD line of the log close, in standard deviations of one bar."""
    return c.now(_macd(c, fast, slow)[0]) / c.now(c.scale)


def macd_histogram(c: Columns, fast: int, slow: int) -> Column:
    """MACD line less its 9-bar signal, of the log close, in standard deviations of one bar."""
    return c.now(_macd(c, fast, slow)[2]) / c.now(c.scale)


def _macd(c: Columns, fast: int, slow: int) -> tuple[Column, Column, Column]:
    """Line, signal and histogram."""
    return c.once(("macd", fast, slow), lambda: _MACD(c.log_close, fast, slow, 9))


def adx(c: Columns, bars: int) -> Column:
    """Wilder's average directional index, 0 to 100: strength of a trend, whatever its direction."""
    return c.now(np.asarray(_ADX(c.high, c.low, c.close, bars)))


def _gap(name: str, words: str, meaning: str, compute: partial[Column]) -> Feature:
    return Feature(name=name, family="trend", meaning=meaning, compute=compute, words=push(words, strong=1.2, mild=0.3))


FEATURES = (
    _gap("sma_gap_50", "price against its 50-bar average", "log gap to SMA 50, scaled", partial(sma_gap, bars=50)),
    _gap("ema_gap_24", "price against its 24-bar average", "log gap to EMA 24, scaled", partial(ema_gap, bars=24)),
    _gap("ema_gap_168", "price against its 168-bar average", "log gap to EMA 168, scaled", partial(ema_gap, bars=168)),
    _gap("macd_12_26", "MACD", "MACD(12, 26) line, scaled", partial(macd_line, fast=12, slow=26)),
    _gap("macd_24_52", "slow MACD", "MACD(24, 52) line, scaled", partial(macd_line, fast=24, slow=52)),
    _gap(
        "macd_histogram_12_26",
        "MACD turning",
        "MACD(12, 26, 9) histogram, scaled",
        partial(macd_histogram, fast=12, slow=26),
    ),
    Feature(
        name="adx_14",
        family="trend",
        meaning="average directional index over 14 bars, 0 to 100",
        compute=partial(adx, bars=14),
        words=gauge("ADX", 20, 30, under="no trend", over="trending"),
    ),
)
