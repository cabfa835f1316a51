"""One process runs a replay: its lease is kept, found lost in time, and taken anew where nobody else holds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.autotrader import lease as leases
from engine.autotrader.lease import LeaseHolder
from engine.bootstrap import Stores
from engine.cli import replaying
from engine.cli.replaying import run_replay
from engine.domain.errors import LeaseLost
from tests.builders import utc
from tests.cli.replays import a_run, replayed


@pytest.fixture
def traders(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every trader that is made: one more for each time the ledger is read anew."""
    made, make = [], replaying.__dict__["make_trader"]

    def counted(*args: object, **options: object) -> object:
        made.append(make(*args, **options))
        return made[-1]

    monkeypatch.setattr(replaying, "make_trader", counted)
    return made


def half_way(monkeypatch: pytest.MonkeyPatch, happens: Callable[[LeaseHolder], None]) -> None:
    """`happens` once, before the lease is looked at after the twelfth bar."""
    keep, kept = LeaseHolder.keep, []

    def interrupted(self: LeaseHolder) -> bool:
        kept.append(self)
        if len(kept) == 12:
            happens(self)
        return keep(self)

    monkeypatch.setattr(LeaseHolder, "keep", interrupted)


def test_a_slow_replay_keeps_its_lease_between_bars(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "SECONDS", 1.0)
    run = replace(a_run(), end=utc("2020-07-01 02:00"))
    told = run_replay(stores, run, speed=2400.0, fresh=True, progress=lambda *_: False)  # a bar in a second and a half
    assert (told["finished"], told["decisions"]) == (True, 6)


def test_a_replay_whose_machine_slept_longer_than_its_lease_goes_on_to_the_same_ledger(
    stores: Stores, short: dict[str, object], traders: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def sleep(holder: LeaseHolder) -> None:
        expired = stores.ledger.take_lease(holder().name, holder.owner, stores.clock.now(), -1.0)
        assert expired is not None

    half_way(monkeypatch, sleep)
    told = replayed(stores, a_run(), fresh=True)
    assert (told["finished"], len(traders)) == (True, 2)
    assert told["ledger_sha256"] == short["ledger_sha256"]


def test_a_replay_that_another_process_held_meanwhile_reads_the_ledger_again_before_it_goes_on(
    stores: Stores, short: dict[str, object], traders: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def another_was_here(holder: LeaseHolder) -> None:
        later = stores.clock.now() + timedelta(hours=1)
        taken = stores.ledger.take_lease(holder().name, "another", later, 15.0)
        assert taken is not None
        stores.ledger.release_lease(taken)
        monkeypatch.setattr(leases, "SECONDS", 60.0)  # so that it is time to renew

    half_way(monkeypatch, another_was_here)
    told = replayed(stores, a_run(), fresh=True)
    assert (told["finished"], len(traders)) == (True, 2)
    assert told["ledger_sha256"] == short["ledger_sha256"]


def test_the_first_use_after_an_install_compiles_before_the_lease_is_taken(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, wait = [], LeaseHolder.wait

    def waited(self: LeaseHolder, seconds: float, given_up: object) -> bool:
        order.append("took the lease")
        return wait(self, seconds, given_up)  # type: ignore[arg-type]

    monkeypatch.setattr(replaying, "warm_up", lambda: order.append("compiled"))
    monkeypatch.setattr(LeaseHolder, "wait", waited)
    replayed(stores, a_run(), fresh=True)
    assert order == ["compiled", "took the lease"]


def test_two_processes_cannot_run_one_replay(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    halfway = replayed(stores, a_run(), lambda share, _: share >= 0.5)
    monkeypatch.setattr(leases, "SECONDS", 60.0)
    other = LeaseHolder(stores.ledger, f"replay:{halfway['account_id']}", "another", stores.clock.now)
    assert other.take()
    with pytest.raises(LeaseLost, match="run by another process"):
        replayed(stores, a_run(), lambda *_: True)  # the operator does not want to wait
    other.release()
    assert replayed(stores, a_run())["finished"]
