"""Real bars: an accuracy that an honest model can have, and no more."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from engine.domain.bar import BarSeries
from engine.domain.interval import Interval
from engine.training.fit import fit
from engine.training.spec import TrainingSpec

BARS = Path(__file__).resolve().parents[3] / "shared" / "data" / "bars"

pytestmark = [
    pytest.mark.market_data,
    pytest.mark.skipif(not BARS.exists(), reason="../shared/data/bars is absent: no recorded market data"),
]


def recorded(symbol: str, start: datetime, end: datetime) -> BarSeries:
    table = pq.read_table(BARS / f"{symbol}-1h.parquet")

    def column(name: str) -> array[float]:
        return array("d", np.ascontiguousarray(table[name].to_numpy(), dtype=np.float64).tobytes())

    opens = np.ascontiguousarray(table["open_time"].to_numpy(), dtype=np.int64)
    return BarSeries(
        symbol=symbol, interval=Interval.H1, open_ms=array("q", opens.tobytes()), open=column("open"),
        high=column("high"), low=column("low"), close=column("close"), volume=column("volume"),
    ).between(start, end)  # fmt: skip


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT"])
def test_one_hour_ahead_on_three_years_of_hours(symbol: str) -> None:
    series = recorded(symbol, datetime(2022, 1, 1, tzinfo=UTC), datetime(2025, 4, 1, tzinfo=UTC))
    found = fit(series, TrainingSpec(symbol=symbol, interval=Interval.H1, horizon=1), workers=2)
    overall = found.report["out_of_sample"]
    assert isinstance(overall, dict)
    assert 0.525 <= overall["accuracy"] <= 0.565
    assert 0.57 <= overall["top_decile_accuracy"] <= 0.66
    assert overall["ece"] <= max(0.015, 1.5 * overall["ece_noise_q95"])
    assert overall["log_loss_skill"] > 0
    assert not found.report["leak_suspected"]
