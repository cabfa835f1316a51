"""Office: answers the operator's commands, each exactly once."""

from __future__ import annotations

from collections.abc import Mapping

from engine.autotrader.answer import Doer
from engine.domain.command import Command, CommandKind, CommandState
from engine.domain.errors import AaitiError, LeaseLost, LedgerError
from engine.ports import Board, Clock

_FAULT = "the engine failed at this; it halted new risk. Look at the positions, then at the log"


class Office:
    """Takes pending commands in order. An expired or stale one is refused, never obeyed late."""

    def __init__(self, board: Board, wall: Clock, doers: Mapping[CommandKind, Doer]) -> None:
        self._board = board
        self._wall = wall
        self._doers = doers

    def answer_next(self) -> bool:
        """Answer the oldest command that waits; False where none does. LeaseLost, LedgerError and whatever nobody
        foresaw go on to the engine, because the session must end; the command is answered all the same."""
        pending = self._board.pending()
        if pending:
            self._answer(pending[0])
        return bool(pending)

    def _answer(self, command: Command) -> None:
        if self._wall.now() > command.expires_at:
            self._close(command, CommandState.EXPIRED, "the engine saw it too late and did nothing; ask again")
            return
        if command.state_version is not None and command.state_version != self._board.state_version():
            stale = "things changed since this page was drawn; look again, then ask again"
            self._close(command, CommandState.REFUSED, stale)
            return
        state, message, result = CommandState.REFUSED, _FAULT, None
        try:
            answer = self._doers[command.kind](command)
            state, message, result = CommandState.DONE, answer.message, answer.result
        except (LeaseLost, LedgerError) as error:
            message = str(error)
            raise
        except AaitiError as error:
            message = str(error)
        finally:  # a fault must not leave the command waiting: it would be tried, and fail, for ever
            self._close(command, state, message, result)

    def _close(
        self, command: Command, state: CommandState, message: str, result: Mapping[str, object] | None = None
    ) -> None:
        self._board.answer(command.key, state, message, self._wall.now(), result)
