"""Binance's price beside CoinGecko's: too far apart pauses entries until they agree; silence holds nobody back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest

from engine.autotrader.pauses import GOOD_SECONDS, SECOND_OPINION, Pauses
from engine.autotrader.second_opinion import SecondOpinion
from engine.autotrader.session import Session
from engine.domain.command import CommandKind
from engine.domain.errors import VenueUnavailable
from engine.domain.halt import HaltKind
from engine.domain.quote import Quote
from engine.ports import MarketData
from tests.autotrader.town import ACCOUNT, Town

NEVER = 1e9


class Elsewhere:
    """Another source: dollars per coin, by code; None does not answer."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self.usd: dict[str, Decimal | None] = {"BTC": Decimal(50_000), "USDT": Decimal(1)}
        self.age = timedelta(0)
        self.asked: list[str] = []
        self.opinions: list[SecondOpinion] = []

    def quote(self, symbol: str) -> Quote:
        self.asked.append(symbol)
        price = self.usd.get(symbol.removesuffix("USD"))
        if price is None:
            raise VenueUnavailable("no answer")
        return Quote(symbol=symbol, bid=price, ask=price, as_of=self._town.clock.now() - self.age)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    one = Town(tmp_path).open()
    one.start_sleeve()
    one.pass_bars()
    yield one
    one.close()


@pytest.fixture
def elsewhere(town: Town) -> Iterator[Elsewhere]:
    found = Elsewhere(town)
    found.usd["BTC"] = ours(town)
    yield found
    for one in found.opinions:
        one.close()


def ours(town: Town) -> Decimal:
    quote = town.session.price("BTCUSDT")
    assert quote is not None
    return quote.bid


def beside(town: Town, elsewhere: Elsewhere) -> tuple[Session, SecondOpinion]:
    """The session with a second opinion, whose thread sleeps: the test asks."""
    second = SecondOpinion(cast(MarketData, elsewhere), "CoinGecko", town.clock, pace=NEVER)
    elsewhere.opinions.append(second)
    return replace(town.session, second=second), second


def heard(session: Session, second: SecondOpinion) -> str | None:
    """Ask for both currencies, compare, and say what is wrong."""
    second.look(session)
    for _ in range(2):
        second.ask_next()
    second.look(session)
    return second.trouble()


def test_prices_that_agree_hold_nobody_back(town: Town, elsewhere: Elsewhere) -> None:
    session, second = beside(town, elsewhere)
    assert heard(session, second) is None
    assert sorted(elsewhere.asked) == ["BTCUSD", "USDTUSD"]


@pytest.mark.parametrize(("share", "stops"), [("0.96", False), ("0.94", True), ("1.04", False), ("1.07", True)])
def test_more_than_the_limit_apart_stops(town: Town, elsewhere: Elsewhere, share: str, stops: bool) -> None:
    elsewhere.usd["BTC"] = ours(town) * Decimal(share)
    session, second = beside(town, elsewhere)
    said = heard(session, second)
    assert (said is not None) is stops
    if said is not None:
        assert "BTCUSDT costs" in said
        assert "5.0% is allowed (max_price_gap)" in said


def test_a_dollar_that_is_no_dollar_is_reckoned_with(town: Town, elsewhere: Elsewhere) -> None:
    elsewhere.usd |= {"BTC": ours(town) * Decimal("0.9"), "USDT": Decimal("0.9")}
    session, second = beside(town, elsewhere)
    assert heard(session, second) is None


def test_silence_and_old_news_hold_nobody_back(town: Town, elsewhere: Elsewhere) -> None:
    elsewhere.usd["BTC"] = None
    session, second = beside(town, elsewhere)
    assert heard(session, second) is None
    elsewhere.usd["BTC"] = Decimal(1)
    elsewhere.age = timedelta(hours=1)
    assert heard(session, second) is None


def test_a_limit_of_one_does_not_ask(town: Town, elsewhere: Elsewhere) -> None:
    town.ask(CommandKind.SET_LIMITS, {"limits": {"max_price_gap": "1"}})
    elsewhere.usd["BTC"] = Decimal(1)
    session, second = beside(town, elsewhere)
    assert heard(session, second) is None
    assert elsewhere.asked == []


def test_it_pauses_new_risk_and_lifts_by_itself(town: Town, elsewhere: Elsewhere) -> None:
    session, second = beside(town, elsewhere)
    elsewhere.usd["BTC"] = ours(town) * 2
    heard(session, second)
    moments = iter([0.0, GOOD_SECONDS])
    pauses = Pauses(town.ledger, lambda: next(moments))
    pauses.look(session)
    assert [h.cause for h in town.ledger.halts(ACCOUNT) if h.kind is HaltKind.PAUSE] == [SECOND_OPINION]
    elsewhere.usd["BTC"] = ours(town)
    town.clock.forward(timedelta(seconds=40))
    assert heard(session, second) is None
    pauses.look(session)
    pauses.look(session)
    assert town.causes() == []


def test_our_price_is_not_asked_for_right_before_a_close(town: Town, elsewhere: Elsewhere) -> None:
    elsewhere.usd["BTC"] = Decimal(1)
    session, second = beside(town, elsewhere)
    at: datetime = session.trader.next_close - timedelta(seconds=5)
    town.clock.at = at
    assert heard(session, second) is None
    town.clock.at = at - timedelta(seconds=60)
    assert heard(session, second) is not None
