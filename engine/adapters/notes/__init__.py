"""Notes: trials that were scored without the database, one file a run, until the ledger takes them in."""

from engine.adapters.notes.trials import TrialNotes

__all__ = ["TrialNotes"]
