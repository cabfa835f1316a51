"""Bars on their way in: checked, kept in step with their source, and served to the cycle."""
