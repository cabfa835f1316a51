"""Pauses: law 9. What holds new risk back only while it lasts, and lets go after some good seconds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from engine.autotrader.session import Session
from engine.domain.halt import Halt, HaltKind
from engine.domain.venue import StreamState
from engine.ports import Ledger

NO_DATA, STREAM, CLOCK, RECONCILIATION = "market_data", "stream", "clock", "reconciliation"
SECOND_OPINION = "second_opinion"
"""Causes: the source of prices does not answer; news of orders is not heard at once; our clock is not the venue's;
ledger and venue are not known to agree; another source's prices are too far from ours."""
GOOD_SECONDS = 3.0
"""How long all has to be well before a pause is lifted."""
_log = logging.getLogger("aaiti")


class Pauses:
    """One session's pauses. `seconds` is a clock that only runs forward."""

    def __init__(self, ledger: Ledger, seconds: Callable[[], float]) -> None:
        self._ledger = ledger
        self._seconds = seconds
        self._held: dict[str, str] = {}
        self._good_since: dict[str, float] = {}

    def enter(self, session: Session) -> None:
        """A session begins. What an earlier one paused for counts no more; what is amiss now does at once."""
        self._held.clear()
        self._good_since.clear()
        self._ledger.clear_halts(session.account.account_id, HaltKind.PAUSE, None, session.clock.now(), "engine")
        self.look(session)

    def look(self, session: Session) -> None:
        """Pause for what is amiss now; lift what has been well for long enough."""
        for cause, words in troubles(session).items():
            if words is not None:
                self._hold(session, cause, words)
            elif cause in self._held:
                self._lift(session, cause)

    def _hold(self, session: Session, cause: str, words: str) -> None:
        self._good_since.pop(cause, None)
        if self._held.get(cause) == words:
            return
        account_id, now = session.account.account_id, session.clock.now()
        if cause not in self._held:
            _log.warning("paused (%s): %s", cause, words)
        else:  # the same trouble in other words
            self._ledger.clear_halts(account_id, HaltKind.PAUSE, cause, now, "engine")
        self._held[cause] = words
        self._ledger.raise_halt(
            Halt(account_id=account_id, kind=HaltKind.PAUSE, cause=cause, detail=words, raised_at=now)
        )

    def _lift(self, session: Session, cause: str) -> None:
        since = self._good_since.setdefault(cause, self._seconds())
        if self._seconds() - since >= GOOD_SECONDS:
            del self._held[cause], self._good_since[cause]
            account_id, now = session.account.account_id, session.clock.now()
            self._ledger.clear_halts(account_id, HaltKind.PAUSE, cause, now, "engine")


def troubles(session: Session) -> Mapping[str, str | None]:
    """Every cause with its words; None where nothing is amiss."""
    found: dict[str, str | None] = {
        NO_DATA: session.problem(),
        RECONCILIATION: session.trader.reconciler.pending(),
        SECOND_OPINION: None if session.second is None else session.second.trouble(),
    }
    if session.venue is None:
        return found
    health = session.venue.health()
    live = health.user_stream is StreamState.LIVE
    found[STREAM] = None if live else "the stream of news about our orders is down; they are asked for instead"
    skew = 0 if health.clock_offset is None else abs(round(health.clock_offset.total_seconds() * 1000))
    most = session.trader.cycle.terms.limits.max_clock_skew_ms
    found[CLOCK] = f"our clock is {skew} ms from the venue's; set it right" if skew > most else None
    return found
