"""The life of an order: the sans-I/O machine, the book that folds it, the desk that sends, the simulated fills."""
