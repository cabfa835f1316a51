"""Office: answers the operator's commands, each exactly once."""

from __future__ import annotations

from collections.abc import Mapping

from engine.autotrader.answer import Doer, Recall
from engine.domain.command import Command, CommandKind, CommandState
from engine.domain.errors import AaitiError, LeaseLost, LedgerError, OrderError
from engine.ports import Board, Clock

_FAULT = "the engine failed at this; it halted new risk. Look at the positions, then at the log"


class Office:
    """Takes pending commands in order. An expired or stale one is refused, never obeyed late."""

    def __init__(
        self, board: Board, wall: Clock, doers: Mapping[CommandKind, Doer],
        recalls: Mapping[CommandKind, Recall] | None = None,
    ) -> None:  # fmt: skip
        self._board = board
        self._wall = wall
        self._doers = doers
        self._recalls = recalls or {}

    def answer_next(self) -> bool:
        """Answer the oldest command that waits; False where none does. LeaseLost, LedgerError and whatever nobody
        foresaw go on to the engine, because the session must end; the command is answered all the same."""
        pending = self._board.pending()
        if pending:
            self._answer(pending[0])
        return bool(pending)

    def _answer(self, command: Command) -> None:
        late = self._wall.now() > command.expires_at
        stale = command.state_version is not None and command.state_version != self._board.state_version()
        if (late or stale) and self._told_late(command):
            return
        if late:
            known = command.kind in self._recalls
            tail = "did nothing; ask again" if known else "does not act on it any more; look again, then ask again"
            words = f"the engine saw it too late and {tail}"
            self._close(command, CommandState.EXPIRED, words)
            return
        if stale:
            words = "things changed since this page was drawn; look again, then ask again"
            self._close(command, CommandState.REFUSED, words)
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

    def _told_late(self, command: Command) -> bool:
        """A kill may have come between an effect and its answer: then the answer is what the ledger says."""
        recall = self._recalls.get(command.kind)
        try:
            answer = None if recall is None else recall(command)
        except OrderError as error:
            self._close(command, CommandState.REFUSED, str(error))
            return True
        if answer is not None:
            self._close(command, CommandState.DONE, answer.message, answer.result)
        return answer is not None

    def _close(
        self, command: Command, state: CommandState, message: str, result: Mapping[str, object] | None = None
    ) -> None:
        self._board.answer(command.key, state, message, self._wall.now(), result)
