"""The simulated market: seeded, correlated, with a small planted edge, and always labelled SIMULATED."""

from engine.adapters.simulated.market import DESCRIPTION, SOURCE, SimulatedMarket
from engine.adapters.simulated.process import EPOCH

__all__ = ["DESCRIPTION", "EPOCH", "SOURCE", "SimulatedMarket"]
