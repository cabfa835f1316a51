"""Office: answers the operator's commands, each exactly once."""

from __future__ import annotations

from collections.abc import Mapping

from engine.autotrader.answer import Doer
from engine.domain.command import Command, CommandKind, CommandState
from engine.domain.errors import AaitiError, LeaseLost, LedgerError
from engine.ports import Board, Clock


class Office:
    """Takes pending commands in order. An expired or stale one is refused, never obeyed late."""

    def __init__(self, board: Board, wall: Clock, doers: Mapping[CommandKind, Doer]) -> None:
        self._board = board
        self._wall = wall
        self._doers = doers

    def answer_all(self) -> int:
        """Answer what is pending; how many. LeaseLost and LedgerError go on to the engine: the session must end."""
        pending = self._board.pending()
        for command in pending:
            self._answer(command)
        return len(pending)

    def _answer(self, command: Command) -> None:
        if self._wall.now() > command.expires_at:
            self._close(command, CommandState.EXPIRED, "the engine saw it too late and did nothing; ask again")
            return
        if command.state_version is not None and command.state_version != self._board.state_version():
            stale = "things changed since this page was drawn; look again, then ask again"
            self._close(command, CommandState.REFUSED, stale)
            return
        try:
            answer = self._doers[command.kind](command)
        except (LeaseLost, LedgerError) as error:
            self._close(command, CommandState.REFUSED, str(error))
            raise
        except AaitiError as error:
            self._close(command, CommandState.REFUSED, str(error))
            return
        self._close(command, CommandState.DONE, answer.message, answer.result)

    def _close(
        self, command: Command, state: CommandState, message: str, result: Mapping[str, object] | None = None
    ) -> None:
        self._board.answer(command.key, state, message, self._wall.now(), result)
