"""Clocks: the wall's, and one that a replay or the simulated market turns."""

from engine.adapters.clock.paced import PacedClock
from engine.adapters.clock.wall import WallClock

__all__ = ["PacedClock", "WallClock"]
