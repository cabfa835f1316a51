"""Floor 0: the words of the business as values. Standard library only."""
