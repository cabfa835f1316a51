"""Succession: who leads from now on, and what becomes of the sleeves that the one before traded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from engine.autotrader.house import House
from engine.autotrader.session import Session
from engine.commands.models import TRAINING
from engine.domain.account import AccountKind
from engine.domain.errors import ConfigurationError
from engine.domain.model import Model, ModelVersion, Stage
from engine.domain.sleeve import Sleeve, SleeveState
from engine.queries.challenges import Reign
from engine.strategy.strategy import ModelStrategy

UNDER_WAY = "succession"
"""Setting {before, after} while sleeves are handed over: a kill in between is made good at the next start."""


class Succession:
    """A promotion happens between two bars. A sleeve keeps its id, its position, its stop and its target."""

    def __init__(self, house: House) -> None:
        self._house = house

    def promote(self, version_id: str, by: str, words: str) -> str:
        """Make it the champion and let it take over what the one before traded; what happened, in words.

        ConfigurationError and ModelError where it must not or cannot lead; then nothing has changed.
        """
        models = self._house.models
        version = models.version(version_id)
        model = models.model(version.model_id)
        before = models.version(model.model_id)
        _refuse(version, version_id, before)
        if by == TRAINING:
            self._refuse_unchecked(model, version, before)
        self._house.makers.strategy(f"model:{version_id}", model.symbol, model.interval)  # it must load
        self._house.board.put_setting(UNDER_WAY, {"before": before.version_id, "after": version_id}, quiet=True)
        models.promote(version_id, self._house.wall.now(), by, words)
        same = set(version.members) == set(before.members)
        reign = Reign(
            version_id=version_id, began_at=self._moment(), before=before.version_id, continues=same
        )  # fmt: skip
        reign.store(self._house.board)
        count = self._hand_over(before.version_id, version_id)
        said = self._said(model, before, version, count)
        self._house.board.alert(self._house.wall.now(), "info", f"{said} By {by}: {words}", None)
        self._house.touch(f"champion {version_id}")
        return said

    def _refuse_unchecked(self, model: Model, version: ModelVersion, before: ModelVersion) -> None:
        """A refit's checks hold it against the champion of that time; they say nothing of one that came since. Nobody
        reads the answer to a training, so the operator is told."""
        if version.parent_id == before.version_id:
            return
        words = (
            f"{model.name} v{version.version} does not take over: it was checked against {version.parent_id}, and "
            f"{before.version_id} leads by now. Train again, or promote it by hand"
        )
        self._house.board.alert(self._house.wall.now(), "warning", words, None)
        raise ConfigurationError(words)

    def settle(self) -> None:
        """After a start: finish a handing over that a kill cut short."""
        stored = self._house.board.setting(UNDER_WAY)
        if isinstance(stored, Mapping):
            before, after = str(stored["before"]), str(stored["after"])
            if self._house.models.version(after).stage is Stage.CHAMPION:
                self._hand_over(before, after)
            else:
                self._house.board.put_setting(UNDER_WAY, None, quiet=True)

    def _moment(self) -> datetime:
        session = self._house.session
        return self._house.wall.now() if session is None else session.clock.now()

    def _hand_over(self, before: str, after: str) -> int:
        """Every open account's sleeves of the one before; how many."""
        heirs = 0
        for account in self._house.ledger.accounts():
            if account.closed_at is None and account.kind is not AccountKind.REPLAY:
                for sleeve in self._house.ledger.sleeves(account.account_id, SleeveState.ACTIVE):
                    if sleeve.strategy == f"model:{before}":
                        self._house.ledger.put_sleeve(replace(sleeve, strategy=f"model:{after}"))
                        heirs += 1
        session = self._house.session
        if session is not None:
            for sleeve in _led_by(session, before):
                named = replace(sleeve, strategy=f"model:{after}") if sleeve.strategy == f"model:{before}" else sleeve
                session.seat(named)
        self._house.board.put_setting(UNDER_WAY, None, quiet=True)
        return heirs

    def _said(self, model: Model, before: ModelVersion, after: ModelVersion, heirs: int) -> str:
        took = f" {heirs} sleeve{'s' * (heirs != 1)} went over, with position and stop." if heirs else ""
        return f"{model.name} v{after.version} is the champion now, in place of v{before.version}.{took}"


def _refuse(version: ModelVersion, version_id: str, before: ModelVersion) -> None:
    if version.version_id != version_id:
        raise ConfigurationError(f"version_id {version_id!r} is no version's id; it reads MODEL.NUMBER")
    if version.version_id == before.version_id:
        raise ConfigurationError(f"v{version.version} is the champion already")
    if version.leak_suspected:
        raise ConfigurationError(
            f"v{version.version} is suspected of a leak of the future; it cannot lead. Find the leak, then train again"
        )


def _led_by(session: Session, version_id: str) -> list[Sleeve]:
    """Sleeves in session that a version decides for, by its id or by its model's name."""
    return [
        seat.sleeve for seat in session.trader.seats
        if isinstance(seat.strategy, ModelStrategy) and seat.strategy.version_id == version_id
    ]  # fmt: skip
