"""The command line: keys, codes, one object on stdout, words for a person, nothing for a programmer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine import __main__ as command_line
from engine.bootstrap import Stores
from engine.cli import migrate
from engine.domain.errors import LedgerError
from engine.domain.interval import Interval
from tests.cli.shell import Shell

SAME = ("--rule", "buy_hold", "--instrument", "ALFAUSDT,BRAVUSDT", "--interval", "1h", "--source", "SIMULATED")
SPAN = ("--from", "2020-07-01", "--to", "2020-07-03")
KEYS = {
    "trade": "bars decisions orders fills trades final_equity ledger_sha256 trades_sha256 held_by",
    "backtest": "bars seconds trades final_equity total_return sharpe max_drawdown trades_sha256",
    "train": "model_id version fit_seconds out_of_sample members artifact_sha256 content_sha256",
    "predict": "action probability probability_low probability_high confidence price as_of reasons gates",
    "import": "instruments bars gaps rejected",
}
SCORES = "n accuracy auc brier log_loss log_loss_skill ece ece_noise_q95 top_decile_accuracy"


def has(told: dict[str, Any], keys: str) -> None:
    assert set(keys.split()) <= set(told), set(keys.split()) - set(told)


# ---------------------------------------------------------------------- the whole chain on the simulated market


def test_train_tells_what_it_learned_and_how_well(trained: dict[str, Any]) -> None:
    has(trained, KEYS["train"])
    has(trained["out_of_sample"], SCORES)
    assert len(trained["artifact_sha256"]) == len(trained["content_sha256"]) == 64
    assert trained["out_of_sample"]["n"] > 500


@pytest.mark.parametrize("by", ["model_id", "version_id", "name"])
def test_predict_says_what_why_and_which_gate(shell: Shell, trained: dict[str, Any], by: str) -> None:
    told = shell.json("predict", "--model", "small" if by == "name" else trained[by], "--at", "2020-05-01")
    has(told, KEYS["predict"])
    assert told["as_of"] == "2020-05-01T00:00:00Z"
    assert told["probability_low"] <= told["probability"] <= told["probability_high"]
    assert 0 <= told["confidence"] <= 1
    assert told["action"] in ("BUY", "HOLD")  # an account that is flat has nothing to sell
    assert told["reasons"]
    assert all(set(gate) == {"name", "passed", "detail"} for gate in told["gates"])
    assert (told["held_by"] is None) == all(gate["passed"] for gate in told["gates"]) == (told["action"] == "BUY")


def test_a_prediction_knows_nothing_of_later_bars(shell: Shell, trained: dict[str, Any]) -> None:
    between = shell.json("predict", "--model", "small", "--at", "2020-05-01T00:59:59Z")
    assert between == shell.json("predict", "--model", "small", "--at", "2020-05-01")


def test_backtest_and_replay_have_their_keys_and_the_same_trades(shell: Shell) -> None:
    compiled = shell.json("backtest", *SPAN, *SAME)
    live = shell.json("trade", "--replay", "2020-07-01..2020-07-03", *SAME)
    has(compiled, KEYS["backtest"])
    has(live, KEYS["trade"])
    assert live["trades_sha256"] == compiled["trades_sha256"]
    assert live["bars"] == compiled["bars"] == 2 * 48


def test_a_model_is_backtested_and_replayed_after_its_training(
    shell: Shell, trained: dict[str, Any], tmp_path: Path
) -> None:
    limits = tmp_path / "open.toml"
    limits.write_text('min_confidence = 0\nmin_edge_multiple = "-1000000"\n', encoding="utf-8")
    same = (
        "--model", trained["model_id"], "--instrument", "ALFAUSDT", "--interval", "1h", "--limits", str(limits),
        "--stake", "500", "--fee-bps", "7.5", "--slippage-bps", "2", "--cash", "5000",
    )  # fmt: skip
    compiled = shell.json("backtest", "--from", "2020-04-10", "--to", "2020-04-12", *same)
    live = shell.json("trade", "--replay", "2020-04-10..2020-04-12", *same)
    assert live["trades_sha256"] == compiled["trades_sha256"]
    assert live["final_equity"] == compiled["final_equity"]
    assert not live["in_sample"]


def test_a_model_knows_nothing_of_the_future(shell: Shell, trained: dict[str, Any], tmp_path: Path) -> None:
    told = shell.json(
        "backtest", "--model", trained["model_id"], "--instrument", "ALFAUSDT", "--interval", "1h", "--from",
        "2020-04-10", "--to", "2020-04-12", "--check",
    )  # fmt: skip
    assert told["checks"][0]["passed"] is True, told["checks"]
    assert told["checks"][1]["passed"] is not False, "two days are too few to settle, and no more is said"


def test_a_model_is_walked_forward_over_bars_that_its_version_was_trained_on(shell: Shell, tmp_path: Path) -> None:
    of = ("--instrument", "ALFAUSDT", "--interval", "1h")
    shell.json("train", "--source", "SIMULATED", *of, "--horizon", "6", "--from", "2020-01-01", "--to", "2020-04-10",
               "--name", "walked", "--members", "linear")  # fmt: skip
    span = ("--model", "walked", *of, "--from", "2020-04-05", "--to", "2020-04-12")
    refused = shell.run("backtest", *span)
    assert "was trained on bars" in refused.err
    page = tmp_path / "walk.html"
    walked = shell.run("backtest", *span, "--retrain", "4", "--report", str(page), "--json")
    assert [line[:15] for line in walked.err.splitlines()] == ["training 1 of 2", "training 2 of 2"]
    told = walked.json
    assert not told["in_sample"]
    assert [one["trained_to"] for one in told["retrained"]] == ["2020-04-05T00:00:00Z", "2020-04-09T00:00:00Z"]
    assert told["retrained"][0]["leads"] is True
    assert "Walk-forward: trained 2 times" in page.read_text(encoding="utf-8")
    said = shell.run("backtest", *SPAN, *SAME, "--retrain", "4")
    assert said.code == 2
    assert "a rule learns nothing" in said.err


def test_without_json_the_result_is_words(shell: Shell) -> None:
    said = shell.run("backtest", *SPAN, *SAME)
    assert said.code == 0
    assert "trades_sha256: " in said.out
    assert not said.out.startswith("{")


# ---------------------------------------------------------------------- import


def csv(path: Path, closes: list[float], first_ms: int = 1_593_561_600_000) -> Path:
    rows = [f"{first_ms + 3_600_000 * i},{c},{c + 1},{c - 1},{c},2" for i, c in enumerate(closes)]
    path.write_text("\n".join(["open_time,open,high,low,close,volume", *rows]) + "\n", encoding="utf-8")
    return path


def test_import_tells_what_came_in_and_backtest_uses_it(shell: Shell, tmp_path: Path) -> None:
    file = csv(tmp_path / "GOLDUSDT-1h.csv", [100.0 + i for i in range(48)])
    told = shell.json("import", str(file))
    has(told, KEYS["import"])
    assert (told["instruments"], told["bars"], told["gaps"], told["rejected"]) == (["GOLDUSDT"], 48, 0, [])
    rule = ("--rule", "buy_hold", "--interval", "1h", "--stake", "500")
    compiled = shell.json("backtest", "--bars", str(file), *rule)
    assert compiled["bars"] == 48


def test_a_file_that_is_no_table_fails_in_one_line_and_leaves_nothing(
    shell: Shell, tmp_path: Path, stores: Stores
) -> None:
    bad = tmp_path / "JUNKUSDT-1h.csv"
    bad.write_text("<html>no such file</html>\n", encoding="utf-8")
    said = shell.run("import", str(bad), "--json")
    assert said.code == 1
    assert said.json["ok"] is False
    assert "JUNKUSDT-1h.csv" in said.json["error"]
    assert "JUNKUSDT" not in {c.symbol for c in stores.bars.coverage("ARCHIVE")}


def test_one_bad_file_among_good_ones_is_told_and_the_good_come_in(shell: Shell, tmp_path: Path) -> None:
    csv(tmp_path / "RIGHTUSDT-1h.csv", [100.0] * 24)
    csv(tmp_path / "WRONGUSDT-1h.csv", [100.0] * 24, first_ms=1_593_561_600_001)
    told = shell.json("import", str(tmp_path))
    assert told["instruments"] == ["RIGHTUSDT"]
    assert len(told["rejected"]) == 1
    assert "WRONGUSDT-1h.csv" in told["rejected"][0]


def test_a_path_that_is_not_there_is_named(shell: Shell, tmp_path: Path) -> None:
    said = shell.run("import", str(tmp_path / "nothing.csv"), "--json")
    assert said.code != 0
    assert "nothing.csv" in said.err


# ---------------------------------------------------------------------- set-up


def test_migrate_brings_a_new_home_to_this_version(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AAITI_HOME", str(tmp_path / "new" / "home"))
    first = shell.json("migrate")
    assert shell.json("migrate") == first
    assert (tmp_path / "new" / "home" / "aaiti.db").exists()


def test_doctor_checks_each_thing_and_says_what_to_do(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    told = shell.json("doctor", "--offline")
    assert told["ok"] is True
    assert {"python", "packages", "home", "database", "engine", "bars"} <= {c["name"] for c in told["checks"]}
    assert all({"name", "ok", "detail"} <= set(c) for c in told["checks"])
    engine = next(c for c in told["checks"] if c["name"] == "engine")
    assert not engine["ok"]
    assert "make run" in engine["detail"]


def test_doctor_fails_where_the_database_is_not_there_yet(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AAITI_HOME", str(tmp_path))
    said = shell.run("doctor", "--offline", "--json")
    assert (said.code, said.json["ok"]) == (1, False)
    assert "python -m engine migrate" in said.out


def test_doctor_asks_the_exchange_only_at_loopback_here(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AAITI_BINANCE_URL", "http://127.0.0.1:9")
    told = shell.json("doctor")
    binance = next(c for c in told["checks"] if c["name"] == "binance")
    assert (binance["ok"], binance["required"]) == (False, False)
    assert binance["detail"]


# ---------------------------------------------------------------------- bad usage

BAD = [
    ((), "COMMAND"),
    (("fly",), "invalid choice"),
    (("train",), "--instrument"),
    (("train", "--instrument", "ALFAUSDT", "--interval", "7h"), "'7h' is not one of"),
    (("train", "--instrument", "ALFAUSDT", "--interval", "1h", "--horizon", "x"), "--horizon"),
    (("train", "--instrument", "ALFAUSDT", "--interval", "1h", "--horizon", "0"), "1 to 1000 bars"),
    (("train", "--instrument", "ALFAUSDT", "--interval", "1h", "--from", "soon"), "'soon' is not an ISO 8601"),
    (("predict",), "--model"),
    (("import",), "PATH"),
    (("backtest", *SAME), "--bars or --from and --to are missing"),
    (("backtest", *SPAN, "--instrument", "ALFAUSDT", "--interval", "1h"), "--model or --rule is missing"),
    (("backtest", *SPAN, "--rule", "buy_hold"), "--instrument and --interval are missing"),
    (("backtest", *SPAN, *SAME, "--model", "m"), "not allowed with"),
    (("backtest", *SPAN, *SAME, "--cash", "ten"), "'ten' is not a number"),
    (("backtest", *SPAN, *SAME, "--cash", "1e30"), "out of range"),
    (("backtest", *SPAN, *SAME, "--cash", "0"), "cash 0 must be above zero"),
    (("backtest", *SPAN, *SAME, "--fee-bps", "20000"), "takes everything"),
    (("backtest", *SPAN, *SAME, "--stop-loss", "2"), "stop_loss is 2"),
    (("backtest", *SPAN, *SAME, "--limits", "/nowhere.json"), "/nowhere.json: No such file"),
    (("backtest", "--from", "2020-07-03", "--to", "2020-07-01", *SAME), "is not before to"),
    (("trade", "--replay", "2020-07-01", *SAME), "is not FROM..TO"),
    (("trade", "--replay", "2020-07-01..", *SAME), "not an ISO 8601"),
    (("trade", "--replay", "2020-07-01..2020-07-03", *SAME, "--speed", "fast"), "'fast' is not a number"),
    (("trade", "--replay", "2020-07-01..2020-07-03", *SAME, "--speed", "0"), "must be max, 1, 60"),
    (("trade", "--replay", "2020-07-01..2020-07-03", *SAME[2:], "--rule", "nope"), "rule 'nope' is not known"),
    (("backtest", "--from", "0001-01-01", *SAME), "lies outside the years 1970 to 2100"),
    (("backtest", "--to", "0001-01-01T00:00+05:00", *SAME), "is not an ISO 8601"),
    (("predict", "--model", "m", "--at", "0001-01-01"), "lies outside the years"),
    (("trade", "--replay", "0001-01-01..2025-01-05", *SAME), "lies outside the years"),
    (("backtest", *SPAN, "--model", "m", "--retrain", "99999999999", *SAME[2:]), "from 1 to 3650 days"),
    (("trade", *SAME[:-1], "ARCHIVE"), "can be replayed"),
    (("trade", "--rule", "buy_hold", "--instrument", "NOPE", "--interval", "1h", "--source", "SIMULATED"), "NOPE"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "words"), BAD, ids=[str(i) for i in range(len(BAD))])
def test_bad_usage_is_two_and_says_what_to_write(shell: Shell, arguments: tuple[str, ...], words: str) -> None:
    said = shell.run(*arguments)
    assert said.code == 2
    assert words in said.err
    assert said.out == ""
    assert "Traceback" not in said.err
    told = shell.run(*arguments, "--json")
    assert told.code == 2
    assert told.json["ok"] is False
    assert words in told.json["error"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("[1, 2]", "not a table"), ("{", "write JSON like"), ('{"luck": 1}', "there is no 'luck'"),
     ('{"max_positions": "many"}', "max_positions")],
)  # fmt: skip
def test_a_bad_limits_file_is_named(shell: Shell, tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "limits.json"
    file.write_text(text, encoding="utf-8")
    said = shell.run("backtest", *SPAN, *SAME, "--limits", str(file))
    assert (said.code, words in said.err) == (2, True), said.err


FAILS = [
    (("predict", "--model", "nobody"), "nobody"),
    (("backtest", *SPAN, *SAME[:2], "--instrument", "NOPEUSDT", "--interval", "1h"), "NOPEUSDT"),
    (("backtest", "--from", "2019-01-01", "--to", "2019-02-01", *SAME), "no 1h bars of ALFAUSDT"),
    (("backtest", *SPAN, "--model", "nobody", *SAME[2:]), "nobody"),
]


@pytest.mark.parametrize(("arguments", "words"), FAILS, ids=[str(i) for i in range(len(FAILS))])
def test_what_fails_is_one_with_its_reason_in_the_object(shell: Shell, arguments: tuple[str, ...], words: str) -> None:
    said = shell.run(*arguments, "--json")
    assert said.code == 1
    assert said.json["ok"] is False
    assert words in said.json["error"]
    assert words in said.err


@pytest.mark.parametrize("command", ["", *command_line.COMMANDS])
def test_every_command_explains_itself(shell: Shell, command: str) -> None:
    said = shell.run(*filter(None, (command, "--help")))
    assert said.code == 0
    assert "usage: python -m engine" in said.out


def test_numbers_that_are_none_become_null(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = {"nan": float("nan"), "deep": [{"inf": float("-inf")}, (1.5, None)]}
    monkeypatch.setattr(migrate, "run", lambda _: odd)
    assert shell.json("migrate") == {"nan": None, "deep": [{"inf": None}, [1.5, None]]}


def test_an_error_of_ours_is_words_not_a_traceback(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: object) -> None:
        raise LedgerError("the database is locked")

    monkeypatch.setattr(migrate, "run", fails)
    said = shell.run("migrate", "--json")
    assert (said.code, json.loads(said.out)) == (1, {"ok": False, "error": "the database is locked"})
    assert said.err == "migrate: the database is locked\n"


def test_the_intervals_are_those_of_the_engine(shell: Shell) -> None:
    said = shell.run("backtest", *SPAN, "--rule", "buy_hold", "--instrument", "A", "--interval", "2w")
    assert all(interval.value in said.err for interval in Interval)
