"""Floor 2: limits, gates and sizing; the only room that approves orders."""
