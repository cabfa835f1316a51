"""Floor 4: the outside world, one folder each. Adapters never know one another."""
