"""An error the exchange answers with: HTTP status, code and message."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    def __init__(
        self, code: int, message: str, *, status: int = 400, headers: dict[str, str] | None = None, data: Any = None
    ) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.status = status
        self.headers = headers or {}
        self.data = data

    @property
    def body(self) -> dict[str, Any]:
        return {"code": self.code, "msg": self.message} | ({} if self.data is None else {"data": self.data})


def invalid_symbol() -> Refusal:
    return Refusal(-1121, "Invalid symbol.")


def invalid_interval() -> Refusal:
    return Refusal(-1120, "Invalid interval.")
