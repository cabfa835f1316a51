"""The peers' job by backtesting.py, a dependency of the tests."""

from __future__ import annotations

import warnings
from typing import Any

import backtesting
import numpy as np
import pandas as pd

from engine.domain.bar import BarSeries
from tests.backtest.peers import CASH, FAST, FEE, SLOW, STAKE, STOP, TARGET

MICRO = 1e-6
"""backtesting.py trades whole units only: prices are of a millionth of a coin, as its FractionalBacktest does."""


class Cross(backtesting.Strategy):  # type: ignore[misc]
    """The rule in backtesting.py's words; stop and target are set again from the fill, once it is known."""

    def init(self) -> None:
        """Two averages."""
        self.fast = self.I(_average, self.data.Close, FAST)
        self.slow = self.I(_average, self.data.Close, SLOW)

    def next(self) -> None:
        """At each close."""
        fast, slow, close = self.fast, self.slow, self.data.Close[-1]
        if not self.position:
            if fast[-1] > slow[-1] and fast[-2] <= slow[-2]:
                self.buy(size=max(1, round(STAKE / close)), sl=close * (1 - STOP), tp=close * (1 + TARGET))
        elif fast[-1] < slow[-1] and fast[-2] >= slow[-2]:
            self.position.close()
        else:
            trade = self.trades[-1]
            if trade.entry_bar == len(self.data) - 1:
                trade.sl, trade.tp = trade.entry_price * (1 - STOP), trade.entry_price * (1 + TARGET)


def _average(values: Any, n: int) -> Any:
    return pd.Series(values).rolling(n).mean()


def backtesting_py(series: BarSeries) -> tuple[int, float]:
    """(positions entered, profit) by backtesting.py; what is open at the end is closed at the last close, for a fee."""
    frame = pd.DataFrame(
        {
            "Open": np.asarray(series.open) * MICRO, "High": np.asarray(series.high) * MICRO,
            "Low": np.asarray(series.low) * MICRO, "Close": np.asarray(series.close) * MICRO,
            "Volume": np.asarray(series.volume),
        },
        index=pd.to_datetime(np.asarray(series.open_ms), unit="ms"),
    )  # fmt: skip
    with warnings.catch_warnings(action="ignore"):  # its own, about pandas
        made = backtesting.Backtest(
            frame, Cross, cash=CASH, commission=FEE, trade_on_close=False, finalize_trades=True
        )  # fmt: skip
        told = made.run()
    return int(told["# Trades"]), float(told["Equity Final [$]"]) - CASH
