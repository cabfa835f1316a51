"""Accounts at an exchange: what opening and arming one takes, and what holds it back without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.commands.accounts import CONFIRMATION
from engine.domain.account import AccountKind, Source
from engine.domain.errors import VenueUnavailable
from engine.domain.halt import HaltKind
from tests.autotrader.abroad import K, S, alerts, arm, causes, open_account, papers, ready
from tests.autotrader.town import Town
from tests.contracts.wall import a_halt
from tests.fakes.venue import TRADE_ONLY


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town without an account."""
    one = Town(tmp_path)
    assert one.house.lease.keep()
    yield one
    one.close()


# ---------------------------------------------------------------------- opening


def test_without_keys_no_account_is_opened_and_the_answer_names_the_variables(town: Town) -> None:
    town.house.makers.lacking = "no live key is set: put AAITI_BINANCE_KEY ..."  # type: ignore[attr-defined]
    answered = open_account(town)
    assert (answered.state, answered.message) == (S.REFUSED, "no live key is set: put AAITI_BINANCE_KEY ...")
    assert town.ledger.accounts() == []


@pytest.mark.parametrize(("kind", "source"), [("TESTNET", Source.TESTNET), ("LIVE", Source.BINANCE)])
def test_an_account_at_an_exchange_follows_that_exchanges_prices(town: Town, kind: str, source: Source) -> None:
    assert open_account(town, kind).state is S.DONE
    account = town.session.account
    assert (account.kind, account.source, account.cash) == (AccountKind(kind), source, Decimal(500))
    assert account.costs.fee_ratio == Decimal("0.00075")  # what this key pays
    assert town.said.open_lines == 1  # the line that asked for the balance was closed again


def test_no_more_is_allotted_than_the_exchange_holds(town: Town) -> None:
    town.said.spare = Decimal(-200)
    answered = open_account(town)
    assert "the exchange holds 300.00 USDT free" in answered.message
    assert (answered.state, town.said.open_lines, town.ledger.accounts()) == (S.REFUSED, 0, [])


@pytest.mark.parametrize(
    ("change", "words"),
    [({"withdraw": True}, "may withdraw"), ({"transfer": True}, "may transfer"), ({"trade": False}, "may not trade")],
)
def test_a_key_that_may_do_more_or_less_than_trade_opens_no_live_account(
    town: Town, change: dict[str, bool], words: str
) -> None:
    town.said.rights = replace(TRADE_ONLY, **change)
    assert words in open_account(town).message
    assert open_account(town, "TESTNET").state is S.DONE


def test_a_key_that_works_from_anywhere_is_warned_of(town: Town) -> None:
    town.said.rights = replace(TRADE_ONLY, ip_bound=False)
    assert "works from any address" in open_account(town).message


def test_an_exchange_that_does_not_answer_opens_nothing(town: Town) -> None:
    town.said.error = VenueUnavailable("no connection")
    assert open_account(town).state is S.REFUSED
    assert (town.ledger.accounts(), town.said.open_lines) == ([], 0)


def test_a_testnet_account_leaves_something_for_the_canary(town: Town) -> None:
    town.said.spare = Decimal(0)
    assert "480.00 USDT free, less 20 for trying orders" in open_account(town, "TESTNET").message
    assert open_account(town, "LIVE").state is S.DONE  # there it buys nothing


def test_one_ledger_a_key(town: Town) -> None:
    open_account(town)
    assert "trades with these keys already" in open_account(town).message
    assert open_account(town, "TESTNET").state is S.DONE


@pytest.mark.parametrize(
    "payload", [{"kind": "REPLAY"}, {"kind": "LIVE", "source": "SIMULATED"}, {"kind": "TESTNET", "source": "BINANCE"}]
)
def test_a_kind_has_its_own_source(town: Town, payload: dict[str, str]) -> None:
    assert town.ask(K.OPEN_ACCOUNT, {"name": "x", "cash": "5", **payload}).state is S.REFUSED


# ---------------------------------------------------------------------- arming


def test_a_live_account_takes_no_new_risk_before_it_is_armed(town: Town) -> None:
    ready(town)
    town.start_sleeve()
    town.ask(K.SWITCH_TRADING, {"on": True})
    assert causes(town) == ["not_armed"]
    town.pass_bars()
    assert [d.held_by for d in town.ledger.decisions(town.session.account.account_id)] == ["halted"]
    assert town.buy("0.001").state is S.REFUSED


def test_a_testnet_account_needs_no_arming(town: Town) -> None:
    open_account(town, "TESTNET", "10000")
    assert causes(town) == []
    assert town.buy("0.001").state is S.DONE
    assert "no live account" in arm(town).message


def test_armed_it_trades_until_the_moment_that_the_operator_chose(town: Town) -> None:
    account_id = ready(town)
    answered = arm(town)
    assert answered.message == "Armed: the engine may risk 500.00 USDT until 2025-01-11 00:00 UTC."
    assert causes(town) == []
    assert town.buy("0.001").state is S.DONE
    town.forward(timedelta(hours=24))
    town.warden.look(town.session)
    [halt] = town.ledger.halts(account_id)
    assert (halt.kind, halt.cause) == (HaltKind.PAUSE, "not_armed")
    assert "ended at 2025-01-11 00:00" in halt.detail
    assert town.buy("0.001").state is S.REFUSED
    assert town.ask(K.FLATTEN, {"typed": "FLATTEN"}).state is S.DONE  # ways out of risk stay open
    assert town.ledger.positions(account_id) == []


def test_an_arming_ends_at_its_moment_not_at_the_next_look(town: Town) -> None:
    ready(town)
    arm(town, hours=1)
    town.forward(timedelta(hours=1) - timedelta(milliseconds=1))
    town.warden.expire(town.session)
    assert causes(town) == []
    town.forward(timedelta(milliseconds=1))
    town.warden.expire(town.session)
    assert causes(town) == ["not_armed"]
    town.warden.expire(None)


def test_an_arming_is_recorded_with_who_when_and_how_much(town: Town) -> None:
    ready(town)
    arm(town, hours=1)
    arming = papers(town).arming
    assert arming is not None
    assert (arming.by, arming.at, arming.expires_at - arming.at, arming.at_risk) == (
        "tester", town.clock.now(), timedelta(hours=1), Decimal(500),
    )  # fmt: skip
    assert alerts(town)[0] == "LIVE armed by tester: 500.00 USDT until 2025-01-10 01:00 UTC"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"typed": "live"}, "type LIVE"),
        ({"typed": None}, "type LIVE"),
        ({"at_risk": "499"}, "type that amount"),
        ({"at_risk": ""}, "at_risk"),
        ({"hours": 0}, "hours 0 must be 1 to 720"),
        ({"hours": 721}, "must be 1 to 720"),
    ],
)
def test_word_amount_and_end_are_typed_as_they_must_be(town: Town, change: dict[str, Any], words: str) -> None:
    ready(town)
    answered = arm(town, **change)
    assert (answered.state, words in answered.message) == (S.REFUSED, True), answered.message
    assert causes(town) == ["not_armed"]


def test_without_limits_of_its_own_it_is_not_armed(town: Town) -> None:
    open_account(town)
    assert "limits are not set" in arm(town).message


def test_a_halted_account_is_not_armed(town: Town) -> None:
    account_id = ready(town)
    town.ledger.raise_halt(a_halt("mismatch", HaltKind.HALT, account_id=account_id))
    assert "it is halted (mismatch)" in arm(town).message


def test_an_account_that_is_not_reconciled_is_not_armed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    ready(town)
    monkeypatch.setattr(town.session.trader.reconciler, "pending", lambda: "the venue does not answer")
    assert arm(town).message == "not reconciled: the venue does not answer. Ask again in a moment"


def test_rights_are_asked_again_when_they_are_a_day_old(town: Town) -> None:
    ready(town)
    town.said.rights = replace(TRADE_ONLY, withdraw=True)
    town.forward(timedelta(hours=25))
    assert "may withdraw" in arm(town).message


def test_a_right_that_was_given_later_ends_the_arming_and_is_told_once(town: Town) -> None:
    ready(town)
    arm(town, hours=720)
    town.said.rights = replace(TRADE_ONLY, withdraw=True)
    for _ in range(2):
        town.forward(timedelta(hours=24))
        town.warden.look(town.session)
    assert causes(town) == ["not_armed"]
    assert [a for a in alerts(town) if "may withdraw" in a] == [
        "LIVE disarmed: the key may withdraw coins; make one without that right"
    ]
    town.said.rights = TRADE_ONLY
    town.ask(K.CHECK_VENUE)
    assert causes(town) == ["not_armed"]  # a better key needs a new word


def test_where_the_exchange_does_not_tell_the_operator_confirms_in_writing(town: Town) -> None:
    town.said.rights = None
    ready(town)
    assert CONFIRMATION in arm(town).message
    assert arm(town, confirmed=f" {CONFIRMATION.capitalize()} ").state is S.DONE
    arming = papers(town).arming
    assert arming is not None
    assert arming.confirmed


def test_more_allotted_than_was_armed_ends_the_arming(town: Town) -> None:
    ready(town)
    arm(town)
    town.ask(K.MOVE_CASH, {"amount": "100"})
    town.warden.look(town.session)
    assert causes(town) == ["not_armed"]
    assert arm(town, at_risk="600").state is S.DONE
    assert causes(town) == []


def test_no_more_is_added_than_the_exchange_holds(town: Town) -> None:
    town.said.spare = Decimal(50)
    ready(town)
    assert "the exchange holds 50.00 more" in town.ask(K.MOVE_CASH, {"amount": "51"}).message
    assert town.ask(K.MOVE_CASH, {"amount": "50"}).state is S.DONE


def test_disarmed_in_one_command_and_nothing_is_sold(town: Town) -> None:
    account_id = ready(town)
    arm(town)
    town.buy("0.002")
    assert town.ask(K.DISARM).state is S.DONE
    assert causes(town) == ["not_armed"]
    assert town.ledger.positions(account_id)
    assert papers(town).arming is None
    assert alerts(town)[0] == "LIVE disarmed by tester"


def test_an_arming_outlives_a_restart_but_not_its_end(town: Town) -> None:
    ready(town)
    arm(town)
    town.enter()
    assert causes(town) == []
    town.forward(timedelta(hours=24))
    town.enter()
    assert causes(town) == ["not_armed"]
