"""`backtest --against`: what an account traded, held against its backtest."""

from __future__ import annotations

from typing import Any

import pytest

from engine.bootstrap import Stores
from engine.cli.against import against
from engine.domain.errors import ConfigurationError
from tests.builders import utc
from tests.cli.replays import a_run, replayed, usual_ranges
from tests.cli.shell import Shell


def compared(stores: Stores, name: str, start: str | None = None, end: str | None = None) -> dict[str, Any]:
    return against(stores, name, (utc(start) if start else None, utc(end) if end else None), lambda *_: False)


def test_what_a_replay_traded_is_its_backtest_and_what_is_not_is_named(stores: Stores, shell: Shell) -> None:
    run = a_run("rule:random_entry:probability=0.4,hold=2", "2020-07-03", usual_ranges(stores, 1.0))
    name = str(replayed(stores, run)["account_id"])
    stores.board.put_setting(f"stake:{name}", "500")
    stores.board.put_setting(f"limits:{name}", {key: str(value) for key, value in run.limit_overrides().items()})
    told = shell.json("backtest", "--against", name)
    [same] = told["runs"]
    assert (told["differences"], same["paired"], same["open_before"]) == (0, same["live_trades"], 0)
    assert same["paired"] > 5
    assert same["calls"] == same["same_calls"] == 3 * 48
    stores.board.put_setting(f"stake:{name}", "400")
    [other] = compared(stores, name)["runs"]
    assert abs(other["by_cause"]["size"]) > 0.01
    gap = other["live_profit"] - other["backtest_profit"]
    assert sum(other["by_cause"].values()) == pytest.approx(gap)
    said = shell.run("backtest", "--against", name).out
    assert "  2020-07-01T" in said
    assert " size " in said
    [part] = compared(stores, name, "2020-07-02")["runs"]
    assert (part["from"], part["calls"]) == ("2020-07-02T00:00:00Z", 3 * 25)
    with pytest.raises(ConfigurationError, match="decided nothing"):
        compared(stores, name, "2021-07-02")


def test_an_account_that_is_not_there_is_named(shell: Shell) -> None:
    said = shell.run("backtest", "--against", "nobody")
    assert said.code != 0
    assert "nobody" in said.err
