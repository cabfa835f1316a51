"""Commands about accounts at an exchange: arm, disarm, look at key and orders anew."""

from __future__ import annotations

from collections.abc import Mapping

from engine.autotrader.admission import NOT_BOUND, refuse_rights
from engine.autotrader.answer import Answer, Doer
from engine.autotrader.house import House, money
from engine.autotrader.session import Session
from engine.autotrader.warden import EVERY, Warden, allotted
from engine.commands.accounts import CONFIRMATION, Arm
from engine.domain.account import AccountKind
from engine.domain.arming import Arming
from engine.domain.command import Command, CommandKind
from engine.domain.errors import ConfigurationError
from engine.domain.halt import HaltKind
from engine.queries.papers import arming_setting


class LiveWork:
    """Arming is the only way to new risk with real money; each change of it is an alert that stays."""

    def __init__(self, house: House, warden: Warden) -> None:
        self._house = house
        self._warden = warden

    def doers(self) -> Mapping[CommandKind, Doer]:
        """Which method answers what."""
        return {
            CommandKind.ARM: self.arm,
            CommandKind.DISARM: self.disarm,
            CommandKind.CHECK_VENUE: self.check,
        }

    def arm(self, command: Command) -> Answer:
        """Allow new risk until a moment, after everything that live money needs was looked at."""
        wanted = Arm.parse(command.payload)
        session = self._live()
        self._refuse_unready(session, wanted)
        now = self._house.wall.now()
        arming = Arming(
            by=command.asked_by, at=now, expires_at=now + wanted.lasts, at_risk=wanted.at_risk,
            confirmed=wanted.confirmed,
        )  # fmt: skip
        account = session.account
        self._house.board.put_setting(arming_setting(account.account_id), arming.to_mapping())
        words = f"{money(arming.at_risk)} {account.quote} until {arming.expires_at:%Y-%m-%d %H:%M} UTC"
        self._house.board.alert(now, "warning", f"LIVE armed by {arming.by}: {words}", account.account_id)
        self._warden.look(session)
        rights = self._warden.papers(session).rights
        tail = f" {NOT_BOUND}" if rights is not None and not rights.ip_bound else ""
        return Answer(message=f"Armed: the engine may risk {words}.{tail}")

    def disarm(self, command: Command) -> Answer:
        """No new risk with real money from now on. Works without a session, and more than once."""
        account = self._house.account_in_use()
        if account is None or account.kind is not AccountKind.LIVE:
            raise ConfigurationError("the account in use is no live account; there is nothing to disarm")
        self._house.board.put_setting(arming_setting(account.account_id), None)
        self._house.board.alert(
            self._house.wall.now(), "warning", f"LIVE disarmed by {command.asked_by}", account.account_id
        )
        if self._house.session is not None:
            self._warden.look(self._house.session)
        return Answer(message="Disarmed: nothing new is bought. Exits and stops go on.")

    def check(self, command: Command) -> Answer:
        """Look at the key's rights and try each way to order, now."""
        session = self._house.in_session()
        if session.venue is None:
            raise ConfigurationError(f"account {session.account.name} orders at no exchange; there is nothing to check")
        result = self._warden.inspect(session)
        self._warden.look(session)
        self._house.touch(command.key)
        failed = [name for name, passed in result.passed.items() if not passed]
        if not failed:
            return Answer(message=f"All {len(result.passed)} ways to order work.")
        told = "; ".join(f"{name}: {result.details.get(name, 'refused')}" for name in failed)
        return Answer(message=f"{len(result.passed) - len(failed)} of {len(result.passed)} ways to order work. {told}")

    def _live(self) -> Session:
        session = self._house.in_session()
        if session.account.kind is not AccountKind.LIVE:
            raise ConfigurationError(f"account {session.account.name} is no live account; it needs no arming")
        return session

    def _refuse_unready(self, session: Session, wanted: Arm) -> None:
        """ConfigurationError names the first thing that is not in order, and the way out."""
        papers = self._warden.papers(session)
        halts = self._house.ledger.halts(session.account.account_id)
        if not papers.limits_set:
            raise ConfigurationError("limits are not set: look at each on the Auto-trading page and store them")
        if wanted.at_risk != allotted(session):
            amount = money(allotted(session))
            raise ConfigurationError(f"at_risk {wanted.at_risk}: the account is allotted {amount}; type that amount")
        latched = next((h for h in halts if h.kind is HaltKind.HALT), None)
        if latched is not None:
            raise ConfigurationError(f"it is halted ({latched.cause}): {latched.detail}. Reset it first")
        if waiting := session.trader.reconciler.pending():
            raise ConfigurationError(f"not reconciled: {waiting}. Ask again in a moment")
        if papers.seen_at is None or self._house.wall.now() - papers.seen_at >= EVERY:
            self._warden.inspect(session)
            papers = self._warden.papers(session)
        refuse_rights(session.account.kind, papers.rights)
        if papers.rights is None and wanted.confirmed.casefold() != CONFIRMATION:
            raise ConfigurationError(
                f"this exchange does not tell what a key may do; look there, then write: {CONFIRMATION}"
            )
        if papers.canary is None or not any(papers.canary.passed.values()):
            raise ConfigurationError("no way to order was proved at the exchange; check it on the System page")
