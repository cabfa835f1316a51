"""Equity: the account marked to market at a close, its peak and its day, and the limits on losing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from engine.domain.equity import EquityMark
from engine.domain.instrument import Instrument
from engine.domain.interval import to_ms
from engine.domain.money import PPM, from_atoms, to_atoms, to_ppm
from engine.kernel.falls import fallen
from engine.kernel.grid import grid_of, worth
from engine.portfolio.fold import trading_day
from engine.portfolio.portfolio import Portfolio


class LossLimits(Protocol):
    """The limits that a mark is held against: shares of the peak and of the day's start."""

    @property
    def max_drawdown(self) -> Decimal:
        """Fall below the peak that halts."""
        ...

    @property
    def max_daily_loss(self) -> Decimal:
        """Fall below the day's start that halts."""
        ...


def mark(
    portfolio: Portfolio,
    close_ticks: Mapping[str, int],
    instruments: Mapping[str, Instrument],
    at: datetime,
    before: EquityMark | None,
    *,
    flow: Decimal = Decimal(0),
) -> EquityMark:
    """Mark the account at the newest close of each instrument; one that has no price yet counts at its cost.

    `flow` (deposits less withdrawals since `before`) is neither profit nor loss: peak and day start are scaled with it,
    so that the share that is lost stays what it was (time-weighted; the flow counts from this mark on).
    """
    exposure = 0
    for holding in portfolio.holdings.values():
        ticks = close_ticks.get(holding.symbol)
        exposure += holding.cost if ticks is None else worth(holding.atoms, ticks, grid_of(instruments[holding.symbol]))
    equity = portfolio.cash + exposure
    peak = day_start = equity
    if before is not None:
        own = equity - to_atoms(flow)
        same_day = trading_day(to_ms(at)) == trading_day(to_ms(before.at))
        peak = _scaled(max(to_atoms(before.peak), own), own, equity)
        day_start = _scaled(to_atoms(before.day_start if same_day else before.equity), own, equity)
    return EquityMark(
        account_id=portfolio.account_id,
        at=at,
        equity=from_atoms(equity),
        cash=from_atoms(portfolio.cash),
        exposure=from_atoms(exposure),
        peak=from_atoms(peak),
        day_start=from_atoms(day_start),
        drawdown=_drop(peak, equity),
        external_flow=flow,
    )


def _scaled(start: int, own: int, equity: int) -> int:
    """`start` in the same proportion to `equity` as to `own`, before the flow; a new start where there was nothing."""
    if own == equity:
        return start
    return start * equity // own if own > 0 else equity


def _drop(start: int, now: int) -> Decimal:
    """Share of `start` that is gone, in whole millionths, within 0 and 1."""
    if start <= 0 or now >= start:
        return Decimal(0)
    return Decimal(min(PPM, (start - now) * PPM // start)) / PPM


def breached(mark: EquityMark, limits: LossLimits) -> list[tuple[str, str]]:
    """(cause, detail) of each loss limit that the mark breaks: `drawdown`, `daily_loss`."""
    equity = to_atoms(mark.equity)
    found = []
    for cause, start, limit, since in (
        ("drawdown", mark.peak, limits.max_drawdown, "its peak"),
        ("daily_loss", mark.day_start, limits.max_daily_loss, "the start of the UTC day"),
    ):
        if fallen(to_atoms(start), equity, to_ppm(limit)):
            share = _drop(to_atoms(start), equity)
            detail = f"equity {mark.equity:.2f} is {share:.2%} below {since}, {start:.2f}; the limit is {limit:.2%}"
            found.append((cause, detail))
    return found
