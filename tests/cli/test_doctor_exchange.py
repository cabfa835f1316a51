"""What doctor finds at an exchange, asked over loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import settings
from engine.bootstrap import Stores, open_stores
from engine.cli.doctor_exchange import look
from engine.domain.account import AccountKind
from engine.domain.venue import OTOCO, CanaryResult
from engine.queries.papers import canary_setting
from tests.contracts.wall import an_account
from tests.exchange import Exchange, LoopbackServer
from tests.exchange.account import Account
from tests.exchange.clock import RunningClock
from tests.sqlite_file import migrated_file


@pytest.fixture
def exchange() -> Exchange:
    return Exchange.quoted(clock=RunningClock())


@pytest.fixture
def held(exchange: Exchange) -> Account:
    return exchange.open_account("main")


@pytest.fixture
def stores(tmp_path: Path, exchange: Exchange, held: Account) -> Iterator[Stores]:
    """Keys for a live account only."""
    migrated_file(tmp_path)
    with LoopbackServer(exchange.handle) as server:
        key = {"AAITI_BINANCE_KEY": held.key.api_key, "AAITI_BINANCE_SECRET": held.key.secret}
        opened = open_stores(settings.load({"AAITI_HOME": str(tmp_path), "AAITI_BINANCE_URL": server.url, **key}))
        yield opened
        opened.database.close()


def found(stores: Stores, **options: Any) -> dict[str, tuple[bool, bool, str]]:
    """Name -> required, ok, detail."""
    found = look(stores, **{"offline": False, **options})
    return {name: (required, ok, detail) for name, required, ok, detail in found}


def test_a_key_that_may_only_trade_is_well(stores: Stores, held: Account) -> None:
    held.key.rights.addresses = ("127.0.0.1",)
    told = found(stores)
    assert told["testnet key"] == (False, True, "none set; only a testnet account needs one")
    assert told["live key"] == (False, True, "it signs; a fill costs 0.100 %")
    assert told["live rights"] == (False, True, "trade only")
    assert told["live clock"][1]
    assert told["live weight"][1]
    assert "live canary" not in told


def test_a_key_that_may_withdraw_fails_where_an_account_is_open(stores: Stores, held: Account) -> None:
    held.key.rights.withdrawals = True
    assert found(stores)["live rights"][:2] == (False, False)
    stores.ledger.open_account(an_account("l1", kind=AccountKind.LIVE))
    told = found(stores)
    assert told["live rights"] == (True, False, "the key may withdraw coins; make one without that right")
    assert told["live canary"] == (False, False, "it has not run; it runs when the engine enters the account")


def test_a_revoked_key_says_so(stores: Stores, held: Account) -> None:
    held.key.rights.revoked = True
    told = found(stores)
    assert not told["live key"][1]
    assert "-2015" in told["live key"][2]


def test_a_clock_that_is_wrong_is_told(stores: Stores, exchange: Exchange) -> None:
    exchange.clock.turn(90)
    assert "synchronise" in found(stores)["live clock"][2]


def test_an_open_account_without_a_key_is_required_to_have_one(stores: Stores) -> None:
    stores.ledger.open_account(an_account("t1", kind=AccountKind.TESTNET))
    told = found(stores)["testnet key"]
    assert told[:2] == (True, False)
    assert "AAITI_TESTNET_KEY" in told[2]


def test_offline_nothing_is_asked(stores: Stores, exchange: Exchange) -> None:
    assert found(stores, offline=True)["live key"][2].startswith("set; not tried")
    assert exchange.requests == []


def test_the_canary_of_the_open_account_is_shown(stores: Stores) -> None:
    stores.ledger.open_account(an_account("l1", kind=AccountKind.LIVE))
    result = CanaryResult(at=stores.clock.now(), passed={"LIMIT": True, OTOCO: False}, details={})
    stores.board.put_setting(canary_setting("l1"), result.to_mapping())
    assert found(stores)["live canary"][2].startswith("OTOCO failed, tried ")
