"""Commands about who trades what: starting and retiring sleeves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.autotrader.answer import Answer, Doer
from engine.autotrader.errands import ask_cancels, sell_all
from engine.autotrader.house import House
from engine.autotrader.naming import spoken_name
from engine.autotrader.session import Session
from engine.commands.requests import PositionPolicy, RetireSleeve, StartSleeve
from engine.domain.command import Command, CommandKind
from engine.domain.errors import ConfigurationError
from engine.domain.order import Purpose, hashed_id
from engine.domain.sleeve import MANUAL, Sleeve, SleeveState
from engine.strategy.strategy import ModelStrategy, Strategy


class SleeveWork:
    """One active sleeve per instrument; a position is never left without an owner."""

    def __init__(self, house: House) -> None:
        self._house = house

    def doers(self) -> Mapping[CommandKind, Doer]:
        """Which method answers what."""
        return {CommandKind.START_SLEEVE: self.start, CommandKind.RETIRE_SLEEVE: self.retire}

    def start(self, command: Command) -> Answer:
        """Give a strategy an instrument to trade from the next close on."""
        wanted = StartSleeve.parse(command.payload)
        session = self._house.in_session()
        if wanted.symbol not in session.instruments:
            raise ConfigurationError(f"symbol {wanted.symbol!r} is not on offer on {session.account.source}")
        strategy = self._honest(session.makers.strategy(wanted.strategy, wanted.symbol, wanted.interval))
        for other in self._house.ledger.sleeves(session.account.account_id, SleeveState.ACTIVE):
            if other.symbol == wanted.symbol and other.strategy != MANUAL:
                raise ConfigurationError(
                    f"{wanted.symbol} is traded by {self._name(other.strategy)} already; "
                    "retire that sleeve first (auto-trading page)"
                )
        sleeve = self._sleeve(command.key, session, wanted.strategy, wanted)
        self._house.ledger.put_sleeve(sleeve)
        session.seat(sleeve)
        self._house.touch(command.key)
        switch = "" if session.trader.trading_on else " Auto-trading is off: switch it on to let it trade."
        return Answer(
            message=f"{self._name(strategy.name)} decides on {wanted.symbol} at each {wanted.interval} close.{switch}",
            result={"sleeve_id": sleeve.sleeve_id},
        )

    def _honest(self, strategy: Strategy) -> Strategy:
        """Refuse a version whose scores only a leak of the future explains: a model's first one leads it, unasked."""
        if isinstance(strategy, ModelStrategy) and self._house.models.version(strategy.version_id).leak_suspected:
            raise ConfigurationError(
                f"{self._name(strategy.name)} is suspected of a leak of the future: its scores are too good for a real "
                "market. Find the leak and train again; a backtest may still run it"
            )
        return strategy

    def _name(self, strategy: str) -> str:
        return spoken_name(self._house, strategy)

    def _sleeve(self, key: str, session: Session, strategy: str, wanted: StartSleeve) -> Sleeve:
        return Sleeve(
            sleeve_id=hashed_id("s", key)[:12], account_id=session.account.account_id, strategy=strategy,
            symbol=wanted.symbol, interval=wanted.interval, state=SleeveState.ACTIVE, created_at=session.clock.now(),
        )  # fmt: skip

    def retire(self, command: Command) -> Answer:
        """Retire a sleeve. Its position is closed, kept under its stop, or inherited by another strategy."""
        wanted = RetireSleeve.parse(command.payload)
        session = self._house.in_session()
        sleeves = self._house.ledger.sleeves(session.account.account_id)
        sleeve = next((s for s in sleeves if s.sleeve_id == wanted.sleeve_id), None)
        if sleeve is None or sleeve.state is SleeveState.RETIRED or sleeve.strategy == MANUAL:
            raise ConfigurationError("that sleeve is retired already; look at the list again")
        if wanted.position is PositionPolicy.INHERIT and wanted.successor is not None:
            return self._hand_over(session, sleeve, wanted.successor, command)
        entry = Purpose.ENTRY  # what it bought would have no owner
        ask_cancels(session, "sleeve retired", entry, sleeve_id=sleeve.sleeve_id)
        if wanted.position is PositionPolicy.CLOSE:
            sell_all(session, [sleeve.sleeve_id], "sleeve retired", command.key)
        page = session.trader.book.sleeve(sleeve.sleeve_id)
        held = page.lots > 0 or bool(page.orders())  # an order that is not over may have bought already
        state = SleeveState.STOP_ONLY if held else SleeveState.RETIRED
        self._house.ledger.put_sleeve(replace(sleeve, state=state))
        if held:
            session.seat(replace(sleeve, state=state))
        else:
            session.unseat(sleeve.sleeve_id)
        self._house.touch(command.key)
        tail = "its position stays under its stop and target" if page.lots else "it holds nothing"
        if held and not page.lots:
            tail = "the exchange has not confirmed that its order is over; what it may buy stays under its stop"
        return Answer(message=f"{sleeve.symbol}: {self._name(sleeve.strategy)} decides no more; {tail}.")

    def _hand_over(self, session: Session, sleeve: Sleeve, successor: str, command: Command) -> Answer:
        """The sleeve goes on with its position under another strategy."""
        strategy = self._honest(session.makers.strategy(successor, sleeve.symbol, sleeve.interval))
        heir = replace(sleeve, strategy=successor, state=SleeveState.ACTIVE)
        self._house.ledger.put_sleeve(heir)
        session.seat(heir)
        self._house.touch(command.key)
        return Answer(message=f"{self._name(strategy.name)} took over {sleeve.symbol} with everything it holds.")
