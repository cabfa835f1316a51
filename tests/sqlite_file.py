"""A migrated SQLite database for a test, copied from one that is migrated once per run."""

from __future__ import annotations

import sqlite3
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.adapters.database.migrate import migrate


def migrated_file(folder: Path) -> str:
    """Put one into `folder`; its URL."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "aaiti.db"
    path.write_bytes(_migrated())
    return f"sqlite:///{path}"


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "aaiti.db"
        migrate(f"sqlite:///{path}")
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return path.read_bytes()
