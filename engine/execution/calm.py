"""Calm: says a thing once, and again only when it has gone on for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.ports import Clock, Notifier

AGAIN = timedelta(minutes=1)
"""How long the same trouble has to last before it is told once more."""


class Calm:
    """Implements ports.Notifier over another: repeated words are kept back."""

    def __init__(self, notifier: Notifier, clock: Clock) -> None:
        self._notifier = notifier
        self._clock = clock
        self._told: dict[str, datetime] = {}

    def tell(self, level: str, text: str) -> None:
        """Tell it, unless that was done less than a minute ago."""
        now = self._clock.now()
        last = self._told.get(text)
        if last is not None and now - last < AGAIN:
            return
        self._told = {old: at for old, at in self._told.items() if now - at < AGAIN}
        self._told[text] = now
        self._notifier.tell(level, text)
