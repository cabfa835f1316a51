"""Trials on their way to the ledger: a rule's backtest needs no database, and is counted all the same.

A run is one file that is whole or not there. It goes when the ledger has its trials; a kill in between leaves it, and
the ledger, which adds a trial once, finds nothing new in it.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

from engine.domain.account import Source
from engine.domain.errors import ConfigurationError
from engine.domain.interval import Interval, parse_time
from engine.domain.trial import Trial, TrialKind

_log = logging.getLogger("aaiti")
_READ: Mapping[str, Callable[[str], Any]] = {
    "interval": Interval, "source": Source, "kind": TrialKind, "scored_from": parse_time, "scored_to": parse_time,
    "tried_at": parse_time,
}  # fmt: skip
"""Fields that JSON has as text."""


class TrialNotes:
    """Notes in `folder`, which is made by the first one. Processes may write and take in at once, without a lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, trials: Sequence[Trial]) -> None:
        """Note the trials of one run: on the disk when this returns. ConfigurationError where that cannot be."""
        name = trials[0].content_sha256
        draft = self._folder / f"{name}.{uuid4().hex}.tmp"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with draft.open("w", encoding="utf-8") as file:
                json.dump([asdict(trial) for trial in trials], file, default=str)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._folder / f"{name}.json")
        except OSError as error:
            raise ConfigurationError(f"{self._folder}: {error.strerror}; a backtest is counted there") from None

    def move_to(self, add: Callable[[Sequence[Trial]], None]) -> None:
        """Give what is noted to the ledger's `add`, then forget it; a damaged note is told and stays."""
        notes = {path: _trials(path) for path in self._folder.glob("*.json")}
        if found := [trial for trials in notes.values() for trial in trials]:
            add(found)
        for path, trials in notes.items():
            if trials:
                path.unlink(missing_ok=True)


def _trials(path: Path) -> list[Trial]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return [Trial(**{k: _READ[k](v) if k in _READ else v for k, v in row.items()}) for row in rows]
    except FileNotFoundError:  # another process has taken it in meanwhile
        return []
    except (ValueError, TypeError, AttributeError, ConfigurationError) as error:
        _log.warning("%s: damaged (%s); its backtest is not counted", path, error)
        return []
