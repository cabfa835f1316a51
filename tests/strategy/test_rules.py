"""Rules: parsed strictly, the same live and in batch, blind to the future."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError
from engine.features.window import BLOCK
from engine.strategy.calls import BUY, HOLD, SELL
from engine.strategy.rules import RULES
from engine.strategy.strategy import RuleStrategy
from tests.builders import bars_at


def walk(n: int, seed: int = 1) -> BarSeries:
    closes = 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, n)))
    return bars_at("2025-01-01", np.round(closes, 2).tolist())


@pytest.mark.parametrize("name", RULES)
def test_the_last_row_of_a_window_is_the_batch_s(name: str) -> None:
    series = walk(2 * BLOCK + 300)
    strategy = RuleStrategy.of(name)
    whole = strategy.calls(series).signal
    for n in (1, 40, BLOCK - 1, BLOCK + 1, BLOCK + 2, len(series)):
        assert strategy.calls(series.rows(0, n), n - 1).signal.tolist() == [whole[n - 1]]


@pytest.mark.parametrize("name", RULES)
def test_changing_the_future_changes_no_call(name: str) -> None:
    series = walk(400)
    cut = 250
    future = replace(series, close=series.close[:cut] + walk(400, seed=9).close[cut:])
    before, after = (RuleStrategy.of(name).calls(s).signal[:cut] for s in (series, future))
    assert np.array_equal(before, after)


def test_the_cross_is_called_on_the_bar_it_happens() -> None:
    closes = [10.0] * 6 + [11, 12, 13, 12, 10, 8, 7]
    calls = RuleStrategy.of("sma_cross:fast=2,slow=4").calls(bars_at("2025-01-01", closes)).signal
    assert calls.tolist() == [HOLD] * 6 + [BUY] + [HOLD] * 3 + [SELL] + [HOLD] * 2


def test_oversold_is_bought_and_overbought_sold() -> None:
    falling = [100.0 - i for i in range(20)]
    calls = RuleStrategy.of("rsi_reversion").calls(bars_at("2025-01-01", falling + falling[::-1] * 2)).signal
    assert calls[14] == BUY
    assert SELL in calls


def test_luck_is_seeded_and_leaves_after_its_hold() -> None:
    series = walk(5_000)
    first, again, other = (
        RuleStrategy.of(f"random_entry:probability=0.1,seed={s},hold=5").calls(series).signal for s in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.mean(first == BUY) == pytest.approx(0.1, abs=0.02)
    assert all(first[i + 5] != HOLD for i in np.flatnonzero(first[:-5] == BUY))


def test_an_empty_series_has_no_calls() -> None:
    assert len(RuleStrategy.of("sma_cross").calls(walk(3).rows(0, 0))) == 0


def test_a_rule_s_name_says_everything() -> None:
    assert RuleStrategy.of("sma_cross: slow=30 , fast=5").name == "rule:sma_cross:fast=5,slow=30"
    assert RuleStrategy.of("buy_hold").name == "rule:buy_hold"
    assert RuleStrategy.of("rsi_reversion").horizon == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sma", "rule 'sma' is not known; choose one of buy_hold, sma_cross"),
        ("sma_cross:quick=3", "none of its parameters"),
        ("sma_cross:fast", "write sma_cross:fast=20,slow=50"),
        ("sma_cross:fast=x", "fast='x' is not a number"),
        ("sma_cross:fast=2.5", "a whole number within 2 and"),
        ("sma_cross:fast=60", "must be below slow=50"),
        ("sma_cross:slow=99999", "within 3 and 2047"),
        ("rsi_reversion:low=80", "must be below high"),
        ("random_entry:probability=nan", "must be a number within 0 and 1"),
        ("buy_hold:x=1", "parameters \\(none\\)"),
    ],
)
def test_a_wrong_rule_is_refused_with_a_way_out(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        RuleStrategy.of(text)
