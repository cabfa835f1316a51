"""The adapter plays every recorded CoinGecko call, without a server."""

from __future__ import annotations

from typing import Any

from engine.domain.errors import MarketDataError
from engine.domain.interval import Interval
from tests.exchange import TurnedClock
from tests.record import calls
from tests.record.cassette import deck, recorded_at

CASSETTES = calls.FOLDER / "coingecko" / "cassettes"


def played(name: str) -> Any:
    """Ask again what was asked when the cassette was recorded."""
    path = CASSETTES / f"{name}.yaml"
    at = recorded_at(path)
    with deck("none").use_cassette(str(path)) as cassette:
        result = calls.COINGECKO[name](calls.coingecko(TurnedClock(at), "http://127.0.0.1:9/api/v3/"), at)
        assert cassette.all_played
    return result


def test_every_call_has_its_cassette() -> None:
    assert {path.stem for path in CASSETTES.glob("*.yaml")} == set(calls.COINGECKO)


def test_quote() -> None:
    quote = played("quote")
    age = recorded_at(CASSETTES / "quote.yaml") - quote.as_of
    assert quote.bid == quote.ask > 0
    assert -60 < age.total_seconds() < 3600


def test_bars() -> None:
    bars = played("bars")
    assert bars.interval is Interval.H1
    assert 17 <= len(bars) <= 20
    assert all(bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high for bar in bars)


def test_prices() -> None:
    series = played("prices")
    assert series.step is not None
    assert len(series.points) > 60
    assert all(point.price > 0 for point in series.points)


def test_list_of_coins() -> None:
    assert played("list_of_coins") == "alephium"


def test_unknown_coin() -> None:
    assert isinstance(played("unknown_coin"), MarketDataError)
