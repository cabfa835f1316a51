"""The overview: the next step is the one that stands, also where it changes while drawn; profit as it grew."""

from __future__ import annotations

import pytest

from engine.queries import guide
from engine.queries.console import Console
from engine.queries.guide import Guide, Stage
from tests.pages.conftest import Open
from tests.pages.full import ACCOUNT
from tests.pages.reading import words
from tests.pages.scene import Scene


def test_an_engine_that_wakes_while_the_page_is_drawn_is_not_waited_for_any_longer(
    empty: Scene, show: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def woken_after_the_first_look(console: Console) -> Guide:
        asked.append(console)
        return Guide(stage=Stage.START_ENGINE) if len(asked) == 1 else read(console)

    read = guide.read_guide
    monkeypatch.setattr(guide, "read_guide", woken_after_the_first_look)
    empty.beat(source="none")
    assert "Which market do you want to practise on" in words(show("overview"))


def test_realised_profit_is_drawn_as_it_grew_trade_by_trade(full: Scene, show: Open) -> None:
    trades = full.ledger.trades(ACCOUNT)
    drawn = list(next(m for m in show("overview").metric if m.label == "Realised profit").proto.chart_data)
    assert (drawn[0], len(drawn)) == (0.0, len(trades) + 1)
    assert drawn[-1] == pytest.approx(float(sum(t.profit for t in trades)))
