"""The engine as the console starts it, on the simulated market: it beats, answers, stops, and comes back as it was."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from engine import settings
from engine.adapters.models.files import prepare
from engine.adapters.simulated import SimulatedMarket
from engine.autotrader.lease import LeaseHolder
from engine.bootstrap import (
    SIMULATION_START,
    EngineMakers,
    Stores,
    history,
    instruments_of,
    market_of,
    open_stores,
    start_engine,
    strategy_of,
)
from engine.bootstrap.stores import shelves
from engine.domain.account import AccountKind, Source
from engine.domain.command import Command, CommandKind, CommandState
from engine.domain.errors import ConfigurationError, MissingBars, ModelNotFound, RateLimited, VenueUnavailable
from engine.domain.interval import Interval, parse_time
from engine.domain.order import Purpose
from engine.domain.sleeve import Sleeve, SleeveState
from engine.settings import Settings
from engine.strategy.warm import warm_up
from tests.builders import instrument, utc
from tests.contracts.wall import an_account
from tests.fakes.market import FakeBars, FakeMarket, FixedClock
from tests.sqlite_file import migrated_file

K = CommandKind


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """What a starting engine compiles and imports in a thread is there before: no test's patience counts the compiler,
    and skops walks all modules with warnings silenced for the whole process, which pytest undoes between two tests."""
    warm_up()
    prepare()


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    """A home of its own."""
    migrated_file(tmp_path)
    return settings.load({"AAITI_HOME": str(tmp_path)})


@pytest.fixture
def stores(chosen: Settings) -> Iterator[Stores]:
    """What the screens read through."""
    opened = open_stores(chosen)
    yield opened
    opened.database.close()


def ask(stores: Stores, kind: CommandKind, payload: dict[str, Any], seconds: float = 60.0) -> tuple[Command, float]:
    """Ask as a page does; the answer, and how long it took."""
    now, key = stores.clock.now(), uuid.uuid4().hex
    began = time.monotonic()
    stores.board.ask(
        Command(
            key=key, kind=kind, payload=payload, asked_by="tester", asked_at=now,
            expires_at=now + timedelta(seconds=seconds), state_version=None,
        )
    )  # fmt: skip
    soon(lambda: (c := stores.board.command(key)) is not None and c.state is not CommandState.PENDING, seconds)
    answered = stores.board.command(key)
    assert answered is not None
    return answered, time.monotonic() - began


def soon(what: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def status(stores: Stores) -> dict[str, Any]:
    beat = stores.board.heartbeat()
    return {} if beat is None else dict(beat.status)


def test_an_engine_lives_trades_stops_and_comes_back_as_it_was(chosen: Settings, stores: Stores) -> None:
    engine = start_engine(chosen)
    soon(stores.board.heartbeat)
    opened, _ = ask(stores, K.OPEN_ACCOUNT, {"name": "first", "source": "SIMULATED", "cash": "10000"})
    assert opened.result is not None
    account_id = str(opened.result["account_id"])
    soon(lambda: status(stores).get("account_id") == account_id)
    bought, took = ask(
        stores, K.PLACE_ORDER, {"symbol": "CHARUSDT", "side": "BUY", "type": "MARKET", "quantity": "2"}
    )  # fmt: skip
    assert bought.message.startswith("Bought 2 CHARUSDT"), bought.message
    _, again = ask(stores, K.START_SLEEVE, {"strategy": "rule:buy_hold", "symbol": "ALFAUSDT", "interval": "1h"})
    _, once_more = ask(stores, K.SWITCH_TRADING, {"on": True})
    assert min(took, again, once_more) < 1.0, "an answer takes no second; a busy machine may hold up one, not each"
    soon(lambda: len(stores.ledger.positions(account_id)) == 2)
    began = time.monotonic()
    engine.stop()
    assert time.monotonic() - began < 5
    before = {p.sleeve_id: p for p in stores.ledger.positions(account_id)}
    mark, decided = stores.ledger.last_mark(account_id), len(stores.ledger.decisions(account_id))
    assert mark is not None
    assert all(p.covered for p in before.values())

    engine = start_engine(chosen)  # nobody asks anything: it goes on by itself
    try:
        soon(lambda: len(stores.ledger.decisions(account_id)) > decided)
        assert parse_time(status(stores)["clock"]) >= mark.at
        assert status(stores)["trading_on"] is True
        entries = [o for o in stores.ledger.orders(account_id) if o.purpose is Purpose.ENTRY]
        assert {o.sleeve_id for o in entries} >= set(before)
        closes = [d.bar_close_at for d in stores.ledger.decisions(account_id)]
        assert closes == [closes[0] + timedelta(hours=n) for n in range(len(closes))]  # none missed, none twice
        assert {d.held_by for d in stores.ledger.decisions(account_id)} <= {None, "holding", "exposure", "positions"}
    finally:
        engine.stop()


def test_a_simulated_account_goes_on_where_its_newest_order_is_not_before_it(stores: Stores) -> None:
    account = an_account("p1", source=Source.SIMULATED, created_at=SIMULATION_START)
    stores.ledger.open_account(account)
    makers = EngineMakers(stores)
    assert makers._simulation_clock(account).now() == SIMULATION_START
    stores.ledger.take_lease("x", "me", stores.clock.now(), 60)
    assert makers.began_at(Source.SIMULATED) == SIMULATION_START
    assert makers.began_at(Source.BINANCE) > utc("2025-01-01")


def test_a_model_that_is_gone_keeps_no_position_unguarded(stores: Stores) -> None:
    account = an_account("p1", source=Source.SIMULATED, created_at=SIMULATION_START)
    stores.ledger.open_account(account)
    for sleeve_id, strategy in (("s1", "model:gone"), ("s2", "rule:buy_hold")):
        stores.ledger.put_sleeve(
            Sleeve(
                sleeve_id=sleeve_id, account_id="p1", strategy=strategy, symbol="ALFAUSDT", interval=Interval.H1,
                state=SleeveState.ACTIVE, created_at=SIMULATION_START,
            )
        )  # fmt: skip
    seats = EngineMakers(stores)._seats(account)
    assert [(s.sleeve_id, s.decides) for s in seats] == [("s1", False), ("s2", True)]
    [alert] = stores.reads.alerts()
    assert "model gone decides no more" in alert.text


def test_a_strategy_is_a_rule_or_a_model(stores: Stores) -> None:
    assert strategy_of("rule:sma_cross:fast=5", stores).name == "rule:sma_cross:fast=5,slow=50"
    with pytest.raises(ModelNotFound):
        strategy_of("model:nobody", stores)
    for text in ("", "rule:", "model:", "luck", "sma_cross"):
        with pytest.raises(ConfigurationError, match="write model:ID or rule:NAME"):
            strategy_of(text, stores)


def test_instruments_are_remembered_for_when_the_source_is_away() -> None:
    clock, bars, account = FixedClock(utc("2025-01-01")), FakeBars(), an_account(source=Source.SIMULATED)
    euro = replace(instrument("BTCEUR"), quote="EUR")
    market = FakeMarket(clock, instruments=[instrument("BTCUSDT"), instrument("ETHUSDT"), euro])
    offered = instruments_of(market, account, bars)
    assert set(offered) == {"BTCUSDT", "ETHUSDT"}

    class Away(FakeMarket):
        def instruments(self) -> list[Any]:
            raise VenueUnavailable("the line is dead")

    assert set(instruments_of(Away(clock), account, bars)) == set(offered)
    with pytest.raises(VenueUnavailable):
        instruments_of(Away(clock), account, FakeBars())
    with pytest.raises(MissingBars, match="quoted in USDC"):
        instruments_of(market, an_account(quote="USDC", cash=Decimal(1)), bars)


@pytest.mark.parametrize(
    ("name", "url", "shelf"),
    [
        ("AAITI_BINANCE_URL", "https://api.binance.us", "BINANCE-api-binance-us"),
        ("AAITI_TESTNET_URL", "http://127.0.0.1:8080", "TESTNET-127-0-0-1-8080"),
        ("AAITI_TESTNET_URL", "https://demo-api.binance.com", "TESTNET-demo-api-binance-com"),
        ("AAITI_BINANCE_URL", "https://api1.binance.com", None),
        ("AAITI_BINANCE_URL", "https://data-api.binance.vision", None),
    ],
)
def test_bars_of_another_venue_lie_in_a_folder_of_their_own(name: str, url: str, shelf: str | None) -> None:
    found = shelves(settings.load({"AAITI_HOME": "/h", name: url}))
    assert list(found.values()) == ([] if shelf is None else [shelf])


class Banning(BaseHTTPRequestHandler):
    """An exchange that says 418 to whatever it is asked, and counts that."""

    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        body = b'{"code": -1003, "msg": "Way too much request weight used; IP banned until 1999999999999."}'
        self.send_response(418)
        self.send_header("Retry-After", "120")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def banning(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its address."""
    monkeypatch.setattr(Banning, "asked", 0)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Banning)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("kind", [AccountKind.TESTNET, AccountKind.PAPER])
def test_a_ban_outlives_the_attempt_to_open_a_session(banning: str, tmp_path: Path, kind: AccountKind) -> None:
    migrated_file(tmp_path)
    chosen = settings.load({
        "AAITI_HOME": str(tmp_path), "AAITI_TESTNET_URL": banning, "AAITI_TESTNET_KEY": "k",
        "AAITI_TESTNET_SECRET": "s",
    })  # fmt: skip
    with open_stores(chosen) as opened:
        makers = EngineMakers(opened)
        lease = LeaseHolder(opened.ledger, "engine", "one", opened.clock.now)
        account = an_account("t1", kind=kind, source=Source.TESTNET)
        for _ in range(3):
            with pytest.raises(RateLimited):
                makers.session(account, lease, trading_on=False)
    assert Banning.asked == 1


def test_history_of_the_simulated_market_ends_where_its_account_stands(stores: Stores) -> None:
    market = history("SIMULATED", stores)
    assert isinstance(market, SimulatedMarket)
    newest = market.bars("ALFAUSDT", Interval.H1, utc("2023-12-31"), utc("2030-01-01"))
    assert newest.last_close_at == SIMULATION_START
    assert type(market_of("ARCHIVE", stores, stores.clock)).__name__ == "ArchiveMarket"
