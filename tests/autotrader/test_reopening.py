"""How long a session that fails is waited for: twice as long each time, from the beginning once one has lived."""

from __future__ import annotations

from engine.autotrader.reopening import LIVED_SECONDS, MOST_SECONDS, Reopening


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def waited(reopening: Reopening, seconds: Seconds) -> float:
    """Until it may be tried."""
    began = seconds.now
    while not reopening.due("p1"):
        seconds.now += 0.5
    return seconds.now - began


def test_the_wait_doubles_up_to_a_minute_and_begins_again_once_a_session_has_lived() -> None:
    seconds = Seconds()
    reopening = Reopening(seconds)
    assert [waited(reopening, seconds) for _ in range(9)] == [0, 1, 2, 4, 8, 16, 32, MOST_SECONDS, MOST_SECONDS]
    seconds.now += MOST_SECONDS + LIVED_SECONDS  # a session was there meanwhile
    assert [waited(reopening, seconds) for _ in range(4)] == [0, 1, 2, 4]


def test_another_account_does_not_wait_for_what_kept_this_one() -> None:
    seconds = Seconds()
    reopening = Reopening(seconds)
    for _ in range(8):
        waited(reopening, seconds)
    assert not reopening.due("p1")
    assert reopening.due("p2")
    assert not reopening.due("p2")
