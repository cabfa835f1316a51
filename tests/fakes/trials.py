"""The trial ledger in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.domain.account import Source
from engine.domain.trial import Trial, TrialKind, same_market


class FakeTrials:
    """`ports.Trials` in a dict."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, Source, str], Trial] = {}

    def add(self, trials: Iterable[Trial]) -> None:
        for trial in list(trials):
            self._rows.setdefault((trial.symbol, trial.source, trial.content_sha256), trial)

    def count(self, symbol: str, source: Source, *, including: Iterable[str] = ()) -> int:
        return len({trial.recipe_sha256 for trial in self.of(symbol, source)} | set(including))

    def kinds(self, symbol: str, source: Source) -> Mapping[TrialKind, tuple[int, int]]:
        mine = self.of(symbol, source)
        return {
            kind: (len({t.recipe_sha256 for t in mine if t.kind is kind}), sum(t.kind is kind for t in mine))
            for kind in {t.kind for t in mine}
        }

    def of(self, symbol: str, source: Source, limit: int | None = None) -> Sequence[Trial]:
        like = same_market(source)
        mine = [trial for trial in self._rows.values() if trial.symbol == symbol and trial.source in like]
        return mine[::-1][:limit]

    def ratios(self, symbol: str, source: Source) -> Sequence[float]:
        newest: dict[str, float] = {}
        for trial in self.of(symbol, source)[::-1]:
            if trial.annual_sharpe is not None:
                newest[trial.recipe_sha256] = trial.annual_sharpe
        return [newest[recipe] for recipe in sorted(newest)]
