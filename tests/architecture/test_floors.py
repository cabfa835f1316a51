"""import-linter's contracts (pyproject.toml) hold: the floors, the forbidden packages, the adapters apart."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT

LINT = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]


def test_every_contract_is_kept() -> None:
    report = subprocess.run(LINT, cwd=ROOT, capture_output=True, text=True, check=False)

    assert report.returncode == 0, report.stdout + report.stderr
    assert " 0 broken" in report.stdout


def test_an_import_up_the_floors_is_caught(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    for source in sorted((ROOT / "engine").rglob("*.py")):
        copy = tmp_path / source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    planted = tmp_path / "engine/domain/planted.py"
    planted.write_text("from engine.adapters import database\nimport sqlite3\n", encoding="utf-8")

    report = subprocess.run(LINT, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert report.returncode == 1
    assert "engine.domain.planted -> engine.adapters.database" in report.stdout
    assert "engine.domain.planted -> sqlite3" in report.stdout
