"""Telling the operator: a row and a line; nothing that goes wrong with it goes further."""

from __future__ import annotations

import logging
from datetime import datetime

import pytest

from engine.adapters.notify import BoardNotifier
from engine.domain.errors import LedgerError
from tests.contracts.wall import NOON, Wall
from tests.fakes import FakeBoard


@pytest.mark.parametrize(("level", "number"), [("info", 20), ("warning", 30), ("error", 40), ("loud", 40)])
def test_an_alert_is_a_row_and_a_line(level: str, number: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="aaiti")
    board = FakeBoard()
    BoardNotifier(board, Wall(), "p1").tell(level, "BTCUSDT stop order refused")
    assert board.alerts == [(NOON, level, "BTCUSDT stop order refused", "p1")]
    assert [(r.levelno, r.message) for r in caplog.records] == [(number, "BTCUSDT stop order refused")]


def test_a_database_that_fails_leaves_the_log_and_raises_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(FakeBoard):
        def alert(self, at: datetime, level: str, text: str, account_id: str | None) -> None:
            raise LedgerError("the disk is full")

    BoardNotifier(Broken(), Wall()).tell("error", "a position is bare")
    assert [r.message for r in caplog.records] == [
        "a position is bare", "the alert could not be kept: the disk is full",
    ]  # fmt: skip
