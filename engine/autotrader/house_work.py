"""Commands about the house itself: switch, halts, accounts, sleeves, limits, cash."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from engine.autotrader.answer import Answer, Doer
from engine.autotrader.errands import cancel_orders
from engine.autotrader.house import ACCOUNT_ID, SIMULATION_SPEED, TRADING_ON, House, money
from engine.commands import fields
from engine.commands.requests import OpenAccount
from engine.domain.account import Account, AccountKind, Costs, Source
from engine.domain.command import Command, CommandKind
from engine.domain.errors import ConfigurationError
from engine.domain.halt import Halt, HaltKind
from engine.domain.job import JobKind
from engine.domain.money import from_atoms
from engine.domain.order import Purpose
from engine.risk.limits import RiskLimits

_FIRST_BARS: Mapping[str, object] = {"source": "BINANCE", "symbol": "BTCUSDT", "interval": "1h", "days": 1095}
"""What a newcomer on real prices can train on."""


_MOMENT = timedelta(microseconds=1)
_SLOWEST, _FASTEST = Decimal("0.01"), Decimal(10_000_000)


class HouseWork:
    """One method per command; each says what it did."""

    def __init__(self, house: House) -> None:
        self._house = house

    def doers(self) -> Mapping[CommandKind, Doer]:
        """Which method answers what."""
        return {
            CommandKind.SWITCH_TRADING: self.switch,
            CommandKind.HALT: self.halt,
            CommandKind.RESET_HALT: self.reset_halt,
            CommandKind.SET_LIMITS: self.set_limits,
            CommandKind.OPEN_ACCOUNT: self.open_account,
            CommandKind.USE_ACCOUNT: self.use_account,
            CommandKind.RESET_ACCOUNT: self.reset_account,
            CommandKind.MOVE_CASH: self.move_cash,
            CommandKind.SET_SPEED: self.set_speed,
        }

    def switch(self, command: Command) -> Answer:
        """Turn auto-trading on or off. Off: positions keep their stops, nothing new is decided."""
        on = fields.flag(command.payload, "on")
        if not on:
            self._house.board.put_setting(TRADING_ON, False)
            if self._house.session is not None:
                self._house.session.trader.trading_on = False
            return Answer(message="Auto-trading is off. Open positions keep their stops.")
        session = self._house.in_session()
        self._house.board.put_setting(TRADING_ON, True)
        session.trader.trading_on = True
        deciding = sum(1 for seat in session.trader.seats if seat.decides)
        word = "No sleeve decides yet: choose a model and let it trade."
        if deciding:
            word = f"{deciding} {'sleeve decides' if deciding == 1 else 'sleeves decide'} at each bar close."
        return Answer(message=f"Auto-trading is on. {word}")

    def halt(self, command: Command) -> Answer:
        """Latch the operator's halt; the button has raised it already where the database could be reached."""
        account = self._house.account_in_use()
        if account is None:
            raise ConfigurationError("no account is in use, so there is nothing to halt")
        session = self._house.session
        now = self._house.wall.now() if session is None else session.clock.now()
        halt = Halt(
            account_id=account.account_id, kind=HaltKind.HALT, cause="operator",
            detail=f"halted by {command.asked_by}", raised_at=now,
        )  # fmt: skip
        self._house.ledger.raise_halt(halt)
        cancelled = cancel_orders(self._house.in_session(), Purpose.ENTRY, "halted") if session is not None else 0
        tail = f" {cancelled} waiting entr{'y' if cancelled == 1 else 'ies'} cancelled." if cancelled else ""
        return Answer(message=f"Halted: no new risk until you reset it. Exits and stops go on.{tail}")

    def reset_halt(self, command: Command) -> Answer:
        """Clear every latched halt once RESET was typed. Peak and day start begin anew at today's equity."""
        _typed(command, "RESET")
        session = self._house.in_session()
        now = session.clock.now()
        account_id = session.account.account_id
        count = self._house.ledger.clear_halts(account_id, HaltKind.HALT, None, now, command.asked_by)
        mark = session.trader.cycle.rebase(now) if count else None
        self._house.touch(command.key)
        base = f" Drawdown and daily loss count from {money(mark.equity)} on." if mark else ""
        return Answer(message=f"{count} halt{'s' * (count != 1)} reset.{base}")

    def set_limits(self, command: Command) -> Answer:
        """Store limits for the account in use; they hold from the next close on."""
        session = self._house.in_session()
        limits = RiskLimits.from_mapping(fields.mapping(command.payload, "limits"))
        self._house.board.put_setting(f"limits:{session.account.account_id}", limits.to_mapping())
        session.trader.cycle.use_limits(limits)
        return Answer(message="Limits stored. They hold from the next bar close on.")

    def open_account(self, command: Command) -> Answer:
        """Open a paper account and use it."""
        wanted = OpenAccount.parse(command.payload)
        account = self._new_account(wanted)
        self._house.board.put_setting(TRADING_ON, False)
        self._house.board.put_setting(ACCOUNT_ID, account.account_id)
        self._house.session = None
        words = "SIMULATED prices"
        if wanted.source is Source.BINANCE:
            words = "Binance prices; the first bars are being fetched"
            self._house.begin(JobKind.SYNC, command.key, _FIRST_BARS)
        return Answer(
            message=f"Paper account {account.name} opened with {money(account.cash)} {account.quote} on {words}.",
            result={"account_id": account.account_id},
        )

    def _new_account(self, wanted: OpenAccount) -> Account:
        account = Account(
            account_id=f"p{uuid.uuid4().hex[:7]}", name=wanted.name, kind=AccountKind.PAPER, source=wanted.source,
            quote="USDT", cash=wanted.cash, costs=Costs(), created_at=self._house.makers.began_at(wanted.source),
        )  # fmt: skip
        self._house.ledger.open_account(account)
        return account

    def use_account(self, command: Command) -> Answer:
        """Trade another account. The one before keeps its positions under their stops and its ledger to itself."""
        account = self._house.account(fields.text(command.payload, "account_id"))
        if account.closed_at is not None:
            raise ConfigurationError(f"account {account.name} was closed by a reset; its history can only be looked at")
        if account.kind is not AccountKind.PAPER:
            raise ConfigurationError(f"account {account.name} belongs to a {account.kind.lower()}; it cannot be traded")
        self._house.board.put_setting(TRADING_ON, False)
        self._house.board.put_setting(ACCOUNT_ID, account.account_id)
        self._house.session = None
        return Answer(message=f"Account {account.name} is in use. Auto-trading is off; no position was moved.")

    def reset_account(self, command: Command) -> Answer:
        """Once RESET was typed: close the paper account and open a fresh one of the same name and size."""
        _typed(command, "RESET")
        old = self._house.account(fields.text(command.payload, "account_id"))
        if old.kind is not AccountKind.PAPER or old.closed_at is not None:
            raise ConfigurationError(f"account {old.name} cannot be reset: only an open paper account can")
        account = self._new_account(OpenAccount(name=old.name, source=old.source, cash=old.cash))
        self._house.ledger.close_account(old.account_id, self._house.wall.now())
        self._house.board.put_setting(TRADING_ON, False)
        self._house.board.put_setting(ACCOUNT_ID, account.account_id)
        self._house.session = None
        return Answer(
            message=f"{account.name} starts again with {money(account.cash)} {account.quote}; the old history is kept.",
            result={"account_id": account.account_id},
        )

    def move_cash(self, command: Command) -> Answer:
        """Deposit or withdraw paper money: an external flow, kept out of profit."""
        session = self._house.in_session()
        amount = fields.decimal(command.payload, "amount")
        if not amount:
            raise ConfigurationError("amount is missing or zero; above zero deposits, below zero withdraws")
        amount = fields.money(amount)
        book = session.trader.book
        if from_atoms(book.free_cash()) + amount < 0:
            raise ConfigurationError(f"amount {amount}: only free cash can be withdrawn")
        now, note = session.clock.now(), str(command.payload.get("note") or "")
        if session.trader.cycle.mark is not None:  # a flow at the very moment of a mark would count as profit after it
            now = max(now, session.trader.cycle.mark.at + _MOMENT)
        self._house.ledger.move_cash(session.account.account_id, amount, now, note)
        book.move_cash(now, amount)
        if session.trader.cycle.paper is not None:
            session.trader.cycle.paper.deposit(amount)
        self._house.touch(command.key)
        verb = "Deposited" if amount > 0 else "Withdrew"
        sum_moved = f"{money(abs(amount))} {session.account.quote}"
        return Answer(message=f"{verb} {sum_moved}; it is not counted as profit.")

    def set_speed(self, command: Command) -> Answer:
        """Set how fast the simulated market runs: market seconds per real second."""
        session = self._house.in_session()
        speed = fields.positive(command.payload, "speed")
        if session.paced is None:
            raise ConfigurationError("speed: this account follows the real market's clock")
        if not _SLOWEST <= speed <= _FASTEST:
            raise ConfigurationError(f"speed {speed} must lie within {_SLOWEST} and {_FASTEST:,}")
        self._house.board.put_setting(SIMULATION_SPEED, str(speed))
        session.paced.set_speed(float(speed))
        return Answer(message=f"The simulated market runs {speed:,f} times as fast as the clock on the wall.")


def _typed(command: Command, word: str) -> None:
    if command.payload.get("typed") != word:
        raise ConfigurationError(f"typed {command.payload.get('typed')!r}; type {word} to confirm")
