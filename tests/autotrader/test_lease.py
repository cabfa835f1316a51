"""The lease: one trader per account, whoever is faster, whoever was killed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from engine.autotrader.lease import SECONDS, LeaseHolder, owner_name
from engine.domain.errors import LeaseLost
from tests.contracts.wall import Wall
from tests.fakes import FakeLedger


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def ledger(wall: Wall) -> FakeLedger:
    return FakeLedger(wall.now)


def holder(ledger: FakeLedger, wall: Wall, owner: str) -> LeaseHolder:
    return LeaseHolder(ledger, "engine", owner, wall.now)


def test_one_holds_it_and_the_other_stands_by(ledger: FakeLedger, wall: Wall) -> None:
    first, second = holder(ledger, wall, "a"), holder(ledger, wall, "b")
    assert first.take()
    assert not second.take()
    assert (first.epoch, second.epoch) == (1, None)
    with pytest.raises(LeaseLost, match="stands by"):
        second()


def test_it_is_renewed_when_half_of_its_time_is_gone(ledger: FakeLedger, wall: Wall) -> None:
    first = holder(ledger, wall, "a")
    first.take()
    before = first().expires_at
    wall.advance(SECONDS / 2 - 0.1)
    assert first.keep()
    assert first().expires_at == before
    wall.advance(0.2)
    assert first.keep()
    assert first().expires_at == wall.now() + timedelta(seconds=SECONDS)


def test_a_killed_holder_is_succeeded_with_a_higher_epoch(ledger: FakeLedger, wall: Wall) -> None:
    first, second = holder(ledger, wall, "a"), holder(ledger, wall, "b")
    first.take()
    wall.advance(SECONDS)
    assert second.take()
    assert second.epoch == 2
    assert not first.keep()  # woken up too late, it finds that out before anything else
    assert first.epoch is None


def test_a_lease_given_back_is_free_at_once(ledger: FakeLedger, wall: Wall) -> None:
    first, second = holder(ledger, wall, "a"), holder(ledger, wall, "b")
    first.take()
    first.release()
    first.release()
    assert second.take()


def test_waiting_gets_what_was_left_behind(ledger: FakeLedger, wall: Wall) -> None:
    first, second = holder(ledger, wall, "a"), holder(ledger, wall, "b")
    first.take()
    asked = 0

    def tired() -> bool:
        nonlocal asked
        asked += 1
        wall.advance(SECONDS)  # the killed holder's time runs out
        return False

    assert second.wait(60, tired)
    assert asked == 1


def test_waiting_ends_where_somebody_lives_or_the_operator_gives_up(ledger: FakeLedger, wall: Wall) -> None:
    first, second = holder(ledger, wall, "a"), holder(ledger, wall, "b")
    first.take()
    assert not second.wait(60, lambda: True)
    assert not second.wait(0, lambda: False)


def test_a_restarted_process_is_another_owner(tmp_path: Path) -> None:
    assert owner_name() != owner_name()
