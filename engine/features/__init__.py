"""Features: bars in, a matrix out. Each row is known at its bar's close and never changes afterwards."""
