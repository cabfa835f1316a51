"""Floor 1: figures of merit as functions on arrays."""
