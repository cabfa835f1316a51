"""What a command tells the person at the terminal while it works: on stderr, for stdout holds the result alone."""

from __future__ import annotations

import sys


def tell(text: str) -> None:
    """One line."""
    print(text, file=sys.stderr)  # noqa: T201 - the one place where a command speaks before its end


def tell_share(share: float, message: str) -> None:
    """How far it is."""
    tell(f"{share:4.0%} {message}")
