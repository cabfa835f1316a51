"""The doors, opened over a real database."""
