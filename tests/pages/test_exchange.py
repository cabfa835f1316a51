"""An account at an exchange on screen: what it lacks, what it needs, armed and not armed, on every page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from engine.commands.accounts import CONFIRMATION
from engine.domain.account import AccountKind, Source
from engine.domain.arming import Arming
from engine.domain.command import CommandKind
from engine.domain.halt import Halt, HaltKind
from engine.domain.interval import Interval, iso
from engine.domain.sleeve import Sleeve, SleeveState
from engine.domain.venue import OTOCO, CanaryResult, KeyRights
from engine.queries.papers import arming_setting, canary_setting, rights_setting
from engine.queries.readiness import read_readiness
from pages.parts import wiring
from tests.contracts.wall import an_account
from tests.pages.conftest import Open
from tests.pages.reading import assert_calm, words
from tests.pages.scene import NOW, Scene, empty_scene

ID = "l1"
TRADE_ONLY = KeyRights(trade=True, withdraw=False, transfer=False, ip_bound=True)
LINE = {
    "market_stream": "LIVE", "user_stream": "LIVE", "weight_used": 120, "weight_limit": 6000, "clock_ms": 12, "gaps": 1,
    "watched": 1,
}  # fmt: skip
STANDING = {
    "reconciled_at": iso(NOW - timedelta(seconds=20)), "foreign_orders": 2,
    "assets": {"BTC": {"claimed": "0.01", "free": "0.5", "locked": "0.01"}, "USDT": {"claimed": "500", "free": "500"}},
}  # fmt: skip


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A live account with everything but an arming; its engine is alive."""
    one = empty_scene(tmp_path)
    wiring.use(one)
    furnish(one)
    one.engine_says("Done.")
    yield one
    wiring.use(None)
    one.close()


def furnish(one: Scene, kind: AccountKind = AccountKind.LIVE) -> None:
    source = Source.BINANCE if kind is AccountKind.LIVE else Source.TESTNET
    account = an_account(ID, kind=kind, source=source, cash=Decimal(500), name="savings")
    one.ledger.open_account(account)
    one.board.put_setting("account_id", ID)
    one.board.put_setting(f"limits:{ID}", {"max_positions": 2})
    one.board.put_setting(rights_setting(ID), {"at": iso(NOW), "rights": TRADE_ONLY.to_mapping()})
    canary = CanaryResult(at=NOW, passed={"LIMIT": True, OTOCO: True}, details={"LIMIT": "accepted by order/test"})
    one.board.put_setting(canary_setting(ID), canary.to_mapping())
    one.beat(account_id=ID, mode=kind.value, source=source.value, line=LINE, standing=STANDING)


def armed(one: Scene, lasts: timedelta = timedelta(hours=8)) -> None:
    arming = Arming(by="ada", at=NOW, expires_at=NOW + lasts, at_risk=Decimal(500))
    one.board.put_setting(arming_setting(ID), arming.to_mapping())


def failing(one: Scene) -> list[str]:
    account = one.ledger.account(ID)
    return [c.name for c in read_readiness(one, account) if not c.ok]


# ---------------------------------------------------------------------- the status bar


@pytest.mark.parametrize("page", ["overview", "trade", "autotrader", "portfolio", "system"])
def test_live_is_said_in_words_on_every_page_and_disarmed_in_one_click(scene: Scene, show: Open, page: str) -> None:
    armed(scene)
    at = show(page)
    assert_calm(at)
    assert "LIVE · real money" in words(at)
    assert "Armed until 2025-04-01 20:00" in words(at)
    at.button(key="status_disarm").click().run()
    assert scene.last.kind is CommandKind.DISARM


def test_not_armed_is_said_and_needs_no_disarming(scene: Scene, show: Open) -> None:
    at = show("overview")
    assert "Not armed" in words(at)
    assert not [b for b in at.button if b.key == "status_disarm"]


def test_an_arming_that_has_ended_is_none(scene: Scene, show: Open) -> None:
    armed(scene, timedelta(seconds=0))
    assert "Not armed" in words(show("overview"))


def test_the_pause_of_an_unarmed_account_does_not_promise_to_clear(scene: Scene, show: Open) -> None:
    pause = Halt(account_id=ID, kind=HaltKind.PAUSE, cause="not_armed", detail="it is not armed", raised_at=NOW)
    scene.ledger.raise_halt(pause)
    assert "Paused (not_armed): it is not armed." in words(show("overview"))
    assert "It clears by itself" not in words(show("overview"))


def test_testnet_looks_like_neither_paper_nor_live(tmp_path: Path, show: Open) -> None:
    one = empty_scene(tmp_path)
    wiring.use(one)
    try:
        furnish(one, AccountKind.TESTNET)
        at = show("system")
        assert_calm(at)
        assert "TESTNET · play money" in words(at)
        assert "armed" not in words(at).lower()
        assert failing(one) == []
    finally:
        wiring.use(None)
        one.close()


def test_a_dead_stream_is_said(scene: Scene, show: Open) -> None:
    scene.beat(account_id=ID, mode="LIVE", source="BINANCE", line={**LINE, "user_stream": "CONNECTING"})
    assert "Orders are asked for" in words(show("overview"))
    assert failing(scene) == ["Streams", "Reconciled", "Armed"]


def test_without_a_sleeve_there_are_no_prices_to_miss(scene: Scene, show: Open) -> None:
    idle = {**LINE, "market_stream": "DOWN", "watched": 0}
    scene.beat(account_id=ID, mode="LIVE", source="BINANCE", line=idle, standing={**STANDING, "foreign_orders": 0})
    assert failing(scene) == ["Armed"]
    assert "orders live, prices nothing watched yet" in words(show("system"))
    assert "Every open order at the exchange is the engine's" in words(show("system"))


# ---------------------------------------------------------------------- the system page


def test_what_is_in_order_is_green_and_only_the_arming_is_missing(scene: Scene, show: Open) -> None:
    at = show("system")
    assert_calm(at)
    told = words(at)
    assert failing(scene) == ["Armed"]
    for line in ("trade only, seen just now", "2 of 2 work", "+12 ms", "120 of 6,000 a minute", "20 s ago"):
        assert line in told
    assert "2 open orders at the exchange are not the engine's" in told
    found = next(d for d in at.dataframe if "claimed by the engine" in d.value)
    assert found.value.loc[0].to_dict() == {
        "asset": "BTC", "claimed by the engine": "0.01", "free there": "0.5", "locked there": "0.01",
        "yours alone": "0.5", "covered": True,
    }  # fmt: skip


def test_arming_takes_the_word_the_amount_and_an_end(scene: Scene, show: Open) -> None:
    at = show("system")
    assert at.button(key="arm").disabled
    at.text_input(key="arm_word").input("LIVE").run()
    assert at.button(key="arm").disabled
    at.text_input(key="arm_risk").input("500").run()
    at.selectbox(key="arm_hours").set_value(8).run()
    at.button(key="arm").click().run()
    assert (scene.last.kind, scene.last.payload) == (
        CommandKind.ARM, {"typed": "LIVE", "at_risk": "500", "hours": 8, "confirmed": ""},
    )  # fmt: skip


def test_where_the_exchange_tells_no_rights_a_sentence_is_asked_for(scene: Scene, show: Open) -> None:
    scene.board.put_setting(rights_setting(ID), {"at": iso(NOW), "rights": None})
    at = show("system")
    assert failing(scene) == ["Key rights", "Armed"]
    assert at.text_input(key="arm_written").label == f"Write: {CONFIRMATION}"


@pytest.mark.parametrize(
    ("rights", "found", "bad"),
    [
        (KeyRights(trade=True, withdraw=True, transfer=False, ip_bound=True), "may withdraw", ["Key rights"]),
        (KeyRights(trade=True, withdraw=False, transfer=False, ip_bound=False), "any", ["Key's addresses"]),
    ],
)
def test_a_key_that_is_not_as_it_should_be_is_red(
    scene: Scene, show: Open, rights: KeyRights, found: str, bad: list[str]
) -> None:
    scene.board.put_setting(rights_setting(ID), {"at": iso(NOW), "rights": rights.to_mapping()})
    assert failing(scene) == [*bad, "Armed"]
    assert found in words(show("system"))


def test_a_way_to_order_that_failed_says_what_that_means(scene: Scene, show: Open) -> None:
    canary = CanaryResult(at=NOW, passed={"LIMIT": True, OTOCO: False}, details={OTOCO: "not listed"})
    scene.board.put_setting(canary_setting(ID), canary.to_mapping())
    told = words(show("system"))
    assert "OTOCO failed" in told
    assert "Entries get their stop in a second request" in told
    assert "not listed" in told


def test_without_an_engine_nothing_of_the_line_is_claimed(scene: Scene) -> None:
    scene.clock.at += timedelta(minutes=5)
    assert failing(scene)[0] == "Line"


def test_check_now_asks_the_engine(scene: Scene, show: Open) -> None:
    show("system").button(key="check_venue").click().run()
    assert scene.last.kind is CommandKind.CHECK_VENUE


def test_a_paper_account_shows_no_exchange(full: Scene, show: Open) -> None:
    assert "Play money at the testnet" not in words(show("system"))


# ---------------------------------------------------------------------- opening


def test_without_keys_the_page_says_which_to_set(full: Scene, show: Open) -> None:
    full.beat(account_id="paper-1", lacking={"TESTNET": "no testnet key is set: put AAITI_TESTNET_KEY", "LIVE": None})
    at = show("system")
    assert "No testnet key is set: put AAITI_TESTNET_KEY." in words(at)
    assert not [b for b in at.button if b.key == "open_testnet"]
    assert at.button(key="open_live").disabled


def test_with_keys_an_account_is_opened_with_what_it_is_allotted(full: Scene, show: Open) -> None:
    full.beat(account_id="paper-1", lacking={"TESTNET": None, "LIVE": None})
    full.engine_says("Opened.")
    at = show("system")
    at.text_input(key="open_live_cash").input("250").run()
    at.button(key="open_live").click().run()
    assert (scene_last := full.last).kind is CommandKind.OPEN_ACCOUNT
    assert scene_last.payload == {"kind": "LIVE", "name": "Live", "cash": "250"}


# ---------------------------------------------------------------------- the guide


def test_the_overview_leads_to_the_arming_before_the_switch(scene: Scene, show: Open) -> None:
    scene.ledger.put_sleeve(
        Sleeve(
            sleeve_id="s1", account_id=ID, strategy="rule:buy_hold", symbol="BTCUSDT", interval=Interval.H1,
            state=SleeveState.ACTIVE, created_at=NOW,
        )
    )  # fmt: skip
    at = show("overview")
    assert_calm(at)
    assert "real money and is not armed" in words(at)
    at.button(key="guide_system")
    armed(scene)
    assert "switch on auto-trading" in words(show("overview"))


def test_money_of_a_live_account_is_allotted_not_moved(scene: Scene, show: Open) -> None:
    told = show("portfolio")
    assert_calm(told)
    assert "More than was armed ends the arming" in words(told)
    assert "It must hold nothing: flatten it first" in words(told)
    told.text_input(key="cash_amount").input("100").run()
    told.button(key="move_cash").click().run()
    assert (scene.last.kind, scene.last.payload["amount"]) == (CommandKind.MOVE_CASH, "100")
