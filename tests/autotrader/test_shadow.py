"""Champion and rivals are followed at live bars: said, stored, matured, judged; and nobody trades any other for it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from engine.autotrader.drift_watch import DriftWatch
from engine.autotrader.trader import Trader
from engine.domain.command import CommandKind
from engine.domain.errors import LedgerError
from engine.domain.interval import to_ms
from engine.domain.model import Stage
from engine.domain.outcome import MaturedCall, Outcome
from engine.domain.signal import Prediction, Signal
from engine.ports import Venue
from tests.autotrader.modelled import OTHER, add, learned, live, market, modelled
from tests.autotrader.town import ACCOUNT, Town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A champion that trades."""
    one = modelled(tmp_path)
    yield one
    one.close()


def said(town: Town, version_id: str) -> list[datetime]:
    """Closes at which a version's calls were stored, oldest first."""
    return [p.as_of for p in reversed(town.stores.models.predictions(version_id))]


def test_what_was_decided_on_is_stored_as_it_was_said(town: Town) -> None:
    live(town, 3)
    stored = town.stores.models.predictions("m1.1")
    assert [d.prediction for d in town.ledger.decisions(ACCOUNT)] == list(reversed(stored))
    assert len(stored) == 3


def test_calls_mature_once_their_horizon_has_passed(town: Town) -> None:
    live(town, 4)
    matured = town.stores.models.matured("m1.1")
    assert [call.as_of for call in matured] == said(town, "m1.1")[:3]
    bars = market()
    first = matured[0]
    at = bars.position(to_ms(first.as_of) - bars.interval.ms)
    assert first.realised == math.log(bars.close[at + 1]) - math.log(bars.close[at])
    assert len(town.stores.models.pending("m1.1")) == 1


def test_news_of_an_exchange_does_not_wait_until_all_models_were_followed(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(town, 1)
    order: list[str] = []
    store = town.stores.models.follow

    def stored(told: Mapping[str, Prediction], outcomes: Iterable[Outcome] = ()) -> None:
        order.append("stored")
        store(told, outcomes)

    monkeypatch.setattr(town.stores.models, "follow", stored)
    monkeypatch.setattr(Trader, "listen", lambda _: order.append("listened"))
    monkeypatch.setattr(DriftWatch, "after", lambda *_: order.append("drift"))
    town.engine.follow(replace(town.session, venue=cast(Venue, object())))
    assert order == ["stored", "listened", "drift"]


def test_what_goes_wrong_while_listening_is_no_trouble_of_models(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    live(town, 1)

    def torn(_: Trader) -> None:
        raise LedgerError("the book is not what the ledger says")

    monkeypatch.setattr(Trader, "listen", torn)
    with pytest.raises(LedgerError):
        town.engine.follow(replace(town.session, venue=cast(Venue, object())))


def test_a_rival_runs_beside_it_and_trades_nothing(town: Town) -> None:
    add(town, 2, OTHER)
    add(town, 3, leak=True)
    live(town, 4)
    assert said(town, "m1.2") == said(town, "m1.1")
    assert said(town, "m1.3") == []
    bars = market()
    at = bars.position(to_ms(said(town, "m1.2")[-1]) - bars.interval.ms)
    alone = learned(OTHER).model.explain(bars.rows(0, at + 1))
    assert town.stores.models.predictions("m1.2")[0] == alone
    assert {s.strategy for s in town.ledger.sleeves(ACCOUNT)} == {"model:m1.1"}


def test_a_champion_whose_trading_is_off_is_followed_too(town: Town) -> None:
    town.ask(CommandKind.SWITCH_TRADING, {"on": False})
    live(town, 2)
    assert len(said(town, "m1.1")) == 2
    assert town.ledger.decisions(ACCOUNT) == []


def test_what_was_missed_is_not_said_afterwards(town: Town) -> None:
    live(town, 1)
    town.clock.forward(timedelta(hours=3))
    town.house.lease.keep()
    while town.session.advance():
        town.engine.follow(town.session)
    assert len(said(town, "m1.1")) == 2  # the last close is still the newest one
    assert len(town.stores.models.matured("m1.1")) == 1


def test_a_rival_whose_file_is_gone_is_told_once(town: Town) -> None:
    version = add(town, 2, OTHER)
    (town.stores.settings.models_folder / version.artefact_path).unlink()
    live(town, 3)
    assert len(said(town, "m1.1")) == 3
    [alert] = [a for a in town.stores.reads.alerts() if "cannot run in shadow" in a.text]
    assert "is gone" in alert.text


def plant(
    town: Town, monkeypatch: pytest.MonkeyPatch, better: str, n: int = 400
) -> None:  # fmt: skip
    """Records, of bars that nobody had learned from, in which one version knows the market and others do not."""
    start = town.clock.now()

    def told(version_id: str, since: datetime | None = None) -> Sequence[MaturedCall]:
        return [
            MaturedCall(
                symbol="BTCUSDT", as_of=start + timedelta(hours=i), signal=Signal.BUY if i % 2 else Signal.SELL,
                probability=0.7 if version_id == better else 0.5, confidence=0.5, realised=0.02 * (1 if i % 2 else -1),
            )
            for i in range(n)
            if since is None or start + timedelta(hours=i) >= since
        ]  # fmt: skip

    monkeypatch.setattr(town.stores.models, "matured", told)


def until_midnight(town: Town) -> None:
    live(town, 24 - town.session.trader.cursor.hour)


def test_who_has_won_takes_over_at_the_end_of_the_day(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    add(town, 2, OTHER)
    plant(town, monkeypatch, better="m1.2")
    live(town, 1)
    assert town.stores.models.version("m1").version_id == "m1.1"
    until_midnight(town)
    assert town.stores.models.version("m1").version_id == "m1.2"
    newest = town.stores.models.promotions("m1")[0]
    assert (newest.promoted_by, newest.replaced_id) == ("evidence", "m1.1")
    assert newest.words is not None
    assert "K " in newest.words
    assert [s.strategy for s in town.ledger.sleeves(ACCOUNT)] == ["model:m1.2"]
    live(town, 1)
    assert said(town, "m1.2")[-1] == said(town, "m1.1")[-1]  # the one before runs on in shadow


def test_nobody_takes_over_by_being_newest(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    add(town, 2, OTHER)
    plant(town, monkeypatch, better="m1.1")
    until_midnight(town)
    assert town.stores.models.version("m1.2").stage is Stage.CANDIDATE


def test_a_suspected_leak_never_takes_over(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    add(town, 2, OTHER, leak=True)
    plant(town, monkeypatch, better="m1.2")
    until_midnight(town)
    assert town.stores.models.version("m1").version_id == "m1.1"


def test_what_was_asked_by_hand_is_looked_back_on_at_the_end_of_the_day(town: Town) -> None:
    until_midnight(town)
    add(town, 2, OTHER)
    town.stores.models.promote("m1.2", town.clock.now(), "tester")  # another version leads; nobody follows it here
    town.ask(CommandKind.SWITCH_TRADING, {"on": False})
    bars = market()
    at = bars.position(to_ms(town.session.trader.cursor)) - 3
    asked = learned(OTHER).model.explain(bars.rows(0, at + 1))
    town.stores.models.save_predictions("m1.2", [asked])
    live(town, 23)
    assert town.stores.models.matured("m1.2") == []
    live(town, 1)
    [call] = town.stores.models.matured("m1.2")
    assert call.realised == math.log(bars.close[at + 1]) - math.log(bars.close[at])
