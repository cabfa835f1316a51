"""The market page: whose prices, gaps, and bars that are brought in."""

from __future__ import annotations

from pathlib import Path

from engine.domain.command import CommandKind
from engine.domain.job import JobKind, JobState
from tests.pages.conftest import Open
from tests.pages.jobs import job
from tests.pages.reading import words
from tests.pages.scene import Scene


def test_the_simulated_market_says_what_it_is_and_what_it_proves(full: Scene, show: Open) -> None:
    told = words(show("market"))
    assert "SIMULATED market: six invented instruments" in told
    assert "results here show that the machine works, not that it earns" in told


def test_gaps_are_shown(full: Scene, show: Open) -> None:
    at = show("market")
    at.select_slider(key="market_n").set_value(1000).run()
    assert "1 gap in this window" in words(at)


def test_an_upload_is_imported_from_a_folder_of_its_own(full: Scene, show: Open) -> None:
    full.engine_says("Importing 1 path.")
    at = show("market")
    at.file_uploader(key="import_upload").upload("bars.csv", b"a,b", "text/csv").run()
    at.button(key="import_files").click().run()
    assert full.last.kind is CommandKind.IMPORT
    paths = full.last.payload["paths"]
    assert isinstance(paths, list)
    assert [name.name for name in Path(paths[0]).iterdir()] == ["bars.csv"]


def test_an_import_says_what_it_brought(full: Scene, show: Open) -> None:
    found = {"instruments": ["BTCUSDT"], "bars": 48, "new_bars": 40, "gaps": 1, "missing": 2, "rejected": ["x.csv: no"]}
    full.board.add_job(
        job(JobKind.IMPORT, JobState.DONE, full.clock.at, request={"paths": ["/data/BTCUSDT-1h.csv"]}, result=found)
    )
    told = words(show("market"))
    assert "48 bars of BTCUSDT, 40 of them new; 1 gap, 2 bars missing" in told
    assert "x.csv: no" in told
