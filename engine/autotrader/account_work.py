"""Commands about accounts: open, use, start again, move cash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from engine.autotrader.admission import admit
from engine.autotrader.afresh import take_along
from engine.autotrader.answer import Answer, Doer, Recall, typed
from engine.autotrader.house import ACCOUNT_ID, TRADING_ON, House, money
from engine.autotrader.leaving import clear_exchange, settle_before_leaving
from engine.autotrader.session import Session
from engine.autotrader.trader import MOMENT
from engine.commands import fields
from engine.commands.accounts import OpenAccount
from engine.domain.account import Account, AccountKind, Costs, Source
from engine.domain.command import Command, CommandKind
from engine.domain.errors import ConfigurationError
from engine.domain.job import JobKind
from engine.domain.money import from_atoms
from engine.domain.order import Side, hashed_id

_FIRST_BARS: Mapping[str, object] = {"source": "BINANCE", "symbol": "BTCUSDT", "interval": "1h", "days": 1095}
"""What a newcomer on real prices can train on."""
_LETTERS = {AccountKind.PAPER: "p", AccountKind.TESTNET: "t", AccountKind.LIVE: "l"}


class AccountWork:
    """One method per command; each says what it did."""

    def __init__(self, house: House) -> None:
        self._house = house

    def doers(self) -> Mapping[CommandKind, Doer]:
        """Which method answers what."""
        return {
            CommandKind.OPEN_ACCOUNT: self.open_account,
            CommandKind.USE_ACCOUNT: self.use_account,
            CommandKind.RESET_ACCOUNT: self.reset_account,
            CommandKind.MOVE_CASH: self.move_cash,
        }

    def recalls(self) -> Mapping[CommandKind, Recall]:
        """Which method knows what came of a command whose answer was lost."""
        opening = dict.fromkeys((CommandKind.OPEN_ACCOUNT, CommandKind.RESET_ACCOUNT), self._recall_account)
        return {**opening, CommandKind.MOVE_CASH: self._recall_cash}

    def _recall_account(self, command: Command) -> Answer | None:
        """Go on where a kill came between an account and its answer: its id is made from the command's key."""
        ending = _ending(command.key)
        account = next((a for a in self._house.ledger.accounts() if a.account_id[1:] == ending), None)
        if account is None:
            return None
        if command.kind is CommandKind.RESET_ACCOUNT:
            self._go_over(self._house.account(fields.text(command.payload, "account_id")), account)
        else:
            self._take_up(account)
        if account.source is Source.BINANCE:
            self._house.begin(JobKind.SYNC, command.key, _FIRST_BARS)
        opened = f"Account {account.name} is open and in use, with {money(account.cash)} {account.quote}."
        return Answer(message=opened, result={"account_id": account.account_id})

    def _recall_cash(self, command: Command) -> Answer | None:
        moved = self._house.ledger.cash_was_moved(command.key)
        return Answer(message="The money was moved; it is not counted as profit.") if moved else None

    def open_account(self, command: Command) -> Answer:
        """Open an account and use it. One at an exchange needs keys that work and the money that it is allotted."""
        wanted = OpenAccount.parse(command.payload)
        if (before := self._recall_account(command)) is not None:
            return before
        account = self._new_account(wanted, command.key)
        warnings: list[str] = []
        if wanted.kind.at_exchange:
            self._refuse_second(wanted.kind)
            admitted = admit(account, self._house.makers)
            account, warnings = replace(account, costs=admitted.costs), [*admitted.warnings]
        settle_before_leaving(self._house, None)
        self._house.ledger.open_account(account)
        self._take_up(account)
        words = "SIMULATED prices"
        if wanted.source is Source.BINANCE:
            words = "Binance prices; the first bars are being fetched"
            self._house.begin(JobKind.SYNC, command.key, _FIRST_BARS)
        elif wanted.source is Source.TESTNET:
            words = "the testnet's own prices"
        kind, verb = wanted.kind.lower().capitalize(), "allotted" if wanted.kind.at_exchange else "with"
        opened = f"{kind} account {account.name} opened, {verb} {money(account.cash)} {account.quote}, on {words}."
        if wanted.kind is AccountKind.LIVE:
            warnings.append("Nothing new is bought before it is armed: set its limits, then arm it on the System page.")
        return Answer(message=" ".join([opened, *warnings]), result={"account_id": account.account_id})

    def _new_account(self, wanted: OpenAccount, key: str) -> Account:
        return Account(
            account_id=f"{_LETTERS[wanted.kind]}{_ending(key)}", name=wanted.name, kind=wanted.kind,
            source=wanted.source, quote="USDT", cash=wanted.cash, costs=Costs(),
            created_at=self._house.makers.began_at(wanted.source),
        )  # fmt: skip

    def _refuse_second(self, kind: AccountKind) -> None:
        """Two ledgers over one balance could each claim the same coin."""
        there = next((a for a in self._house.ledger.accounts() if a.kind is kind and a.closed_at is None), None)
        if there is not None:
            raise ConfigurationError(f"account {there.name} trades with these keys already; use it, or start it again")

    def _take_up(self, account: Account, *, trading_on: bool = False) -> None:
        self._house.board.put_setting(TRADING_ON, trading_on)
        self._house.board.put_setting(ACCOUNT_ID, account.account_id)
        self._house.leave(None)

    def use_account(self, command: Command) -> Answer:
        """Trade another account. The one before keeps its positions under their stops and its ledger to itself."""
        account = self._house.account(fields.text(command.payload, "account_id"))
        if account.closed_at is not None:
            raise ConfigurationError(f"account {account.name} was closed by a reset; its history can only be looked at")
        if account.kind is AccountKind.REPLAY:
            raise ConfigurationError(f"account {account.name} belongs to a replay; it cannot be traded")
        if account.kind.at_exchange and (missing := self._house.makers.missing(account.kind)):
            raise ConfigurationError(missing)
        settle_before_leaving(self._house, account)
        self._take_up(account)
        return Answer(message=f"Account {account.name} is in use. Auto-trading is off; no position was moved.")

    def reset_account(self, command: Command) -> Answer:
        """Once RESET was typed: close the account and open a fresh one of the same name and size."""
        typed(command, "RESET")
        if (before := self._recall_account(command)) is not None:
            return before
        old = self._house.account(fields.text(command.payload, "account_id"))
        if old.kind is AccountKind.REPLAY or old.closed_at is not None:
            raise ConfigurationError(f"account {old.name} cannot be reset: only one that is open and no replay can")
        again = OpenAccount(name=old.name, kind=old.kind, source=old.source, cash=old.cash)
        account = self._new_account(again, command.key)
        if old.kind.at_exchange:
            clear_exchange(self._house, old)
            admitted = admit(account, self._house.makers, or_less=old.kind is AccountKind.TESTNET)
            account = replace(account, cash=admitted.cash, costs=admitted.costs)
        settle_before_leaving(self._house, old)
        self._house.ledger.open_account(account)
        along, cash = self._go_over(old, account), f"{money(account.cash)} {account.quote}"
        return Answer(
            message=f"{account.name} starts again with {cash}; the old history is kept.{along}",
            result={"account_id": account.account_id},
        )

    def _go_over(self, old: Account, new: Account) -> str:
        """From an account to its successor. A testnet's goes on as it was set; what does, in words."""
        on, along = False, ""
        if old.kind is AccountKind.TESTNET:
            on = self._house.trading_on and self._house.board.setting(ACCOUNT_ID) in (old.account_id, new.account_id)
            along = f" {take_along(self._house, old, new)}; auto-trading is {'on' if on else 'off'}."
        self._house.ledger.close_account(old.account_id, self._house.wall.now())
        self._take_up(new, trading_on=on)
        return along

    def move_cash(self, command: Command) -> Answer:
        """Deposit or withdraw paper money, or what is allotted of the balance: a flow, kept out of profit."""
        session = self._house.in_session()
        amount = fields.decimal(command.payload, "amount")
        if not amount:
            raise ConfigurationError("amount is missing or zero; above zero deposits, below zero withdraws")
        amount = fields.money(amount)
        if (before := self._recall_cash(command)) is not None:
            return before
        self._check_move(session, amount)
        now, trader = session.clock.now(), session.trader
        at = min(max(now, trader.cursor + MOMENT), trader.next_close)  # the next mark is the first to hold its cash
        note = str(command.payload.get("note") or "")
        self._house.ledger.move_cash(session.account.account_id, amount, at, note, key=command.key)
        trader.book.move_cash(at, amount)
        if session.trader.cycle.paper is not None:
            session.trader.cycle.paper.deposit(amount)
        self._house.touch(command.key)
        verb = "Deposited" if amount > 0 else "Withdrew"
        sum_moved = f"{money(abs(amount))} {session.account.quote}"
        return Answer(message=f"{verb} {sum_moved}; it is not counted as profit.")

    def _check_move(self, session: Session, amount: Decimal) -> None:
        book = session.trader.book
        if amount < 0 and from_atoms(book.free_cash()) + amount < 0:
            raise ConfigurationError(f"amount {amount}: only free cash can be withdrawn")
        if amount < 0 and any(o.side is Side.BUY and o.price is None for o in book.orders.values()):
            raise ConfigurationError("a market buy is open, and what it will cost is not known yet; ask again after it")
        if session.venue is not None and amount > 0:
            balance = session.venue.standing().balances.get(session.account.quote)
            spare = (balance.total if balance else Decimal(0)) - from_atoms(book.portfolio.cash)
            if amount > spare:
                raise ConfigurationError(f"amount {amount}: the exchange holds {money(max(spare, Decimal(0)))} more")


def _ending(key: str) -> str:
    """What makes an account's id its own: asked again, the same command opens the same account."""
    return hashed_id("", key)[:7]
