"""Compiled prediction, row by row in plain loops, so that a row's answer never depends on its neighbours."""
