"""What goes over the wire: a request and a reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    address: str = "127.0.0.1"
    raw_query: str = ""
    """As it was sent, percent signs and all: what was signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`drop` closes the line without a word; `stall` keeps it silent for so many seconds first."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json;charset=UTF-8"
    drop: bool = False
    stall: float = 0.0
