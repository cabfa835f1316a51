"""Floor 3: what we would do. decide.py is the page to read first."""
