"""The launcher, run for real: the engine beats before any browser comes, and SIGTERM ends it in time."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.database.migrate import migrate
from engine.api.headers import SECURITY_HEADERS

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a migrated database and nothing in it."""
    migrate(f"sqlite:///{tmp_path / 'aaiti.db'}")
    return tmp_path


def environment(home: Path, engine: str) -> dict[str, str]:
    return {**os.environ, "AAITI_HOME": str(home), "AAITI_ENGINE": engine, "OMP_NUM_THREADS": "1"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(home: Path, engine: str = "embedded", folder: Path = ROOT) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`streamlit run app.py` on a port of its own, up to its health."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", str(port)]
    address = f"http://127.0.0.1:{port}"
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment(home, engine), stdout=log, stderr=log)
        try:
            wait_until(lambda: get(f"{address}/_stcore/health")[0] == 200, seconds=120)
            yield address, server
        finally:
            server.kill()
            server.wait(10)


def get(url: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    """(status, headers, body); status 0 where nobody listens."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=20) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()
    except OSError:
        return 0, {}, b""


def wait_until(done: Callable[[], bool], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


def started(address: str) -> tuple[int, bytes]:
    """What the engine's door answers once it is no longer starting."""
    heard = [(0, b"")]

    def asked() -> bool:
        status, _, body = get(f"{address}/api/health")
        heard.append((status, body))
        return status != 0 and b"starting" not in body

    wait_until(asked, seconds=60)
    return heard[-1]


def told(body: bytes) -> dict[str, Any]:
    answer = json.loads(body)
    assert isinstance(answer, dict)
    return answer


def test_the_engine_beats_before_any_browser_and_sigterm_ends_it_in_time(home: Path) -> None:
    with served(home) as (address, server):
        wait_until(lambda: get(f"{address}/api/health")[0] == 200, seconds=60)
        health = told(get(f"{address}/api/health")[2])
        assert health["engine"] == "live"

        asked = time.monotonic()
        server.send_signal(signal.SIGTERM)
        server.wait(30)

    assert time.monotonic() - asked < 5
    assert "Traceback" not in (home / "server.log").read_text(encoding="utf-8")


def test_a_console_without_an_engine_says_that_none_runs(home: Path) -> None:
    with served(home, engine="external") as (address, _):
        status, body = started(address)

    assert (status, told(body)["engine"]) == (503, "none")


def test_the_database_of_a_newer_version_is_named_not_traced(home: Path) -> None:
    with sqlite3.connect(home / "aaiti.db") as database:
        database.execute("UPDATE alembic_version SET version_num = 'r9999'")
    database.close()

    with served(home) as (address, _):
        status, body = started(address)

    assert status == 503
    assert "newer than this version of AAITI" in told(body)["message"]
    assert "Traceback" not in (home / "server.log").read_text(encoding="utf-8")


def test_no_answer_can_be_framed_sniffed_or_read_under_another_name(home: Path) -> None:
    with served(home, engine="off", folder=home) as (address, _):
        for path in ("/", "/_stcore/health", "/api/health", "/trade"):
            _, headers, _ = get(address + path)
            assert {name: headers.get(name.lower(), headers.get(name)) for name in SECURITY_HEADERS} == SECURITY_HEADERS

        assert get(f"{address}/api/accounts", {"Host": "evil.example"})[0] == 400


def test_the_console_is_closed_to_other_machines_and_to_robots() -> None:
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))

    assert config["server"]["address"] == "127.0.0.1"
    assert set(config["server"]["allowedHosts"]) == {"localhost", "127.0.0.1"}
    assert config["server"]["enableAgentApi"] is False
    assert config["server"].get("enableCORS", True) is True
    assert config["server"]["enableXsrfProtection"] is True
    assert config["server"]["fileWatcherType"] == "none"
    assert config["client"] == {"toolbarMode": "minimal", "showErrorDetails": "none"}
    assert config["browser"]["gatherUsageStats"] is False
