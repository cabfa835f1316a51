"""Commands about models: who leads, and what to do when one drifts."""

from __future__ import annotations

from collections.abc import Mapping

from engine.autotrader.answer import Answer, Doer
from engine.autotrader.drift_watch import DriftWatch
from engine.autotrader.house import House
from engine.autotrader.retraining import Retraining
from engine.autotrader.succession import Succession
from engine.commands.models import Promote, SetCare
from engine.domain.command import Command, CommandKind
from engine.domain.drift import care_setting


class ModelWork:
    """One method per command; each says what it did."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._succession = Succession(house)
        self._watch = DriftWatch(house, Retraining(house))

    def doers(self) -> Mapping[CommandKind, Doer]:
        """Which method answers what."""
        return {CommandKind.PROMOTE: self.promote, CommandKind.SET_CARE: self.set_care}

    def promote(self, command: Command) -> Answer:
        """Make a version the champion; a roll-back is the promotion of an earlier one."""
        wanted = Promote.parse(command.payload)
        return Answer(message=self._succession.promote(wanted.version_id, command.asked_by, wanted.words))

    def set_care(self, command: Command) -> Answer:
        """Store what the operator wants done about a model's drift, and when it is trained anew."""
        wanted = SetCare.parse(command.payload)
        model = self._house.models.model(wanted.model_id)
        self._house.board.put_setting(care_setting(model.model_id), wanted.care.to_mapping())
        if self._house.session is not None:
            self._watch.restrain(self._house.session)
        days = wanted.care.retrain_days
        again = f"trained anew every {days} day{'s' * (days != 1)}" if days else "not trained anew by itself"
        return Answer(message=f"Stored: {model.name} is {again}. Its drift is looked for each Monday (UTC).")
