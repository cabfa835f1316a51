"""The warden: rights and canary at the start and daily, and what goes with the line when an account changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from engine.domain.account import AccountKind
from engine.domain.errors import VenueUnavailable
from engine.domain.venue import OTOCO
from tests.autotrader.abroad import K, S, alerts, arm, causes, open_account, papers, ready
from tests.autotrader.town import Killed, Town, decided


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town without an account."""
    one = Town(tmp_path)
    assert one.house.lease.keep()
    yield one
    one.close()


def test_the_canary_runs_at_the_start_and_daily_and_its_result_is_kept(town: Town) -> None:
    open_account(town, "TESTNET")
    assert town.said.canaries == 1
    for _ in range(3):
        town.forward(timedelta(hours=12))
        town.warden.look(town.session)
    assert town.said.canaries == 2
    town.enter()
    assert town.said.canaries == 2
    canary = papers(town).canary
    assert canary is not None
    assert canary.proved(OTOCO)


def test_no_canary_sings_right_before_a_close(town: Town) -> None:
    open_account(town, "TESTNET")
    town.pass_bars(24)
    town.clock.at = town.session.trader.next_close - timedelta(seconds=10)
    town.house.lease.keep()
    town.warden.look(town.session)
    assert town.said.canaries == 1
    town.pass_bars()
    town.warden.look(town.session)
    assert town.said.canaries == 2


def test_a_way_to_order_that_stops_working_is_told_once(town: Town) -> None:
    open_account(town, "TESTNET")
    town.said.passed[OTOCO] = False
    for _ in range(2):
        answered = town.ask(K.CHECK_VENUE)
    assert answered.message == "1 of 2 ways to order work. OTOCO: BTCUSDT: refused"
    assert alerts(town) == ["OTOCO does not work: BTCUSDT: refused"]


def test_an_exchange_that_is_away_is_asked_again_five_minutes_later(town: Town) -> None:
    open_account(town, "TESTNET")
    town.forward(timedelta(hours=24))
    town.said.error = VenueUnavailable("no connection")
    for _ in range(3):
        town.forward(timedelta(minutes=2))
        town.warden.look(town.session)
    town.said.error = None
    town.forward(timedelta(minutes=5))
    town.warden.look(town.session)
    assert town.said.canaries == 2


def test_a_paper_account_has_nothing_to_check(town: Town) -> None:
    town.open()
    assert "orders at no exchange" in town.ask(K.CHECK_VENUE).message
    assert "no live account" in town.ask(K.DISARM).message
    town.warden.look(town.session)
    assert town.said.canaries == 0


def test_the_line_is_let_go_when_the_account_changes(town: Town) -> None:
    open_account(town, "TESTNET")
    assert town.said.open_lines == 1
    town.ask(K.OPEN_ACCOUNT, {"name": "paper", "source": "SIMULATED", "cash": "5"})
    assert town.said.open_lines == 0


def test_a_live_account_starts_again_only_when_it_holds_nothing(town: Town) -> None:
    account_id = ready(town)
    arm(town)
    town.buy("0.002")
    again = {"account_id": account_id, "typed": "RESET"}
    assert "flatten it first" in town.ask(K.RESET_ACCOUNT, again).message
    town.ask(K.FLATTEN, {"typed": "FLATTEN"})
    assert town.ask(K.RESET_ACCOUNT, again).state is S.DONE
    fresh = town.enter().session.account
    assert (fresh.kind, fresh.account_id != account_id) == (AccountKind.LIVE, True)
    assert causes(town) == ["not_armed"]


def test_a_testnet_account_starts_again_whatever_it_held_and_leaves_no_order_behind(town: Town) -> None:
    answered = open_account(town, "TESTNET", "10000")
    assert answered.result is not None
    account_id = str(answered.result["account_id"])
    town.buy("0.01")
    assert town.ledger.orders(account_id, open_only=True)
    venue = town.session.venue
    assert venue is not None
    assert town.ask(K.RESET_ACCOUNT, {"account_id": account_id, "typed": "RESET"}).state is S.DONE
    assert venue.standing().open_orders == []
    assert town.ledger.account(account_id).closed_at is not None


@pytest.mark.parametrize("killed", [False, True])
def test_a_testnet_account_that_starts_again_goes_on_as_it_was_set_with_what_there_is(
    town: Town, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    """The testnet forgets everything about once a month, and gives other money."""

    def kill(*_: object) -> None:
        raise Killed

    open_account(town, "TESTNET", "10000")
    old, limits = town.session.account, {"max_positions": "2"}
    for symbol in ("ETHUSDT", "BTCUSDT"):
        town.start_sleeve(symbol=symbol)
    town.ask(K.SET_LIMITS, {"limits": limits})
    town.board.put_setting(f"stake:{old.account_id}", "50")
    town.ask(K.SWITCH_TRADING, {"on": True})
    town.said.spare = Decimal(-8_000)
    again = {"account_id": old.account_id, "typed": "RESET"}
    if killed:
        with monkeypatch.context() as kills:
            kills.setattr(town.board, "answer", kill)
            kills.setattr(town.ledger, "close_account", kill)
            with pytest.raises(Killed):
                town.ask(K.RESET_ACCOUNT, again)
        town.settle()
    else:
        said = town.ask(K.RESET_ACCOUNT, again).message
        assert "with 1,980.00 USDT; the old" in said
        assert said.endswith(" Its limits and 2 sleeves go on; auto-trading is on.")
    session = town.enter().session
    assert (session.account.kind, session.account.cash) == (AccountKind.TESTNET, Decimal(1_980))
    assert [s.symbol for s in session.trader.seats if s.decides] == ["ETHUSDT", "BTCUSDT"]
    before = {s.sleeve_id for s in town.ledger.sleeves(old.account_id)}
    assert before.isdisjoint(s.sleeve_id for s in session.trader.seats)
    terms = session.trader.cycle.terms
    assert (terms.limits.max_positions, terms.stake, session.trader.trading_on) == (2, Decimal(50), True)
    assert town.ledger.account(old.account_id).closed_at is not None


def test_an_armed_account_decides_as_a_paper_one_does(town: Town) -> None:
    ready(town)
    arm(town)
    town.start_sleeve()
    town.ask(K.SWITCH_TRADING, {"on": True})
    town.pass_bars()
    assert [d.action.value for d in town.ledger.decisions(town.session.account.account_id)] == ["BUY"]
    assert decided(town) == []  # the paper account of other tests has nothing to do with it
