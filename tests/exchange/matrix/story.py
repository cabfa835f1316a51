"""Story: what happened in a session, in order, for whoever has to understand it."""

from __future__ import annotations

from datetime import datetime


class Story:
    """Lines with the seconds since the session's begin."""

    def __init__(self, began_at: datetime) -> None:
        self._began_at = began_at
        self.lines: list[str] = []

    def tell(self, at: datetime, who: str, text: str) -> None:
        """`who` is the process, the market, the exchange or the operator."""
        self.lines.append(f"{(at - self._began_at).total_seconds():8.3f}  {who:<10} {text}")
