"""Marks: floor valuation, a peak and a day that move with deposits, and losses that halt."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from engine.domain.equity import EquityMark
from engine.domain.order import ExitReason
from engine.portfolio.equity import breached, mark
from engine.portfolio.portfolio import Portfolio, apply, opened
from engine.risk.limits import RiskLimits
from tests.builders import instrument, utc
from tests.portfolio.fills import ACCOUNT, buy

BTC = instrument(lot="0.001")
PLACES = {"BTCUSDT": BTC}


def holding() -> Portfolio:
    return apply(opened(ACCOUNT), buy("0.1", "50000", "0.00010001"), BTC, ExitReason.STOP)[0]


def marked(cash: str, at: str, before: EquityMark | None, flow: str = "0") -> EquityMark:
    portfolio = replace(opened(ACCOUNT), cash=int(Decimal(cash) * 10**8))
    return mark(portfolio, {}, PLACES, utc(at), before, flow=Decimal(flow))


def test_coins_are_worth_their_close_dust_included_rounded_down() -> None:
    first = mark(holding(), {"BTCUSDT": 5_100_001}, PLACES, utc("2025-01-01 01:00"), None)
    # 0.09989999 x 51000.01 = 5094.9004889999
    assert first.exposure == Decimal("5094.90048899")
    assert first.equity == first.cash + first.exposure == first.peak == first.day_start
    assert first.drawdown == 0


def test_without_a_price_coins_count_at_their_cost() -> None:
    assert mark(holding(), {}, PLACES, utc("2025-01-01 01:00"), None).equity == Decimal(10_000)


def test_the_peak_stays_and_the_drawdown_is_measured_from_it() -> None:
    first = marked("10000", "2025-01-01 01:00", None)
    top = marked("12000", "2025-01-01 02:00", first)
    down = marked("9000", "2025-01-01 03:00", top)
    assert (top.peak, down.peak, down.drawdown) == (Decimal(12_000), Decimal(12_000), Decimal("0.25"))


def test_midnight_s_close_ends_the_day() -> None:
    first = marked("10000", "2025-01-01 22:00", None)
    eve = marked("9900", "2025-01-01 23:00", first)
    midnight = marked("9800", "2025-01-02 00:00", eve)
    morning = marked("9700", "2025-01-02 01:00", midnight)
    assert [m.day_start for m in (first, eve, midnight, morning)] == [10_000, 10_000, 10_000, 9_800]


def test_a_withdrawal_is_no_loss_and_a_deposit_no_profit() -> None:
    first = marked("10000", "2025-01-01 01:00", None)
    less = marked("4000", "2025-01-01 02:00", first, flow="-6000")
    more = marked("9000", "2025-01-01 03:00", less, flow="5000")
    assert (less.peak, less.day_start, less.drawdown) == (Decimal(4_000), Decimal(4_000), Decimal(0))
    assert (more.peak, more.day_start, more.drawdown) == (Decimal(9_000), Decimal(9_000), Decimal(0))


def test_money_paid_out_or_in_changes_no_drawdown_and_no_loss_of_the_day() -> None:
    """A tenth is lost; taking most of the rest out makes it no deeper, paying in no shallower."""
    first = marked("10000", "2025-01-01 01:00", None)
    down = marked("9000", "2025-01-01 02:00", first)
    out = marked("900", "2025-01-01 03:00", down, flow="-8100")
    into = marked("18000", "2025-01-01 03:00", down, flow="9000")
    assert [m.drawdown for m in (down, out, into)] == [Decimal("0.1")] * 3
    assert [m.peak for m in (out, into)] == [m.day_start for m in (out, into)] == [Decimal(1_000), Decimal(20_000)]
    limits = RiskLimits(max_drawdown=Decimal("0.11"), max_daily_loss=Decimal("0.11"))
    assert breached(out, limits) == breached(into, limits) == []
    worse = marked("17800", "2025-01-01 04:00", into)
    assert [cause for cause, _ in breached(worse, limits)] == ["drawdown", "daily_loss"]


def test_the_first_money_after_none_is_a_new_beginning() -> None:
    first = marked("10000", "2025-01-01 01:00", None)
    empty = marked("0", "2025-01-01 02:00", first, flow="-10000")
    again = marked("500", "2025-01-01 03:00", empty, flow="500")
    assert empty.peak == empty.drawdown == Decimal(0)
    assert (again.peak, again.day_start) == (Decimal(500), Decimal(500))
    assert again.drawdown == Decimal(0)


def test_losses_at_their_limit_are_breaches_in_words() -> None:
    limits = RiskLimits(max_drawdown=Decimal("0.2"), max_daily_loss=Decimal("0.05"))
    first = marked("10000", "2025-01-01 01:00", None)
    assert breached(marked("9500.00000001", "2025-01-01 02:00", first), limits) == []
    daily = breached(marked("9500", "2025-01-01 02:00", first), limits)
    assert daily == [
        ("daily_loss", "equity 9500.00 is 5.00% below the start of the UTC day, 10000.00; the limit is 5.00%")
    ]
    both = breached(marked("8000", "2025-01-01 02:00", first), limits)
    assert [cause for cause, _ in both] == ["drawdown", "daily_loss"]
