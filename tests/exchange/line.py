"""The exchange's end of a WebSocket, whatever carries it."""

from __future__ import annotations

from typing import Protocol


class Line(Protocol):
    """`silent`: half open, nothing comes any more. `closed`: the exchange has ended it."""

    silent: bool
    closed: bool

    def hear(self, text: str) -> None: ...

    def pump(self) -> list[str]: ...

    def shut_down(self) -> list[str]: ...
