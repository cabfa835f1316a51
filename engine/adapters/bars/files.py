"""Files that are whole or not there, names that stay inside their folder, and one writer at a time."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from engine.domain.errors import ConfigurationError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_NAME = re.compile(r"[\w-]{1,40}")


def safe_name(text: str, kind: str) -> str:
    """Give `text` back where it can name a folder and no other place; ConfigurationError otherwise.

    >>> safe_name("BTCUSDT", "symbol")
    'BTCUSDT'
    """
    if _NAME.fullmatch(text) is None:
        raise ConfigurationError(f"{kind} {text!r} is not a name of letters, digits, '_' and '-' (40 at most)")
    return text


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a new file, then put it in the place of `path` in one step; a kill leaves the old one."""
    draft = path.with_name(f".{path.name}.{uuid4().hex}.tmp")
    try:
        write(draft)
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's write lock: one process and one thread at a time. A killed holder frees it by dying."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a+b") as file:
        if sys.platform == "win32":
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
