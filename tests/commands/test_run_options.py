"""RunOptions: the same words for replay, backtest and trade, checked before anything is opened for them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from engine.commands.requests import StartReplay
from engine.commands.run_options import RunOptions
from engine.domain.account import Costs
from engine.domain.errors import ConfigurationError
from engine.domain.interval import Interval
from tests.builders import utc

PAYLOAD: dict[str, Any] = {
    "strategy": "rule:buy_hold", "symbols": ["BTCUSDT", "ETHUSDT"], "interval": "1h", "source": "ARCHIVE",
    "start": "2025-04-01T00:00:00Z", "end": "2025-07-01T00:00:00Z",
    "options": {
        "stop_loss": "0.02", "take_profit": "0.05", "fee_bps": "7.5", "slippage_bps": "2", "cash": "5000",
        "stake": "250", "limits": {"max_positions": "3"}, "in_sample": True,
    },
}  # fmt: skip


def options(**changes: Any) -> RunOptions:
    fields: dict[str, Any] = {
        "strategy": "rule:buy_hold", "symbols": ("BTCUSDT",), "interval": Interval.H1, "source": "ARCHIVE"
    }
    return RunOptions(**fields | changes)


def test_a_payload_is_read_whole_and_written_back() -> None:
    run = RunOptions.parse(PAYLOAD)
    assert run.symbols == ("BTCUSDT", "ETHUSDT")
    assert (run.start, run.end) == (utc("2025-04-01"), utc("2025-07-01"))
    assert (run.cash, run.stake, run.in_sample) == (Decimal(5000), Decimal(250), True)
    assert RunOptions.parse(json.loads(json.dumps(run.payload()))) == run


def test_what_is_not_said_is_the_limits_and_the_accounts_own() -> None:
    run = RunOptions.parse({k: v for k, v in PAYLOAD.items() if k != "options"})
    assert run.costs() == Costs()
    assert (run.cash, run.stake, run.limit_overrides()) == (Decimal(10_000), None, {})


def test_slippage_takes_the_spread_in_and_a_fee_stands_alone() -> None:
    assert options(fee_bps=Decimal(0)).costs() == Costs(fee_ratio=Decimal(0))
    both = options(fee_bps=Decimal("7.5"), slippage_bps=Decimal(2)).costs()
    assert both == Costs(
        fee_ratio=Decimal("0.00075"), half_spread_ratio=Decimal(0), slippage_ratio=Decimal("0.0002")
    )  # fmt: skip


def test_impact_is_a_cost_and_without_it_the_payload_is_that_of_earlier_days() -> None:
    sized = options(impact=Decimal("0.5"))
    assert sized.costs() == Costs(impact=Decimal("0.5"))
    assert RunOptions.parse(json.loads(json.dumps(sized.payload()))) == sized
    told = options().payload()["options"]
    assert isinstance(told, dict)
    assert "impact" not in told


def test_a_runs_own_stop_stands_above_the_limits_file() -> None:
    run = options(limits={"stop_loss": "0.5", "max_positions": 2}, stop_loss=Decimal("0.01"))
    assert run.limit_overrides() == {"stop_loss": "0.01", "max_positions": 2}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"start": utc("2025-04-02"), "end": utc("2025-04-01")}, "is not before to"),
        ({"start": utc("2025-04-01"), "end": utc("2025-04-01")}, "is not before to"),
        ({"cash": Decimal(0)}, "cash 0 must be above zero"),
        ({"cash": Decimal("1e30")}, "cash"),
        ({"cash": Decimal("0.000000001")}, "cash .*eight decimal places"),
        ({"impact": Decimal(-1)}, "impact -1 must lie within 0 and 100"),
        ({"impact": Decimal(101)}, "impact 101 must lie within"),
        ({"stake": Decimal(-5)}, "stake -5 must be above zero"),
        ({"fee_bps": Decimal("-1")}, "fee_bps -1 is below zero"),
        ({"fee_bps": Decimal("0.001")}, "fee_bps 0.001: give at most two"),
        ({"slippage_bps": Decimal(10_000)}, "slippage_bps 10000 takes everything"),
        ({"stop_loss": Decimal("-0.1")}, "stop_loss -0.1 is below zero"),
    ],
)
def test_nonsense_is_refused_by_its_name(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        options(**changes)


@pytest.mark.parametrize(("speed", "expected"), [("max", None), ("60", 60.0), (1, 1.0), ("0.5", 0.5)])
def test_a_replays_speed(speed: object, expected: float | None) -> None:
    assert StartReplay.parse({**PAYLOAD, "speed": speed}).speed == expected


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "nan", "inf", "1e9", ""])
def test_a_speed_that_is_none_is_refused(speed: str) -> None:
    with pytest.raises(ConfigurationError, match="must be max, 1, 60"):
        StartReplay.parse({**PAYLOAD, "speed": speed})
