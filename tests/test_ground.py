"""What the tests themselves stand on: the socket guard, required parts, and the locks."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import NetworkBlocked, is_loopback

ROOT = Path(__file__).resolve().parents[1]
OPTIONAL_TESTS = """
import pytest
from tests.conftest import pytest_make_collect_report, pytest_runtest_makereport

@pytest.mark.browser
def test_in_a_browser() -> None:
    pytest.skip("no chromium here")

def test_of_this_platform() -> None:
    pytest.skip("not on this platform")
"""


def test_only_loopback_is_open() -> None:
    with socket.socket() as outside, pytest.raises(NetworkBlocked, match=re.escape("192.0.2.1:443")):
        outside.connect(("192.0.2.1", 443))
    with pytest.raises(NetworkBlocked, match=r"api\.binance\.com"):
        socket.create_connection(("api.binance.com", 443))

    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


@pytest.mark.parametrize(("host", "own"), [("::1", True), ("127.9.9.9", True), ("10.0.0.1", False), ("a.test", False)])
def test_which_hosts_are_ours(host: str, own: bool) -> None:
    assert is_loopback(host) is own


@pytest.mark.parametrize(("required", "code", "told"), [("0", 0, "2 skipped"), ("1", 1, "1 failed, 1 skipped")])
def test_a_required_part_may_not_be_skipped(tmp_path: Path, required: str, code: int, told: str) -> None:
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n", encoding="utf-8")
    (tmp_path / "test_optional.py").write_text(OPTIONAL_TESTS, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", str(tmp_path), "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path)],
        cwd=ROOT, env={**os.environ, "AAITI_REQUIRE_ALL": required}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert run.returncode == code, run.stdout
    assert told in run.stdout
    assert "no chromium here" in run.stdout


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt"])
def test_a_lock_pins_hashes_and_names_no_place(name: str) -> None:
    lock = (ROOT / name).read_text(encoding="utf-8")
    pins = re.findall(r"^([a-z0-9._-]+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", lock, re.MULTILINE)

    assert len(pins) == len(re.findall(r"^\S+==", lock, re.MULTILINE)) > 50
    assert "with Python 3.11" in lock
    assert not re.search(r"://|^--?(extra-)?index|^-f|find-links|\bfile:/|@ ", lock, re.MULTILINE)


def test_the_locks_agree_and_hold_what_the_project_asks_for() -> None:
    run, test = (_pins(name) for name in ("requirements.txt", "requirements-test.txt"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [name for part in project["optional-dependencies"].values() for name in part]

    assert run.items() <= test.items()
    assert {_name(need) for need in project["dependencies"]} <= run.keys()
    assert {_name(need) for need in extras} <= test.keys()
    assert not {_name(need) for need in project["optional-dependencies"]["test"]} & run.keys()


def test_every_streamlit_page_is_reached_by_the_router_alone() -> None:
    """A `pages/` folder beside the entry script would be served without the router's login gate."""
    launcher = (ROOT / "app.py").read_text(encoding="utf-8")

    assert '"pages" / "router.py"' in launcher
    assert not (ROOT / "pages" / "pages").exists()


def _pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))


def _name(need: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", need)
    assert found
    return found.group().lower().replace("_", "-")
