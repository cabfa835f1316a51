"""Ports in memory, for tests that are not about the adapter. `tests/contracts` holds them to the ports."""

from tests.fakes.board import FakeBoard
from tests.fakes.ledger import FakeLedger
from tests.fakes.models import FakeModelStore
from tests.fakes.trials import FakeTrials

__all__ = ["FakeBoard", "FakeLedger", "FakeModelStore", "FakeTrials"]
