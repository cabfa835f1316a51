"""Law 9: what pauses new risk, in which words, and how it lets go after some good seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from engine.autotrader.pauses import GOOD_SECONDS, Pauses
from engine.autotrader.session import Session
from engine.domain.halt import HaltKind
from engine.domain.venue import StreamState, VenueHealth
from engine.ports import Venue
from tests.autotrader.town import ACCOUNT, Town
from tests.contracts.wall import a_halt

WELL = VenueHealth(
    market_stream=StreamState.LIVE, user_stream=StreamState.LIVE, weight_used=0, weight_limit=6000,
    clock_offset=timedelta(0),
)  # fmt: skip


class Line:
    """The part of a venue that pauses look at."""

    def __init__(self) -> None:
        self.now = WELL

    def health(self) -> VenueHealth:
        return self.now

    def close(self) -> None:
        pass


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def paused(town: Town) -> list[str]:
    return [h.cause for h in town.ledger.halts(ACCOUNT) if h.kind is HaltKind.PAUSE]


@pytest.fixture
def line() -> Line:
    return Line()


def at_venue(town: Town, line: Line) -> Session:
    return replace(town.session, venue=cast(Venue, line))


TROUBLES: dict[str, Callable[[Line], None]] = {
    "stream": lambda line: setattr(line, "now", replace(WELL, user_stream=StreamState.CONNECTING)),
    "clock": lambda line: setattr(line, "now", replace(WELL, clock_offset=timedelta(milliseconds=-1001))),
}


@pytest.mark.parametrize("cause", list(TROUBLES))
def test_a_trouble_pauses_and_lets_go_after_some_good_seconds(town: Town, line: Line, cause: str) -> None:
    seconds = Seconds()
    pauses, session = Pauses(town.ledger, seconds), at_venue(town, line)
    pauses.enter(session)
    assert paused(town) == []
    TROUBLES[cause](line)
    pauses.look(session)
    pauses.look(session)
    assert paused(town) == [cause]
    line.now = WELL
    pauses.look(session)
    seconds.now = GOOD_SECONDS - 0.1
    pauses.look(session)
    assert paused(town) == [cause]
    TROUBLES[cause](line)  # it comes back: the good seconds begin anew
    pauses.look(session)
    line.now = WELL
    pauses.look(session)
    seconds.now += GOOD_SECONDS - 0.1
    pauses.look(session)
    assert paused(town) == [cause]
    seconds.now += 0.2
    pauses.look(session)
    assert paused(town) == []


def test_a_second_of_skew_is_allowed(town: Town, line: Line) -> None:
    line.now = replace(WELL, clock_offset=timedelta(milliseconds=1000))
    Pauses(town.ledger, Seconds()).enter(at_venue(town, line))
    assert paused(town) == []


def test_a_session_that_begins_in_trouble_is_paused_at_once_and_old_pauses_are_gone(town: Town, line: Line) -> None:
    town.ledger.raise_halt(a_halt(account_id=ACCOUNT, kind=HaltKind.PAUSE, cause="yesterday"))
    town.ledger.raise_halt(a_halt(account_id=ACCOUNT))
    line.now = replace(WELL, user_stream=StreamState.DOWN)
    Pauses(town.ledger, Seconds()).enter(at_venue(town, line))
    assert town.causes() == ["operator", "stream"]


def test_a_pause_stops_entries_and_nothing_else(town: Town, line: Line) -> None:
    town.buy("0.02")
    line.now = replace(WELL, user_stream=StreamState.DOWN)
    Pauses(town.ledger, Seconds()).enter(at_venue(town, line))
    refused = town.buy("0.01")
    assert "stream" in refused.message
    [position] = town.positions()
    assert position.covered
