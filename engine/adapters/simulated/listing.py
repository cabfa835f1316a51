"""What the simulated market offers: invented names that nobody can take for real ones."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from engine.domain.instrument import Instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An instrument, the price it is drawn back to, and what is usual in a day: volatility of shocks, volume.

    Days move by nearly twice that volatility: drift, wild days and fat tails come on top.
    """

    instrument: Instrument
    anchor: Decimal
    daily_volatility: float
    daily_volume: float


def _listed(base: str, tick: str, lot: str, anchor: str, *, volatility: float, volume: float) -> Listed:
    instrument = Instrument(
        symbol=f"{base}USDT", base=base, quote="USDT", tick_size=Decimal(tick), lot_step=Decimal(lot),
        min_notional=Decimal(5),
    )  # fmt: skip
    return Listed(instrument=instrument, anchor=Decimal(anchor), daily_volatility=volatility, daily_volume=volume)


LISTING: tuple[Listed, ...] = (
    _listed("ALFA", "0.01", "0.00001", "40000", volatility=0.021, volume=20_000),
    _listed("BRAV", "0.01", "0.0001", "2500", volatility=0.022, volume=300_000),
    _listed("CHAR", "0.01", "0.001", "150", volatility=0.023, volume=3_000_000),
    _listed("DELT", "0.00001", "0.1", "0.6", volatility=0.0215, volume=5e8),
    _listed("ECHO", "0.001", "0.01", "8", volatility=0.023, volume=2e7),
    _listed("FOXT", "0.000001", "1", "0.08", volatility=0.0235, volume=4e9),
)
