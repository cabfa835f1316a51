"""The engine's loop: keep the lease, answer commands, deal with closes, show signs of life."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

from engine.autotrader.drift_watch import DriftWatch
from engine.autotrader.house import House
from engine.autotrader.jobs import fail_the_dead
from engine.autotrader.office import Office
from engine.autotrader.pauses import Pauses
from engine.autotrader.reopening import Reopening
from engine.autotrader.retraining import Retraining
from engine.autotrader.schedule import Schedule
from engine.autotrader.session import SETTLE, Session
from engine.autotrader.shadow import Shadow
from engine.autotrader.status import status_of
from engine.autotrader.succession import Succession
from engine.autotrader.warden import Warden
from engine.domain.errors import AaitiError, LeaseLost, LedgerError
from engine.domain.halt import Halt, HaltKind
from engine.domain.interval import Interval
from engine.ports import LOOKED_AT

TICK_SECONDS = 0.2
"""How often commands are looked for: a click is answered within this and the work it asks for."""
BEAT_SECONDS = 1.0
WATCH_SECONDS = 2.0
TEND_SECONDS = 0.5
"""How often orders at an exchange are looked after where its stream brings no news of them."""
TIDY_SECONDS = 5.0
_BUSY_SECONDS = 0.5  # closes dealt with in one turn before commands get their chance again
_log = logging.getLogger("aaiti")


class Engine:
    """Run it in a thread of its own or as the main program; `stop` ends it between two steps, `bell` wakes it."""

    def __init__(
        self, house: House, office: Office, warden: Warden, bell: threading.Event | None = None, *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._house = house
        self._office = office
        self._warden = warden
        self._monotonic = monotonic
        self._stop = threading.Event()
        self._wake = bell or threading.Event()
        self._schedule = Schedule(self._on_close)
        self._pauses = Pauses(house.ledger, monotonic)
        self._reopening = Reopening(monotonic)
        self._succession = Succession(house)
        self._shadow = Shadow(house, self._succession)
        self._trouble = ""
        self._retraining = Retraining(house)
        self._drift = DriftWatch(house, self._retraining)
        self._beat_at = self._watch_at = self._tend_at = self._tidy_at = 0.0
        self.led = False

    def stop(self) -> None:
        """Ask the loop to end."""
        self._stop.set()
        self._wake.set()

    def run(self) -> None:
        """Loop until stopped. The lease is given back at the end, so another process takes over at once."""
        self._schedule.start()
        try:
            while not self._stop.is_set():
                self._turn_safely()
                self._wake.wait(TICK_SECONDS)
                self._wake.clear()
        finally:
            self._schedule.stop()
            self._house.leave("the engine has stopped")
            self._house.lease.release()

    def _on_close(self, interval: Interval) -> None:
        _log.debug("a %s bar closes", interval)
        self._wake.set()

    def _turn_safely(self) -> None:
        """The cycle's edge, the one broad catch: whatever happens is told, and no new risk is taken on it."""
        try:
            self._turn()
        except LeaseLost as lost:
            _log.warning("standing by: %s", lost)
            self._end_session(str(lost))
        except Exception as error:  # noqa: BLE001 - an unforeseen fault must halt, not kill, what guards positions
            _log.exception("the engine's turn failed")
            self._halt_on(error)
            self._end_session(f"{error}; the session is loaded anew")

    def _turn(self) -> None:
        leading = self._house.lease.keep()
        self.led = self.led or leading
        if not leading:
            self._end_session("another process holds the lease; this one stands by")
            return
        if self._house.session is None:
            self._beat()  # before what may take seconds: a sign of life needs no session
        self._open_session()
        self._warden.expire(self._house.session)
        while not self._stop.is_set() and self._office.answer_next():
            self._open_session()  # the command may have put another account to use
        self._advance()
        self._beat()  # after a close that may have been due

    def _open_session(self) -> None:
        if self._house.session is not None:
            return
        account = self._house.account_in_use()
        if account is None or not self._reopening.due(account.account_id):
            return
        try:
            session = self._house.makers.session(account, self._house.lease, trading_on=self._house.trading_on)
            self._begin(session)
        except LeaseLost:
            raise
        except AaitiError as error:
            self._house.problem = str(error)
            return
        self._pauses.enter(session)
        self._house.session, self._house.problem = session, None
        self._warden.enter(session)
        self.settle()

    def follow(self, session: Session) -> None:
        """After a close was dealt with: its models' calls are kept and looked back on, their drift is looked for. At an
        exchange what comes in meanwhile is dealt with in between: a fill does not wait for ten models."""
        for look in self._shadow.looks(session, session.trader.decided):
            self._looked_after(session, look)
            if session.venue is not None:
                session.trader.listen()
        self._looked_after(session, partial(self._drift.after, session))
        self._looked_after(session, partial(self._retraining.after, session))

    def _looked_after(self, session: Session, look: Callable[[], None]) -> None:
        try:
            look()
        except LeaseLost:
            raise
        except AaitiError as error:  # no order hangs on it: told once, and trading goes on
            if str(error) != self._trouble:
                self._trouble = str(error)
                _log.warning("models were not looked after at this close: %s", error)
                text = f"Models were not looked after at a close: {error}"
                self._house.board.alert(self._house.wall.now(), "warning", text, session.account.account_id)

    def settle(self) -> None:
        """After a start: finish what a kill cut short, and restrain what drifted before."""
        self._succession.settle()
        if self._house.session is not None:
            self._drift.restrain(self._house.session)

    def _begin(self, session: Session) -> None:
        try:
            session.trader.start()
        except BaseException:
            session.close()
            raise

    def _end_session(self, why: str) -> None:
        self._house.leave(why)

    def _advance(self) -> None:
        session = self._house.session
        if session is None:
            return
        self._schedule.use({s.interval for s in session.trader.seats} if session.paced is None else ())
        if session.venue is not None:
            session.venue.watch(sorted({(s.symbol, s.interval) for s in session.trader.seats}))
            session.trader.listen()
        until = self._monotonic() + _BUSY_SECONDS
        while session.advance():
            self.follow(session)
            if self._monotonic() >= until or self._stop.is_set():
                break
        if _at_a_close(session) and not session.trader.cycle.desk.in_doubt:
            return
        if self._monotonic() - self._watch_at >= WATCH_SECONDS:
            self._watch_at = self._monotonic()
            self._warden.look(session)
            if session.second is not None:
                session.second.look(session)
            session.look_at(self._house.board.setting(LOOKED_AT), self._house.wall.now())
        self._tend(session)
        self._house.problem = session.problem()
        self._pauses.look(session)

    def _tend(self, session: Session) -> None:
        """Look after open orders, and hold the ledger against the venue; the market's time stands still meanwhile."""
        if self._monotonic() - self._tend_at < (WATCH_SECONDS if session.venue is None else TEND_SECONDS):
            return
        self._tend_at = self._monotonic()
        if session.venue is not None or session.trader.book.orders or session.trader.reconciler.due:
            session.hold()
            session.trader.watch()

    def _beat(self) -> None:
        if self._monotonic() - self._beat_at < BEAT_SECONDS:
            return
        self._beat_at = self._monotonic()
        now = self._house.wall.now()
        self._house.board.beat(self._house.lease.owner, now, status_of(self._house))
        self._house.spawn.collect()
        if self._monotonic() - self._tidy_at >= TIDY_SECONDS:
            self._tidy_at = self._monotonic()
            fail_the_dead(self._house.board, now)

    def _halt_on(self, error: Exception) -> None:
        """Latch a halt on the account, and tell; where even that fails the log has it."""
        session = self._house.session
        if session is None:
            return
        account_id = session.account.account_id
        cause = "ledger" if isinstance(error, LedgerError) else "fault"
        detail = f"{type(error).__name__}: {error}"
        now = session.clock.now()
        try:
            new = self._house.ledger.raise_halt(
                Halt(account_id=account_id, kind=HaltKind.HALT, cause=cause, detail=detail, raised_at=now)
            )
            if new:  # the same fault every second is told once
                self._house.board.alert(self._house.wall.now(), "error", f"halted: {detail}", account_id)
        except AaitiError:
            _log.exception("the halt could not be written")


def _at_a_close(session: Session) -> bool:
    """From a second before a close until it is dealt with, or a second has passed: what can wait, does."""
    return session.paced is None and abs(session.clock.now() - session.trader.next_close) <= SETTLE
