"""Equity of unseen calls beside the baselines: with costs, over the record's bars, luck and rules always there."""

from __future__ import annotations

import json

import numpy as np

from engine.cli.unseen import unseen_equity
from engine.domain.instrument import Instrument
from engine.queries.unseen import Curve, Unseen, read_unseen
from tests.builders import instrument
from tests.strategy.test_unseen import SERIES, a_record


def of(skill: float, rules: Instrument | None = None) -> Unseen:
    told = json.loads(json.dumps(unseen_equity(SERIES, a_record(skill=skill), rules or instrument())))
    found = read_unseen({"unseen": told})
    assert found is not None
    return found


def test_the_baselines_are_always_there_and_everybody_pays() -> None:
    found = of(0.0)
    names = [one.name for one in found.curves]
    assert names[:3] == ["the model", "its calls, no gates", "buy_hold"]
    assert [name.split(":")[0].split(",")[0] for name in names[3:]] == ["sma_cross", "rsi_reversion", "random entry"]
    assert all(one.fees > 0 for one in found.curves if one.trades)
    assert found.at == sorted(found.at)
    assert {len(one.equity) for one in found.curves} == {len(found.at)}
    assert "on bars it had never seen" in found.words
    assert "0.13 % a side" in found.words
    assert found.at[-1].isoformat()[:10] in found.words


def test_calls_that_know_are_worth_more_than_the_rules_and_calls_that_do_not_are_worth_their_costs() -> None:
    def bare(found: Unseen) -> Curve:
        return next(one for one in found.curves if one.name == "its calls, no gates")

    knowing, blind = of(1.0), of(0.0)
    assert bare(knowing).total_return > max(one.total_return for one in knowing.curves[2:])
    assert bare(blind).total_return < 0 < bare(knowing).total_return
    assert bare(blind).fees > 0


def test_few_calls_are_no_track() -> None:
    assert unseen_equity(SERIES, a_record(len(SERIES) - 150), instrument()) is None
    assert read_unseen({}) is None
    assert np.isfinite([one.max_drawdown for one in of(0.0).curves]).all()
