"""The switch, halts, limits, accounts, cash."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.domain.command import CommandKind, CommandState
from engine.domain.halt import HaltKind
from engine.domain.job import JobKind
from tests.autotrader.town import ACCOUNT, Killed, Town, decided
from tests.contracts.wall import a_halt, an_order

K, S = CommandKind, CommandState


def open_account(town: Town, name: str = "second", source: str = "SIMULATED") -> str:
    answered = town.ask(K.OPEN_ACCOUNT, {"name": name, "source": source, "cash": "5000.5"})
    assert answered.result is not None
    return str(answered.result["account_id"])


def test_the_switch_is_stored_and_says_how_many_decide(town: Town) -> None:
    assert "No sleeve decides yet" in town.ask(K.SWITCH_TRADING, {"on": True}).message
    town.start_sleeve()
    assert "1 sleeve decides" in town.ask(K.SWITCH_TRADING, {"on": True}).message
    assert town.board.setting("trading_on") is True
    assert town.enter().session.trader.trading_on
    town.ask(K.SWITCH_TRADING, {"on": False})
    assert not town.session.trader.trading_on


def test_a_halt_latches_once_until_reset_is_typed(town: Town) -> None:
    town.start_sleeve()
    town.ask(K.SWITCH_TRADING, {"on": True})
    for _ in range(2):
        assert town.ask(K.HALT).state is S.DONE
    town.pass_bars()
    assert decided(town) == [("HOLD", "halted")]
    assert town.ask(K.RESET_HALT, {"typed": "reset"}).state is S.REFUSED
    assert town.ask(K.RESET_HALT, {"typed": "RESET"}).message.startswith("1 halt reset.")
    town.pass_bars()
    assert decided(town)[-1] == ("BUY", None)


def test_a_drawdown_halt_latches_and_a_reset_counts_from_todays_equity(town: Town) -> None:
    town.ask(K.SET_LIMITS, {"limits": {"max_drawdown": "0.000001", "stop_loss": "0.5", "take_profit": "0.5"}})
    town.buy("0.05")
    town.pass_bars(12)
    assert town.causes() == ["drawdown"]
    fallen = town.mark()
    assert fallen.drawdown > 0
    town.ask(K.RESET_HALT, {"typed": "RESET"})
    fresh = town.mark()
    assert (fresh.peak, fresh.day_start, fresh.drawdown) == (fallen.equity, fallen.equity, Decimal(0))
    assert town.causes() == []
    assert town.enter().session.trader.cycle.mark == fresh


def test_a_reset_leaves_pauses_to_their_causes(town: Town) -> None:
    town.ledger.raise_halt(a_halt("market_data", HaltKind.PAUSE, account_id=ACCOUNT))
    assert town.ask(K.RESET_HALT, {"typed": "RESET"}).message == "0 halts reset."
    assert town.causes() == ["market_data"]


def test_limits_hold_from_the_next_close_on_and_are_stored(town: Town) -> None:
    town.start_sleeve()
    town.ask(K.SWITCH_TRADING, {"on": True})
    town.ask(K.SET_LIMITS, {"limits": {"max_positions": "0"}})
    town.pass_bars()
    assert decided(town) == [("HOLD", "positions")]
    assert town.enter().session.trader.cycle.terms.limits.max_positions == 0


def test_a_new_account_is_in_use_empty_and_not_trading(town: Town) -> None:
    town.ask(K.SWITCH_TRADING, {"on": True})
    account_id = open_account(town)
    assert town.board.setting("account_id") == account_id
    assert town.board.setting("trading_on") is False
    account = town.ledger.account(account_id)
    assert (account.name, account.cash, account.created_at) == ("second", Decimal("5000.5"), town.clock.now())
    assert town.house.session is None


def test_an_account_on_real_prices_fetches_bars_to_learn_from(town: Town) -> None:
    open_account(town, source="BINANCE")
    [job] = town.spawned.jobs
    assert (job.kind, job.request["symbol"]) == (JobKind.SYNC, "BTCUSDT")


def test_switching_accounts_moves_no_position(town: Town) -> None:
    town.buy("0.04")
    account_id = open_account(town)
    town.enter()
    assert town.positions()
    assert town.ledger.positions(account_id) == []
    assert "no position was moved" in town.ask(K.USE_ACCOUNT, {"account_id": ACCOUNT}).message
    town.enter()
    assert town.session.trader.book.sleeve(f"{ACCOUNT}-manual-BTCUSDT").lots == 39


def test_a_reset_opens_a_fresh_account_and_keeps_the_old_history(town: Town) -> None:
    town.buy("0.04")
    answered = town.ask(K.RESET_ACCOUNT, {"account_id": ACCOUNT, "typed": "RESET"})
    assert answered.result is not None
    fresh = town.ledger.account(str(answered.result["account_id"]))
    assert (fresh.name, fresh.cash) == (town.ledger.account(ACCOUNT).name, town.ledger.account(ACCOUNT).cash)
    assert town.ledger.account(ACCOUNT).closed_at is not None
    assert town.orders()
    assert town.ledger.orders(fresh.account_id) == []
    refused = town.ask(K.USE_ACCOUNT, {"account_id": ACCOUNT})
    assert (refused.state, "closed by a reset" in refused.message) == (S.REFUSED, True)


def test_a_deposit_is_money_but_no_profit(town: Town) -> None:
    town.pass_bars()
    before = town.mark()
    town.forward(timedelta(minutes=5))
    assert town.ask(K.MOVE_CASH, {"amount": "5000", "note": "savings"}).state is S.DONE
    town.pass_bars()
    after = town.mark()
    assert after.equity == before.equity + 5000
    assert (after.external_flow, after.drawdown) == (Decimal(5000), Decimal(0))
    assert after.peak - before.peak == after.day_start - before.day_start == 5000


def test_a_withdrawal_is_no_loss_and_no_drawdown(town: Town) -> None:
    town.pass_bars()
    town.ask(K.MOVE_CASH, {"amount": "-9000"})
    town.pass_bars()
    assert town.mark().drawdown == 0
    assert town.causes() == []
    assert town.mark().equity == Decimal(1000)


def test_what_a_market_buy_will_cost_is_not_known_so_nothing_is_withdrawn_beside_it(town: Town) -> None:
    town.pass_bars()
    buy = an_order(account_id=ACCOUNT)
    town.session.trader.book.orders[buy.client_id] = buy
    refused = town.ask(K.MOVE_CASH, {"amount": "-1"})
    assert (refused.state, "a market buy is open" in refused.message) == (S.REFUSED, True)
    assert town.ask(K.MOVE_CASH, {"amount": "1"}).state is S.DONE


def test_a_flow_at_the_very_moment_of_a_mark_is_no_profit_either(town: Town) -> None:
    town.pass_bars()
    town.clock.at = town.mark().at  # as a simulated clock stands right after a start
    town.ask(K.MOVE_CASH, {"amount": "5000"})
    town.pass_bars()
    assert town.mark().external_flow == Decimal(5000)


@pytest.mark.parametrize("amount", ["-4000", "5000"])
@pytest.mark.parametrize("marked", [False, True], ids=["before the first mark", "after one"])
@pytest.mark.parametrize("late", [-40 * 60, 0.5, 3 * 3600], ids=["between", "before its handling", "three closes late"])
def test_a_flow_counts_in_the_first_mark_that_holds_its_cash(
    town: Town, amount: str, marked: bool, late: float
) -> None:
    """Also where a sleeve of shorter bars is started after it, and over a restart."""
    town.pass_bars(2 if marked else 0)
    town.clock.at = town.session.trader.next_close + timedelta(seconds=late)
    town.house.lease.keep()
    assert town.ask(K.MOVE_CASH, {"amount": amount}).state is S.DONE
    town.ask(K.START_SLEEVE, {"strategy": "rule:buy_hold", "symbol": "BTCUSDT", "interval": "15m"})
    town.enter()
    flow, worth = Decimal(0), 10_000 + Decimal(amount)
    while town.session.trader.next_close <= town.clock.now() + timedelta(hours=1):
        town.session.trader.run_close()
        assert (town.mark().equity, town.mark().peak, town.causes()) == (worth, worth, [])
        flow += town.mark().external_flow
    assert flow == (Decimal(amount) if marked else 0)  # the first mark has none before it to differ from


def test_a_flow_survives_a_restart_once(town: Town) -> None:
    town.pass_bars()
    town.ask(K.MOVE_CASH, {"amount": "5000"})
    town.enter()
    town.pass_bars()
    assert town.mark().equity == Decimal(15_000)
    assert town.mark().external_flow == Decimal(5000)
    town.pass_bars()
    assert town.mark().external_flow == Decimal(0)


MOVES: list[tuple[CommandKind, dict[str, str]]] = [
    (K.OPEN_ACCOUNT, {"name": "second", "source": "SIMULATED", "cash": "5000"}),
    (K.OPEN_ACCOUNT, {"name": "second", "source": "BINANCE", "cash": "5000"}),
    (K.RESET_ACCOUNT, {"account_id": ACCOUNT, "typed": "RESET"}),
    (K.MOVE_CASH, {"amount": "500"}),
]


@pytest.mark.parametrize("late", [False, True], ids=["in time", "too late"])
@pytest.mark.parametrize("step", ["put_setting", "answer"])
@pytest.mark.parametrize("wanted", MOVES, ids=["open", "open on Binance", "reset", "cash"])
def test_a_kill_between_an_effect_and_its_answer_repeats_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch, wanted: tuple[CommandKind, dict[str, str]], step: str, late: bool
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise Killed

    kind, payload = wanted
    with monkeypatch.context() as kill:
        kill.setattr(town.board, step, killed)
        kill.setattr(town.board, "answer", killed)
        with pytest.raises(Killed):
            town.ask(kind, payload, key="click")
    town.enter().forward(timedelta(seconds=60 if late else 1))
    town.settle()
    answered = town.board.command("click")
    assert answered is not None
    assert answered.state is S.DONE, answered.message
    accounts = town.ledger.accounts()
    flows = [amount for a in accounts for _, amount, _ in town.ledger.flows(a.account_id)]
    assert flows == ([Decimal(500)] if kind is K.MOVE_CASH else [])
    assert len(accounts) == (1 if kind is K.MOVE_CASH else 2)
    assert town.board.setting("account_id") == accounts[-1].account_id
    assert (accounts[0].closed_at is not None) == (kind is K.RESET_ACCOUNT)
    assert town.enter().session.trader.book.portfolio.cash == sum((accounts[-1].cash, *flows)) * 10**8
