"""Whole paths through the running product, as a person walks them in a browser."""
