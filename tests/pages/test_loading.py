"""The engine warms itself while the first screen is drawn: nothing may be left that both would import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NEW_MODULES = """
import sys
from pages.parts.loading import load
load()
before = set(sys.modules)
{work}
print("\\n".join(set(sys.modules) - before))
"""
SCREENS = """
import importlib, pathlib
for file in pathlib.Path("pages/parts").glob("*.py"):
    importlib.import_module(f"pages.parts.{file.stem}")
"""
ENGINE = """
from engine.adapters.models.files import prepare
from engine.strategy.warm import warm_up
prepare(), warm_up()
"""


def test_after_loading_the_screens_and_the_warming_engine_import_nothing_in_common() -> None:
    screens, engine = imported_by(SCREENS), imported_by(ENGINE)
    assert "sklearn" in engine
    assert "pages.parts.charts" in screens
    assert {name for name in screens & engine if not standard(name)} == set()


def imported_by(work: str) -> set[str]:
    """What `work` imports in a fresh interpreter that has loaded what is shared."""
    program = NEW_MODULES.format(work=work)
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(told.stdout.split())


def standard(name: str) -> bool:
    """Python's own modules are not meant: they have no circles among packages."""
    return name.split(".", maxsplit=1)[0] in sys.stdlib_module_names
