"""Python in three lines: load bars, choose a rule or a model, backtest; DataFrames come back (docs/python.md)."""

from engine.notebook.bars import LoadedBars, load_bars
from engine.notebook.run import Run, backtest

__all__ = ["LoadedBars", "Run", "backtest", "load_bars"]
