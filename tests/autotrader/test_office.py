"""The office: each command once, none too late, none that leaves the engine unable to go on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.autotrader.office import Office
from engine.domain.command import Command, CommandKind, CommandState
from engine.domain.errors import LedgerError
from tests.autotrader.town import ACCOUNT, Killed, Town

K, S = CommandKind, CommandState


def test_a_command_is_answered_with_words_and_values(town: Town) -> None:
    answered = town.buy("0.04")
    assert answered.state is S.DONE
    assert answered.message.startswith("Bought 0.04 BTCUSDT at ")
    assert answered.result is not None
    assert answered.answered_at == town.clock.now()


def test_the_same_key_is_one_command_however_often_it_is_clicked(town: Town) -> None:
    first = town.buy("0.04", key="click")
    again = town.buy("0.04", key="click")
    assert again == first
    assert len(town.ledger.fills(ACCOUNT)) == 1


def test_a_command_seen_too_late_is_not_obeyed(town: Town) -> None:
    late = town.buy("0.04", expires_at=town.clock.now() - timedelta(microseconds=1))
    assert late.state is S.EXPIRED
    assert "did nothing" in late.message
    assert town.orders() == []


def test_a_page_that_looked_at_an_older_state_is_refused(town: Town) -> None:
    seen = town.board.state_version()
    assert town.buy("0.04", state_version=seen).state is S.DONE
    stale = town.buy("0.04", state_version=seen)
    assert stale.state is S.REFUSED
    assert "look again" in stale.message
    assert len(town.ledger.fills(ACCOUNT)) == 1


@pytest.mark.parametrize("seconds", [1, 60], ids=["stale by its own effect", "too late as well"])
def test_a_ticket_whose_answer_a_kill_took_is_told_from_the_ledger(
    town: Town, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as kill:
        kill.setattr(town.board, "answer", killed)
        with pytest.raises(Killed):
            town.buy("0.04", key="click", state_version=town.board.state_version())
    town.enter().forward(timedelta(seconds=seconds))
    town.settle()
    answered = town.board.command("click")
    assert answered is not None
    assert answered.state is S.DONE
    assert answered.message.startswith("Bought 0.04 BTCUSDT at ")
    assert len(town.ledger.fills(ACCOUNT)) == 1


def test_a_command_that_may_have_begun_is_not_said_to_have_done_nothing(town: Town) -> None:
    late = town.ask(K.SET_LIMITS, {"limits": {}}, expires_at=town.clock.now() - timedelta(seconds=1))
    assert late.state is S.EXPIRED
    assert "did nothing" not in late.message
    assert "look again" in late.message


def test_a_fault_answers_its_command_before_it_goes_on_to_the_engine(town: Town) -> None:
    def breaks(_: Command) -> None:
        raise ZeroDivisionError

    office = Office(town.board, town.clock, {K.SYNC: breaks})  # type: ignore[dict-item]
    town.office = office
    with pytest.raises(ZeroDivisionError):
        town.ask(K.SYNC, key="poison")
    answered = town.board.command("poison")
    assert answered is not None
    assert answered.state is S.REFUSED
    assert "look at the positions" in answered.message.lower()
    assert not office.answer_next()


def test_books_that_do_not_add_up_end_the_session_after_the_answer(town: Town) -> None:
    def breaks(_: Command) -> None:
        raise LedgerError("the books do not add up")

    town.office = Office(town.board, town.clock, {K.SYNC: breaks})  # type: ignore[dict-item]
    with pytest.raises(LedgerError):
        town.ask(K.SYNC, key="broken")
    answered = town.board.command("broken")
    assert answered is not None
    assert (answered.state, answered.message) == (S.REFUSED, "the books do not add up")


BAD = [
    (K.PLACE_ORDER, {}, "type None is not one of MARKET, LIMIT, STOP, TARGET, OCO"),
    (K.PLACE_ORDER, {"type": "LIMIT", "side": "BUY", "symbol": "BTCUSDT", "quantity": "1"}, "price is missing"),
    (K.PLACE_ORDER, {"type": "OCO", "side": "SELL", "symbol": "BTCUSDT", "price": "1"}, "stop_price is missing"),
    (K.PLACE_ORDER, {"type": "STOP", "side": "BUY", "stop_price": "1"}, "so it sells"),
    (K.PLACE_ORDER, {"type": "MARKET", "side": "BUY", "symbol": "BTCUSDT"}, "quantity None must be a number above"),
    (K.PLACE_ORDER, {"type": "MARKET", "side": "BUY", "symbol": "BTCUSDT", "quantity": 0.5}, "written as text"),
    (K.PLACE_ORDER, {"type": "MARKET", "side": "BUY", "symbol": "BTCUSDT", "quantity": "1e999999"}, "out of range"),
    (K.PLACE_ORDER, {"type": "MARKET", "side": "BUY", "symbol": "BTCUSDT", "quantity": "0.0005"}, "multiple of 0.001"),
    (K.PLACE_ORDER, {"type": "TARGET", "side": "BUY", "price": "1"}, "so it sells"),
    (K.PLACE_ORDER, {"type": "TARGET", "side": "SELL"}, "price is missing"),
    (K.PLACE_ORDER, {"type": "LIMIT", "side": "BUY", "price": "-1"}, "price '-1' must be a number above zero"),
    (K.PLACE_ORDER, {"type": "MARKET", "side": "SELL", "symbol": "BTCUSDT"}, "quantity None must be a number above"),
    (
        K.PLACE_ORDER,
        {"type": "MARKET", "side": "SELL", "symbol": "BTCUSDT", "quantity": "1", "sleeve_id": "s9"},
        "no such position in BTCUSDT",
    ),
    (K.MOVE_STOP, {"sleeve_id": "s9"}, "stop_price None must be a number above zero"),
    (K.MOVE_STOP, {"sleeve_id": "s9", "stop_price": "1"}, "closed already"),
    (K.PLACE_ORDER, {"type": "MARKET", "side": "BUY", "symbol": "NOPE", "quantity": "1"}, "'NOPE' is not on offer"),
    (K.CANCEL_ORDER, {}, "client_id is missing"),
    (K.CANCEL_ORDER, {"client_id": "aa"}, "not open any more"),
    (K.CLOSE_POSITION, {"sleeve_id": "s"}, "closed already"),
    (K.SET_LIMITS, {"limits": {"max_drawdown": "2"}}, "max_drawdown is 2"),
    (K.SET_LIMITS, {"limits": {"max_draw": "1"}}, "there is no 'max_draw'"),
    (K.SET_LIMITS, {"limits": "tight"}, "limits 'tight' must be a table"),
    (K.SWITCH_TRADING, {"on": "yes"}, "on 'yes' must be true or false"),
    (K.RESET_HALT, {}, "type RESET to confirm"),
    (K.RESET_ACCOUNT, {"typed": "reset", "account_id": ACCOUNT}, "type RESET to confirm"),
    (K.RESET_ACCOUNT, {"typed": "RESET", "account_id": "p9"}, "account_id 'p9' is unknown"),
    (K.USE_ACCOUNT, {"account_id": "p9"}, "account_id 'p9' is unknown"),
    (K.OPEN_ACCOUNT, {"name": "x", "source": "SIMULATED", "cash": "0"}, "cash '0' must be a number above zero"),
    (K.OPEN_ACCOUNT, {"name": "x", "source": "SIMULATED", "cash": "0.000000001"}, "more than eight decimal places"),
    (K.OPEN_ACCOUNT, {"name": "x", "source": "SIMULATED", "cash": "NaN"}, "not a finite number"),
    (K.OPEN_ACCOUNT, {"name": "x", "source": "ARCHIVE", "cash": "1"}, "replayed, not traded live"),
    (K.MOVE_CASH, {}, "amount is missing or zero"),
    (K.MOVE_CASH, {"amount": "0.000000001"}, "more than eight decimal places"),
    (K.MOVE_CASH, {"amount": "-10000.01"}, "only free cash can be withdrawn"),
    (K.SET_SPEED, {"speed": "2"}, "follows the real market's clock"),
    (K.START_SLEEVE, {"strategy": "rule:nope", "symbol": "BTCUSDT", "interval": "1h"}, "rule 'nope' is not known"),
    (K.START_SLEEVE, {"strategy": "luck", "symbol": "BTCUSDT", "interval": "1h"}, "write model:ID or rule:NAME"),
    (K.START_SLEEVE, {"strategy": "model:m9", "symbol": "BTCUSDT", "interval": "1h"}, "m9"),
    (K.START_SLEEVE, {"strategy": "rule:buy_hold", "symbol": "BTCUSDT", "interval": "7h"}, "interval '7h' is not one"),
    (K.START_SLEEVE, {"strategy": "rule:buy_hold", "symbol": "NOPE", "interval": "1h"}, "symbol 'NOPE'"),
    (K.RETIRE_SLEEVE, {"sleeve_id": "s9", "position": "close"}, "retired already"),
    (K.RETIRE_SLEEVE, {"sleeve_id": "s9", "position": "inherit"}, "successor is missing"),
    (K.TRAIN, {"name": "m", "source": "SIMULATED", "symbol": "A", "interval": "1h", "horizon": "²"}, "whole number"),
    (K.TRAIN, {"name": "m", "source": "SIMULATED", "symbol": "A", "interval": "1h", "horizon": 0}, "1 to 1000 bars"),
    (K.TRAIN, {"name": "m", "source": "SIMULATED", "symbol": "A", "interval": "1h", "start": "soon"}, "start: 'soon'"),
    (K.BACKTEST, {"strategy": "rule:buy_hold", "symbols": [], "interval": "1h"}, "symbols [] must be one text or more"),
    (K.IMPORT, {"paths": 7}, "paths 7 must be one text"),
    (K.START_REPLAY, {"strategy": "rule:buy_hold", "symbols": ["A"], "interval": "1h", "source": "S"}, "start and end"),
    (K.SYNC, {"source": "BINANCE", "symbol": "A", "interval": "1h", "days": 0}, "days 0 must be 1 to 5000"),
    (K.CANCEL_JOB, {"job_id": "j9"}, "over already"),
]


@pytest.mark.parametrize(("kind", "payload", "words"), BAD, ids=[f"{k.value}-{i}" for i, (k, _, _) in enumerate(BAD)])
def test_a_bad_payload_is_refused_in_words_and_changes_nothing(
    town: Town, kind: CommandKind, payload: dict[str, object], words: str
) -> None:
    answered = town.ask(kind, payload)
    assert answered.state is S.REFUSED
    assert words in answered.message
    assert town.orders() == []
    assert town.spawned.jobs == []
    assert town.ledger.flows(ACCOUNT) == []
    assert len(town.ledger.accounts()) == 1
    town.enter()  # and whatever it was, the account can be loaded again


@pytest.mark.parametrize("kind", [K.PLACE_ORDER, K.FLATTEN, K.RESET_HALT, K.SET_LIMITS, K.START_SLEEVE, K.MOVE_CASH])
def test_without_a_session_a_command_says_why(town: Town, kind: CommandKind) -> None:
    town.house.session, town.house.problem = None, "Binance does not answer"
    payload = {
        "type": "MARKET", "side": "BUY", "symbol": "BTCUSDT", "quantity": "1", "typed": "RESET", "amount": "1",
        "strategy": "rule:buy_hold", "interval": "1h",
    }  # fmt: skip
    answered = town.ask(kind, payload)
    assert answered.state is S.REFUSED
    assert "Binance does not answer" in answered.message


def test_switching_off_and_halting_work_even_without_a_session(town: Town) -> None:
    town.ask(K.SWITCH_TRADING, {"on": True})
    town.house.session = None
    assert town.ask(K.SWITCH_TRADING, {"on": False}).state is S.DONE
    assert town.board.setting("trading_on") is False
    assert town.ask(K.HALT).state is S.DONE
    assert town.causes() == ["operator"]
