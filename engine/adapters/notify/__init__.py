"""Telling the operator: a row for the screens and a line in the log."""

from __future__ import annotations

import logging

from engine.domain.errors import AaitiError
from engine.ports import Board, Clock


class BoardNotifier:
    """Implements ports.Notifier: alerts go to the board and to the log."""

    def __init__(self, board: Board, clock: Clock, account_id: str | None = None) -> None:
        self._board = board
        self._clock = clock
        self._account_id = account_id

    def tell(self, level: str, text: str) -> None:
        """Keep the alert and log it. A database that does not take it leaves the log."""
        log = logging.getLogger("aaiti")
        log.log(logging.getLevelNamesMapping().get(level.upper(), logging.ERROR), text)
        try:
            self._board.alert(self._clock.now(), level, text, self._account_id)
        except AaitiError as error:
            log.error("the alert could not be kept: %s", error)
