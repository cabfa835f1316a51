"""Retraining: a model is trained anew after so many days, or when it drifts; the result must pass a refit's checks."""

from __future__ import annotations

from datetime import timedelta

from engine.autotrader.house import House
from engine.autotrader.session import Session
from engine.domain.drift import Care, care_setting
from engine.domain.interval import iso
from engine.domain.job import JobKind, JobState
from engine.domain.model import Model
from engine.strategy.strategy import ModelStrategy

_OPEN = (JobState.QUEUED, JobState.RUNNING)


class Retraining:
    """Call `after` once for each close that a session has dealt with: days are the market's."""

    def __init__(self, house: House) -> None:
        self._house = house

    def after(self, session: Session) -> None:
        """Start what is due. Each period asks once: what failed or was refused is not tried again before the next."""
        leaders = {s.strategy.version_id for s in session.trader.seats if isinstance(s.strategy, ModelStrategy)}
        for version_id in sorted(leaders):
            model_id = version_id.rpartition(".")[0]
            days = Care.from_mapping(self._house.board.setting(care_setting(model_id))).retrain_days
            if days is not None:
                version = self._house.models.version(version_id)
                periods = (session.clock.now() - version.trained_to) // timedelta(days=days)
                if periods > 0:
                    model = self._house.models.model(model_id)
                    self.begin(model, session, f"{periods * days} days after v{version.version}'s training")

    def begin(self, model: Model, session: Session, why: str) -> bool:
        """Queue a training of the champion's recipe on as much data as it had, up to now; False where one runs already
        or this `why` was dealt with."""
        if any(j.state in _OPEN and j.request.get("name") == model.name for j in self._house.board.jobs(JobKind.TRAIN)):
            return False
        champion = self._house.models.version(model.model_id)
        end = model.interval.floor(session.clock.now())
        request = {
            "name": model.name, "source": model.source, "symbol": model.symbol, "interval": model.interval.value,
            "horizon": model.horizon, "seed": champion.seed, "members": list(champion.members), "end": iso(end),
            "start": iso(end - (champion.trained_to - champion.trained_from)),
        }  # fmt: skip
        began = self._house.begins_new(JobKind.TRAIN, f"retrain {model.model_id} {why}", request)
        if began:
            words = f"{model.name} is trained anew: {why}"
            self._house.board.alert(self._house.wall.now(), "info", words, session.account.account_id)
        return began
