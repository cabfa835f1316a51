"""Commands about the house itself: switch, halts, limits, speed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from engine.autotrader.answer import Answer, Doer, typed
from engine.autotrader.errands import ask_cancels
from engine.autotrader.house import SIMULATION_SPEED, TRADING_ON, House, money
from engine.autotrader.outcomes import cancels, stored
from engine.commands import fields
from engine.domain.command import Command, CommandKind
from engine.domain.errors import ConfigurationError
from engine.domain.halt import Halt, HaltKind
from engine.domain.order import Purpose
from engine.risk.limits import RiskLimits

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
        asked = ask_cancels(self._house.in_session(), "halted", Purpose.ENTRY) if session is not None else []
        entries = stored(self._house.ledger, account.account_id, [o.client_id for o in asked])
        tail = f" Waiting entries: {cancels(entries)}." if entries else ""
        return Answer(message=f"Halted: no new risk until you reset it. Exits and stops go on.{tail}")

    def reset_halt(self, command: Command) -> Answer:
        """Clear every latched halt once RESET was typed. Peak and day start begin anew at today's equity."""
        typed(command, "RESET")
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
