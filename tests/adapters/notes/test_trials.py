"""A note is whole or not there, goes in once, and stops nobody where it is damaged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.adapters.notes import TrialNotes
from engine.bootstrap import open_stores
from engine.domain.account import Source
from engine.domain.errors import ConfigurationError
from engine.domain.trial import Trial
from engine.settings import load
from tests.contracts.test_trials import a_trial


def test_a_note_comes_back_as_it_was_and_goes(tmp_path: Path) -> None:
    notes, told = TrialNotes(tmp_path / "trials"), [a_trial(), a_trial(symbol="ETHUSDT", sharpe=None)]
    notes.write(told)
    taken: list[Trial] = []
    notes.move_to(taken.extend)
    assert taken == told
    notes.move_to(taken.extend)
    assert taken == told
    assert not list((tmp_path / "trials").iterdir())


def test_a_kill_between_ledger_and_note_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load({"AAITI_HOME": str(tmp_path)})
    TrialNotes(settings.notes_folder).write([a_trial()])

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with open_stores(settings) as stores:
        with monkeypatch.context() as patched:
            patched.setattr(Path, "unlink", killed)
            with pytest.raises(KeyboardInterrupt):
                _ = stores.trials
        assert list(settings.notes_folder.iterdir())
        assert stores.trials.of("BTCUSDT", Source.BINANCE) == [a_trial()]
        assert not list(settings.notes_folder.iterdir())


def test_a_ledger_that_refuses_leaves_the_note(tmp_path: Path) -> None:
    notes = TrialNotes(tmp_path)
    notes.write([a_trial()])

    def full(_: Sequence[Trial]) -> None:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        notes.move_to(full)
    taken: list[Trial] = []
    notes.move_to(taken.extend)
    assert taken == [a_trial()]


@pytest.mark.parametrize("text", ["", "{", "7", "[7]", '[{"symbol": "BTCUSDT"}]'])
def test_a_damaged_note_is_told_stays_and_holds_back_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    notes = TrialNotes(tmp_path)
    notes.write([a_trial()])
    (tmp_path / "bad.json").write_text(text, encoding="utf-8")
    taken: list[Trial] = []
    notes.move_to(taken.extend)
    assert taken == [a_trial()]
    assert [path.name for path in tmp_path.iterdir()] == ["bad.json"]
    assert "bad.json: damaged" in caplog.text


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="a backtest is counted there"):
        TrialNotes(tmp_path / "file").write([a_trial()])
