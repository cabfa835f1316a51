"""CoinGeckoMarket against a site that speaks its dialect, over a real socket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from engine.adapters.coingecko.codec import PricePoint, PriceSeries, bars_between
from engine.adapters.coingecko.market import CoinGeckoMarket
from engine.adapters.coingecko.transport import Transport
from engine.domain.errors import MarketDataError
from engine.domain.interval import Interval
from tests.adapters.coingecko.site import PriceSite, price
from tests.exchange.exchange import NOW


def test_offers_prices_and_nothing_to_trade(market: CoinGeckoMarket) -> None:
    found = {i.symbol: i for i in market.instruments()}
    assert (found["BTCUSD"].base, found["BTCUSD"].quote) == ("BTC", "USD")
    assert not any(i.trading for i in found.values())


def test_a_quote_has_the_age_that_coingecko_states(market: CoinGeckoMarket) -> None:
    quote = market.quote("BTCUSD")
    assert quote.bid == quote.ask
    assert quote.as_of == NOW.replace(microsecond=0) - timedelta(seconds=60)
    assert not quote.spread_included


def test_small_prices_are_exact(market: CoinGeckoMarket, site: PriceSite) -> None:
    """They come as 1.6e-05, a float; ours has the digits that were written."""
    point = market.price("alephium", "USD")
    assert point.price == Decimal(repr(price("alephium", (site.clock.ms // 1000 - 60) * 1000)))
    assert 0 < point.price < Decimal("0.0001")


def test_an_unknown_coin_is_told(market: CoinGeckoMarket) -> None:
    with pytest.raises(MarketDataError, match="knows no price of atlantis in USD"):
        market.price("atlantis", "USD")


def test_half_hours_of_the_last_day(market: CoinGeckoMarket) -> None:
    bars = market.bars("BTCUSD", Interval.M30, NOW - timedelta(days=1), NOW)
    assert bars.bar(0).open_at == datetime(2025, 3, 3, 10, 30, tzinfo=UTC)  # the bar of 10:00 is cut by the window
    assert bars.last_close_at == datetime(2025, 3, 4, 10, tzinfo=UTC)  # the bar of 10:00 today is not over
    assert len(bars) == 47
    assert set(bars.volume) == {0.0}


def test_hours_are_folded_from_complete_half_hours(market: CoinGeckoMarket) -> None:
    halves = market.bars("BTCUSD", Interval.M30, NOW - timedelta(days=1), NOW)
    hours = market.bars("BTCUSD", Interval.H1, NOW - timedelta(days=1), NOW)
    assert hours.bar(0).open_at == datetime(2025, 3, 3, 11, tzinfo=UTC)  # half of ten o'clock is missing
    assert (hours.open[0], hours.close[0]) == (halves.open[1], halves.close[2])
    assert (hours.high[0], hours.low[0]) == (max(halves.high[1:3]), min(halves.low[1:3]))
    assert len(hours) == 23


@pytest.mark.parametrize(("reach", "days"), [(2, "7"), (7, "7"), (8, "14"), (29, "30")])
def test_four_hours_of_up_to_thirty_days(market: CoinGeckoMarket, site: PriceSite, reach: int, days: str) -> None:
    bars = market.bars("BTCUSD", Interval.H4, NOW - timedelta(days=reach), NOW)
    assert bars.last_close_at == datetime(2025, 3, 4, 8, tzinfo=UTC)
    assert all(
        later - earlier == Interval.H4.ms for earlier, later in zip(bars.open_ms, bars.open_ms[1:], strict=False)
    )
    assert dict(site.requests[-1].query)["days"] == days


def test_days_are_folded_from_four_hours(market: CoinGeckoMarket) -> None:
    bars = market.bars("ETHUSD", Interval.D1, NOW - timedelta(days=7), NOW)
    assert (bars.bar(0).open_at, bars.last_close_at) == (
        datetime(2025, 2, 26, tzinfo=UTC),
        datetime(2025, 3, 4, tzinfo=UTC),
    )


@pytest.mark.parametrize("interval", [Interval.M1, Interval.M5, Interval.M15, Interval.H6])
def test_other_intervals_are_refused_not_guessed(market: CoinGeckoMarket, interval: Interval) -> None:
    with pytest.raises(MarketDataError, match="choose one of 30m, 1h, 2h, 4h, 8h, 12h, 1d"):
        market.bars("BTCUSD", interval, NOW - timedelta(hours=3), NOW)


def test_what_lies_too_far_back_is_refused(market: CoinGeckoMarket) -> None:
    with pytest.raises(MarketDataError, match=r"keeps 2h bars for 1 day\(s\), 2 days were asked for"):
        market.bars("BTCUSD", Interval.H2, NOW - timedelta(hours=25), NOW)
    with pytest.raises(MarketDataError, match=r"keeps 1h bars for 1 day\(s\), 91 days were asked for"):
        market.bars("BTCUSD", Interval.H1, NOW - timedelta(days=90, hours=1), NOW)
    with pytest.raises(MarketDataError, match="30 day"):
        market.bars("BTCUSD", Interval.H4, NOW - timedelta(days=31), NOW)


def test_hours_of_up_to_ninety_days_are_what_their_ends_say(market: CoinGeckoMarket, site: PriceSite) -> None:
    start = datetime(2024, 12, 10, tzinfo=UTC)
    bars = market.bars("BTCUSD", Interval.H1, start, NOW)
    assert bars.bar(0).open_at == start
    assert bars.last_close_at == NOW.replace(minute=0, second=0, microsecond=0)
    assert len(bars) == (bars.last_close_at - start) // timedelta(hours=1)
    first = bars.bar(0)
    at = int(start.timestamp() * 1000)
    assert (first.open, first.close) == (price("bitcoin", at), price("bitcoin", at + 3_600_000))
    assert (first.high, first.low) == (max(first.open, first.close), min(first.open, first.close))
    assert set(bars.volume) == {0.0}
    assert len(site.requests) == 1


def test_a_point_that_is_missing_leaves_a_gap_and_late_ones_count_as_the_hours(site: PriceSite) -> None:
    hour = timedelta(hours=1)
    at = datetime(2025, 1, 1, tzinfo=UTC)
    moments = [at, at + hour + timedelta(seconds=40), at + 2 * hour, at + 4 * hour, at + 5 * hour]
    off = [*moments, at + 5.5 * hour]
    points = tuple(PricePoint(at=m, price=Decimal(100 + i)) for i, m in enumerate(off))
    series = PriceSeries(coin_id="bitcoin", currency="USD", step=hour, points=points)
    bars = bars_between(series, "BTCUSD")
    assert [bars.bar(i).open_at for i in range(len(bars))] == [at, at + hour, at + 4 * hour]
    assert list(bars.close) == [101.0, 102.0, 104.0]


@pytest.mark.parametrize(
    ("reach", "step", "points"),
    [
        (timedelta(hours=2), timedelta(minutes=5), 24),
        (timedelta(days=3), timedelta(hours=1), 72),
        (timedelta(days=100), timedelta(days=1), 100),
    ],
)
def test_price_points_without_the_last_one_that_is_now(
    market: CoinGeckoMarket, reach: timedelta, step: timedelta, points: int
) -> None:
    series = market.prices("ethereum", "USD", NOW - reach, NOW)
    assert (series.step, len(series.points)) == (step, points)
    assert all(point.at.timestamp() % step.total_seconds() == 0 for point in series.points)


def test_history_older_than_a_year_says_so(market: CoinGeckoMarket) -> None:
    with pytest.raises(MarketDataError, match="history ends 365 days ago; ask for a later start"):
        market.prices("bitcoin", "USD", NOW - timedelta(days=400), NOW)


def test_a_symbol_outside_the_table_is_looked_up_once(market: CoinGeckoMarket, site: PriceSite) -> None:
    market.quote("ALPHUSD")
    market.quote("ALPHUSD")
    assert [request.path.removeprefix("/api/v3/") for request in site.requests] == [
        "coins/list",
        "simple/price",
        "simple/price",
    ]


def test_a_symbol_of_two_coins_is_not_guessed(transport: Transport, site: PriceSite) -> None:
    with pytest.raises(MarketDataError, match=r"2 coins go by that symbol \(twin-two, wisdom-alpha\)"):
        CoinGeckoMarket(transport, clock=site.clock).quote("TWINUSD")
    market = CoinGeckoMarket(transport, clock=site.clock, coins={"TWIN": "twin-two"})
    assert market.coin_id("TWIN") == "twin-two"


@pytest.mark.parametrize("symbol", ["BTCUSDT", "USD", "BTC-USDC"])
def test_a_currency_that_coingecko_does_not_quote_is_refused(market: CoinGeckoMarket, symbol: str) -> None:
    with pytest.raises(MarketDataError, match="prices come in USD, EUR"):
        market.quote(symbol)
