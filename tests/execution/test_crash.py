"""Kill the process between any two calls of ledger and venue, then start again: the ledger ends as an unbroken one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.domain.order import OrderStatus, Purpose
from engine.execution.volley import one_by_one
from engine.ports import Broker, Ledger
from tests.contracts.wall import PAPER
from tests.execution.stage import SLEEVE, Stage


class Killed(BaseException):
    """The process is gone: nothing in it may catch this."""


class Breaking:
    """Hands every call on, and kills at call number `at`: before it arrives, or before its answer does."""

    def __init__(self, at: int, *, before: bool) -> None:
        self.left = at
        self.before = before
        self.calls = 0

    def around(self, inner: Any, names: tuple[str, ...]) -> Any:
        return _Around(self, inner, names)

    def call(self, act: Callable[..., Any], *args: Any) -> Any:
        self.calls += 1
        self.left -= 1
        if self.left == 0 and self.before:
            raise Killed
        answer = act(*args)
        if self.left == 0:
            raise Killed
        return answer


class _Around:
    def __init__(self, breaking: Breaking, inner: Any, names: tuple[str, ...]) -> None:
        self._breaking, self._inner, self._names = breaking, inner, names

    def __getattr__(self, name: str) -> Any:
        if name == "place_all":
            return lambda lists: one_by_one(self.place, lists)
        if name == "cancel_all":
            return lambda lists: one_by_one(self.cancel, lists)
        act = getattr(self._inner, name)
        if name not in self._names:
            return act
        return lambda *args: self._breaking.call(act, *args)


def wrapping(breaking: Breaking) -> Callable[[Ledger, Broker], tuple[Ledger, Broker]]:
    def wrap(ledger: Ledger, broker: Broker) -> tuple[Ledger, Broker]:
        return breaking.around(ledger, ("commit",)), breaking.around(broker, ("place", "cancel", "find"))

    return wrap


def live(stage: Stage) -> None:
    """A round trip, written so that it takes up where the ledger says it is: what a cycle does at two closes."""
    stage.restart()
    if not stage.orders(Purpose.ENTRY):
        stage.decide_entry()
        stage.desk.carry_out()
    if not stage.orders(Purpose.EXIT):
        stage.decide_exit()
        stage.desk.carry_out()
    stage.desk.go_on()


def run(folder: Path, *, breaking: Breaking, paper: bool = True) -> Stage:
    stage = Stage(folder, paper=paper)
    stage.wrap = wrapping(breaking)
    try:
        live(stage)
    except Killed:
        stage.wrap = lambda ledger, broker: (ledger, broker)
        if paper:
            live(stage)
    return stage


@pytest.mark.parametrize("before", [True, False], ids=["request", "answer"])
def test_a_kill_between_any_two_calls_ends_in_the_same_ledger_where_not_found_is_proof(
    tmp_path: Path, before: bool
) -> None:
    counting = Breaking(0, before=False)
    unbroken = run(tmp_path / "unbroken", breaking=counting)
    expected = unbroken.hashes()
    assert len(unbroken.ledger.trades("paper")) == 1
    assert counting.calls >= 9
    unbroken.close()
    for at in range(1, counting.calls + 1):
        broken = run(tmp_path / f"at-{at}", breaking=Breaking(at, before=before))
        assert broken.hashes() == expected, f"killed at call {at} of {counting.calls}"
        assert broken.book.orders == {}
        assert broken.book.sleeve(SLEEVE).lots == 0
        broken.check()
        broken.close()


@pytest.mark.parametrize("before", [True, False], ids=["request", "answer"])
@pytest.mark.parametrize("away_for", [0.5, 20.0], ids=["restarted at once", "restarted after the send window"])
def test_a_kill_between_any_two_calls_loses_and_doubles_nothing_at_a_venue_that_only_time_proves(
    tmp_path: Path, before: bool, away_for: float
) -> None:
    counting = Breaking(0, before=False)
    run(tmp_path / "unbroken", breaking=counting, paper=False).close()
    for at in range(1, counting.calls + 1):
        broken = run(tmp_path / f"at-{at}", breaking=Breaking(at, before=before), paper=False)
        intended = {o.client_id for o in broken.ledger.orders(PAPER) if o.status is OrderStatus.INTENT}
        reached = set(broken.venue.reached)
        broken.wall.advance(away_for)
        broken.restart()
        bare = pass_seconds(broken, 20)
        sent_again = intended & (set(broken.venue.reached) - reached)
        assert not sent_again, f"killed at call {at}: an intent found after a restart was sent"
        assert broken.venue.placed_once(), f"killed at call {at}: sent twice"
        assert {f.fill_id for f in broken.ledger.fills(PAPER)} == broken.venue.fill_ids(), f"killed at call {at}"
        assert all(o.purpose in (Purpose.STOP, Purpose.TARGET) for o in broken.book.orders.values())
        assert broken.covered()
        assert bare <= 5, f"killed at call {at}: bare for {bare} s"
        broken.check()
        broken.close()


def pass_seconds(stage: Stage, seconds: int) -> int:
    """Go on for so long; for how many of these seconds a position was known and had neither stop nor sale."""
    bare = 0
    for _ in range(seconds):
        stage.desk.go_on()
        page = stage.book.sleeve(SLEEVE)
        bare += bool(page.lots) and not stage.covered() and not page.orders(Purpose.EXIT)
        stage.wall.advance(1)
    return bare
