"""Floor 4: the compiled replay of the live cycle over closed bars, and its report."""
