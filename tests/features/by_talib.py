"""A second opinion: the same features by TA-Lib's and numpy's own functions over a whole window."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import talib
from numpy.typing import NDArray

from engine.domain.bar import BarSeries

Column = NDArray[np.float64]


def features(window: BarSeries) -> Mapping[str, Column]:
    """Every feature by name, each of shape (n_bars,), NaN where it is too early."""
    price, volume = np.array(window.close), np.array(window.volume)
    high, low, close = (np.array(column) / price[0] for column in (window.high, window.low, window.close))
    log_close, log_volume = np.log(close), np.log1p(volume)
    log_return = np.concatenate(([np.nan], np.diff(log_close)))
    spread = {n: talib.STDDEV(log_return, n) for n in (12, 24, 72, 168)}
    scale = np.maximum(spread[168], 1e-7)
    found = {f"return_{n}": _move(log_close, n) / (scale * math.sqrt(n)) for n in (1, 2, 3, 6, 12, 24, 48, 168)}
    found["acceleration_12"] = (_move(log_close, 12) - _lagged(_move(log_close, 12), 12)) / (scale * math.sqrt(24))
    found["sma_gap_50"] = (log_close - talib.SMA(log_close, 50)) / (scale * math.sqrt(50))
    found |= {f"ema_gap_{n}": (log_close - talib.EMA(log_close, n)) / (scale * math.sqrt(n)) for n in (24, 168)}
    line, _, histogram = talib.MACD(log_close, 12, 26, 9)
    found |= {"macd_12_26": line / scale, "macd_24_52": talib.MACD(log_close, 24, 52, 9)[0] / scale}
    found |= {"macd_histogram_12_26": histogram / scale, "adx_14": talib.ADX(high, low, close, 14)}
    found |= {f"rsi_{n}": talib.RSI(close, n) for n in (7, 14, 28)}
    found["stochastic_14"] = talib.STOCH(high, low, close, 14, 3, slowd_period=3)[0]
    found["cci_20"] = talib.CCI(high, low, close, 20)
    found |= {f"volatility_{n}": np.log(np.maximum(spread[n], 1e-12)) for n in spread}
    found["volatility_12_168"] = np.log(np.maximum(spread[12], 1e-12) / scale)
    square = talib.SMA(np.log(high / low) ** 2, 24) / (4 * math.log(2))
    found["parkinson_24"] = np.log(np.sqrt(np.maximum(square, 1e-24)) / scale)
    found["skew_72"] = _skew(log_return * 1e3)
    found["atr_14"] = np.log(np.maximum(talib.ATR(high, low, close, 14) / close, 1e-12) / scale)
    for n in (20, 50):
        upper, middle, lower = talib.BBANDS(close, n, 2.0, 2.0)
        found[f"band_place_{n}"] = np.clip(_ratio(close - lower, upper - lower), -2, 3)
        found[f"band_width_{n}"] = np.log(np.maximum((upper - lower) / middle, 1e-12))
    day, week = talib.SMA(log_volume, 24), talib.SMA(log_volume, 168)
    found |= {"volume_z_24": _ratio(log_volume - day, talib.STDDEV(log_volume, 24)), "volume_24_168": day - week}
    impact = _ratio(np.abs(log_return), price * volume)
    found["illiquidity_24"] = np.log(np.maximum(_ratio(talib.SMA(impact, 24), talib.SMA(impact, 168)), 1e-4))
    found["money_flow_14"] = talib.MFI(np.array(window.high), np.array(window.low), price, volume, 14)
    found["close_location"] = _ratio(2 * close - high - low, high - low)
    hours = np.array(window.open_ms) // 3_600_000
    found |= {"hour_sin": np.sin(hours % 24 / 12 * np.pi), "hour_cos": np.cos(hours % 24 / 12 * np.pi)}
    days = (hours // 24 + 3) % 7 / 3.5 * np.pi  # 1970 began on a Thursday
    return found | {"weekday_sin": np.sin(days), "weekday_cos": np.cos(days)}


def _lagged(values: Column, n: int) -> Column:
    return np.concatenate((np.full(n, np.nan), values[:-n]))


def _move(values: Column, n: int) -> Column:
    return values - _lagged(values, n)


def _ratio(top: Column, bottom: Column) -> Column:
    return np.where(bottom == 0, 0.0, top / np.where(bottom == 0, 1.0, bottom))


def _skew(z: Column) -> Column:
    first, second, third = (talib.SMA(z**k, 72) for k in (1, 2, 3))
    variance = np.maximum(second - first**2, 0.0)
    return np.clip(_ratio(third - 3 * first * second + 2 * first**3, variance**1.5), -10, 10)
