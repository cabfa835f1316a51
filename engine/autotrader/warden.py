"""Warden: sees to it that an account at an exchange has its papers in order: rights and canary daily, arming always."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from decimal import Decimal

from engine.autotrader.admission import NOT_BOUND
from engine.autotrader.session import Session
from engine.domain.account import AccountKind
from engine.domain.errors import MarketDataError, OrderError, VenueError
from engine.domain.halt import Halt, HaltKind
from engine.domain.interval import iso
from engine.domain.venue import CanaryResult
from engine.ports import Board, Clock, Ledger
from engine.queries.papers import Papers, arming_setting, canary_setting, read_papers, rights_setting

EVERY = timedelta(days=1)
"""How old rights and canary may become before they are looked at again."""
RETRY = timedelta(minutes=5)
ASIDE = timedelta(seconds=15)
"""Nothing is looked at so shortly before a bar closes: the decision must not wait for it."""
NOT_ARMED = "not_armed"
"""Cause of the pause of a live account without a valid arming."""
_log = logging.getLogger("aaiti")


class Warden:
    """`look` is called at each session's start, before anything is decided, and every second from then on."""

    def __init__(self, board: Board, ledger: Ledger, wall: Clock) -> None:
        self._board = board
        self._ledger = ledger
        self._wall = wall
        self._asked_at: datetime | None = None
        self._armed_until: datetime | None = None

    def enter(self, session: Session) -> None:
        """A session begins: whatever was asked for the one before does not count."""
        self._asked_at = None
        self.look(session)

    def expire(self, session: Session | None) -> None:
        """Before each decision and each command: an arming ends at its moment, not a little later."""
        if session is not None and self._armed_until is not None and self._wall.now() >= self._armed_until:
            self.look(session)

    def look(self, session: Session) -> None:
        """Ask the exchange where that is due, then pause or let go."""
        self._armed_until = None
        if session.venue is None:
            return
        now = self._wall.now()
        if self._due(session, now):
            self._asked_at = now
            try:
                self.inspect(session)
            except (VenueError, OrderError, MarketDataError) as error:
                _log.warning("rights and canary could not be looked at: %s", error)
        if session.account.kind is AccountKind.LIVE:
            why, arming = self.objection(session), self.papers(session).arming
            self._armed_until = arming.expires_at if why is None and arming is not None else None
            self._pause(session, why)

    def papers(self, session: Session) -> Papers:
        """What is known of the account."""
        return read_papers(self._board, session.account.account_id)

    def inspect(self, session: Session) -> CanaryResult:
        """Ask the exchange what our key may do, and try each way to order; both are stored."""
        assert session.venue is not None, "only an account at an exchange is inspected"
        account_id, now = session.account.account_id, self._wall.now()
        before = self.papers(session)
        rights = session.venue.rights()
        told = None if rights is None else rights.to_mapping()
        self._board.put_setting(rights_setting(account_id), {"at": iso(now), "rights": told}, quiet=True)
        if session.account.kind is AccountKind.LIVE and rights is not None:
            if rights.refused:
                self._revoke(account_id, rights.refused, told=before.refused is not None)
            elif not rights.ip_bound and before.rights != rights:
                self._board.alert(now, "warning", NOT_BOUND, account_id)
        result = session.venue.canary(_canary_symbol(session))
        self._board.put_setting(canary_setting(account_id), result.to_mapping(), quiet=True)
        for name, passed in result.passed.items():
            if not passed and (before.canary is None or before.canary.proved(name)):
                self._board.alert(now, "warning", f"{name} does not work: {result.details.get(name, '')}", account_id)
        return result

    def _revoke(self, account_id: str, why: str, *, told: bool) -> None:
        """An arming does not outlive the key that it was given for."""
        armed = self._board.setting(arming_setting(account_id)) is not None
        if armed:
            self._board.put_setting(arming_setting(account_id), None)
        if armed or not told:
            words = "LIVE disarmed" if armed else "no new risk"
            self._board.alert(self._wall.now(), "error", f"{words}: {why}", account_id)

    def objection(self, session: Session) -> str | None:
        """Why a live account may take no new risk; None while it may."""
        papers = self.papers(session)
        if papers.refused:
            return papers.refused
        if papers.arming is None:
            return "it is not armed; type LIVE and the amount at risk on the System page"
        lapsed = papers.arming.lapsed(self._wall.now(), allotted(session))
        return f"{lapsed}; arm it again on the System page" if lapsed else None

    def _due(self, session: Session, now: datetime) -> bool:
        if self._asked_at is not None and now - self._asked_at < RETRY:
            return False
        papers = self.papers(session)
        if papers.seen_at is None:
            return True
        closing = timedelta(0) <= session.trader.next_close - session.clock.now() < ASIDE
        return now - papers.seen_at >= EVERY and not closing

    def _pause(self, session: Session, why: str | None) -> None:
        """The ledger's row is what counts: it is looked at each time, and changed where it says something else."""
        account_id, now = session.account.account_id, session.clock.now()
        held = next((h.detail for h in self._ledger.halts(account_id) if h.cause == NOT_ARMED), None)
        if why == held:
            return
        if held is not None:
            self._ledger.clear_halts(account_id, HaltKind.PAUSE, NOT_ARMED, now, "engine")
        if why is not None:
            _log.warning("no new risk: %s", why)
            self._ledger.raise_halt(
                Halt(account_id=account_id, kind=HaltKind.PAUSE, cause=NOT_ARMED, detail=why, raised_at=now)
            )


def allotted(session: Session) -> Decimal:
    """What the engine may use at most, before profit and loss."""
    return sum((amount for _, amount in session.trader.book.flows), session.account.cash)


def _canary_symbol(session: Session) -> str:
    """An instrument that the account trades, or the usual one, or any."""
    chosen = (s.symbol for s in session.trader.seats if s.symbol in session.instruments)
    usual = f"BTC{session.account.quote}"
    return next(chosen, usual if usual in session.instruments else next(iter(session.instruments)))
