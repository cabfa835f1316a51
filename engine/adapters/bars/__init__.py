"""The cache of closed bars: partitioned parquet files. Implements ports.Bars."""

from engine.adapters.bars.store import ParquetBars

__all__ = ["ParquetBars"]
