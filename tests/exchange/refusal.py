"""An error the exchange answers with: HTTP status, code and message."""

from __future__ import annotations


class Refusal(Exception):
    def __init__(self, code: int, message: str, *, status: int = 400, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.status = status
        self.headers = headers or {}


def invalid_symbol() -> Refusal:
    return Refusal(-1121, "Invalid symbol.")


def invalid_interval() -> Refusal:
    return Refusal(-1120, "Invalid interval.")
