"""Limits are read strictly, and said plainly."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from engine.domain.errors import ConfigurationError
from engine.risk.gates import GATES
from engine.risk.limits import RiskLimits


def test_defaults_are_the_documented_ones() -> None:
    assert RiskLimits().to_mapping() == {
        "min_confidence": "0.7", "min_edge_multiple": "1.5", "kelly_fraction": "0.25", "volatility_target": "0.4",
        "max_position_ratio": "0.25", "max_exposure_ratio": "0.8", "max_positions": 8, "max_drawdown": "0.2",
        "max_daily_loss": "0.05", "stop_loss": "0.03", "take_profit": "0.06", "max_correlation": "0.9",
        "shrink_from": "0.5", "cooldown_bars": 0, "max_orders_per_minute": 20, "max_clock_skew_ms": 1000,
        "max_strangeness": "0.99", "max_price_gap": "0.05",
    }  # fmt: skip


def test_what_is_written_is_read_back() -> None:
    limits = RiskLimits(stop_loss=Decimal("0.0125"), max_positions=3)
    assert RiskLimits.from_mapping(limits.to_mapping()) == limits


def test_json_numbers_count_as_they_were_typed() -> None:
    limits = RiskLimits.from_mapping({"stop_loss": 0.02, "max_positions": 2, "min_confidence": "0.55"})
    assert (limits.stop_loss, limits.max_positions) == (Decimal("0.02"), 2)
    assert limits.take_profit == RiskLimits().take_profit


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"stop_los": "0.1"}, "no 'stop_los'; known are min_confidence"),
        ({"stop_loss": "much"}, "stop_loss is 'much'; write a number"),
        ({"stop_loss": True}, "stop_loss is True"),
        ({"stop_loss": None}, "stop_loss is None"),
        ({"stop_loss": "0"}, "stop_loss is 0; it must lie within 0.000001 and 0.99"),
        ({"stop_loss": "0.0000001"}, "within"),
        ({"stop_loss": "0.02000001"}, "six decimal places"),
        ({"max_positions": "2.5"}, "whole number"),
        ({"max_exposure_ratio": "1.5"}, "within 0 and 1"),
        ({"max_correlation": "1.1"}, "max_correlation is 1.1; it must lie within 0 and 1"),
        ({"shrink_from": "-0.1"}, "within 0 and 1"),
        ({"cooldown_bars": "0.5"}, "cooldown_bars is '0.5'; write a whole number"),
        ({"cooldown_bars": -1}, "within 0 and 10000"),
        ({"max_orders_per_minute": 0}, "within 1 and 10000"),
        ({"max_clock_skew_ms": "soon"}, "max_clock_skew_ms is 'soon'; write a number"),
        ({"max_drawdown": float("nan")}, "max_drawdown is nan"),
    ],
)
def test_what_is_wrong_is_named_with_a_way_out(values: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        RiskLimits.from_mapping(values)


def test_the_manual_names_every_limit_with_its_default_and_range() -> None:
    text = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (\S+ \| \S+ to \S+) \|", text, flags=re.MULTILINE))
    for name, value in RiskLimits().to_mapping().items():
        low, high = (str(bound) for bound in re.findall(r"(\S+) \| (\S+) to (\S+)", rows[name])[0][1:])
        assert rows[name].startswith(f"{value} |"), name
        for beyond in (Decimal(low) - 1, Decimal(high) + 1):
            with pytest.raises(ConfigurationError, match=f"within {re.escape(low)} and {re.escape(high)}"):
                RiskLimits.from_mapping({name: str(beyond)})
    assert set(rows) == set(RiskLimits().to_mapping())


def test_the_manual_names_every_gate_in_order() -> None:
    text = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")
    told = text.split("each says its numbers:")[1].split(".")[0]
    assert [re.split(r"[\s(]", part.strip())[0] for part in re.sub(r"\([^)]*\)", "", told).split(",")] == list(GATES)
