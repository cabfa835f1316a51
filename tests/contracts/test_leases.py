"""One trader: whoever holds the lease, by owner and epoch, until it expires."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from engine.domain.errors import LeaseLost
from engine.ports import Lease, Ledger
from tests.contracts.wall import NOON, PAPER, Wall, a_decision, a_mark, a_step, an_account, hours, leased


def test_the_first_taker_gets_epoch_one(ledger: Ledger) -> None:
    lease = ledger.take_lease(PAPER, "engine-1", NOON, 3600)
    assert lease == Lease(name=PAPER, owner="engine-1", epoch=1, expires_at=hours(1))


def test_nobody_takes_a_lease_that_is_held(ledger: Ledger) -> None:
    ledger.take_lease(PAPER, "engine-1", NOON, 3600)
    assert ledger.take_lease(PAPER, "engine-2", hours(0.5), 3600) is None
    assert ledger.take_lease("another account", "engine-2", hours(0.5), 3600) is not None


def test_its_owner_renews_it_in_the_same_epoch(ledger: Ledger) -> None:
    ledger.take_lease(PAPER, "engine-1", NOON, 3600)
    renewed = ledger.take_lease(PAPER, "engine-1", hours(0.5), 3600)
    assert renewed is not None
    assert (renewed.epoch, renewed.expires_at) == (1, hours(1.5))
    assert ledger.take_lease(PAPER, "engine-2", hours(1.2), 3600) is None


def test_an_expired_lease_goes_to_the_next_in_a_new_epoch(ledger: Ledger) -> None:
    ledger.take_lease(PAPER, "engine-1", NOON, 3600)
    taken = ledger.take_lease(PAPER, "engine-2", hours(1), 3600)
    assert taken is not None
    assert (taken.owner, taken.epoch) == ("engine-2", 2)


def test_a_lease_given_back_is_free_at_once_and_useless_to_its_last_owner(ledger: Ledger) -> None:
    lease = leased(ledger)
    ledger.release_lease(lease)
    with pytest.raises(LeaseLost):
        ledger.commit(a_step(mark=a_mark()), lease)
    again = ledger.take_lease(PAPER, "engine-1", NOON, 30)
    assert again is not None
    assert again.epoch == 2


def test_giving_back_what_another_holds_has_no_effect(ledger: Ledger) -> None:
    lease = leased(ledger)
    ledger.release_lease(replace(lease, owner="engine-2"))
    ledger.release_lease(replace(lease, epoch=7))
    ledger.commit(a_step(mark=a_mark()), lease)
    assert ledger.last_mark(PAPER) == a_mark()


@pytest.mark.parametrize("change", [{"owner": "engine-2"}, {"epoch": 2}, {"name": "another account"}])
def test_only_the_holder_commits(ledger: Ledger, change: dict[str, object]) -> None:
    lease = leased(ledger)
    with pytest.raises(LeaseLost):
        ledger.commit(a_step(mark=a_mark(), decisions=[a_decision()]), replace(lease, **change))  # type: ignore[arg-type]
    assert ledger.last_mark(PAPER) is None
    assert ledger.decisions(PAPER) == []


def test_a_process_that_was_paused_past_its_lease_commits_nothing(ledger: Ledger, wall: Wall) -> None:
    lease = leased(ledger, seconds=30)
    wall.advance(30)
    with pytest.raises(LeaseLost):
        ledger.commit(a_step(mark=a_mark()), lease)
    assert ledger.last_mark(PAPER) is None


def test_the_epoch_fences_an_owner_who_comes_back_after_a_takeover(ledger: Ledger, wall: Wall) -> None:
    first = leased(ledger, seconds=30)
    wall.advance(31)
    second = ledger.take_lease(PAPER, "engine-2", wall.now(), 30)
    assert second is not None
    with pytest.raises(LeaseLost):
        ledger.commit(a_step(mark=a_mark(equity="1")), first)
    ledger.commit(a_step(mark=a_mark(equity="2")), second)
    assert ledger.last_mark(PAPER) == a_mark(equity="2")


def test_each_commit_renews_the_lease(ledger: Ledger, wall: Wall) -> None:
    lease = leased(ledger, seconds=30)
    for bar in range(3):
        wall.advance(29)
        ledger.commit(a_step(mark=a_mark(hours(bar))), lease)
    assert ledger.take_lease(PAPER, "engine-2", wall.now(), 30) is None
    wall.advance(30)
    assert ledger.take_lease(PAPER, "engine-2", wall.now(), 30) is not None


def test_of_eight_threads_that_want_it_one_gets_it(ledger: Ledger) -> None:
    ledger.open_account(an_account())
    start = Barrier(8)

    def take(i: int) -> Lease | None:
        start.wait()
        return ledger.take_lease(PAPER, f"engine-{i}", NOON, 30)

    with ThreadPoolExecutor(8) as pool:
        taken = [lease for lease in pool.map(take, range(8)) if lease is not None]
    assert len(taken) == 1
    assert taken[0].epoch == 1


def test_of_two_threads_that_find_it_expired_one_takes_it_over(ledger: Ledger) -> None:
    for round_ in range(5):
        ledger.take_lease(PAPER, f"engine-{round_}", hours(2 * round_), 3600)
        start = Barrier(2)

        def take(i: int, at: int = round_, start: Barrier = start) -> Lease | None:
            start.wait()
            return ledger.take_lease(PAPER, f"engine-{at}-{i}", hours(2 * at + 1), 0.001)

        with ThreadPoolExecutor(2) as pool:
            taken = [lease for lease in pool.map(take, range(2)) if lease is not None]
        assert [lease.epoch for lease in taken] == [2 * round_ + 2]
