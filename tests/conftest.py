"""What every test runs under: no network but loopback, a home of its own, and no engine unless asked for."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
OPTIONAL_PARTS = ("browser", "postgres", "market_data")
"""Markers of tests that may be skipped where their part is missing, but not under AAITI_REQUIRE_ALL=1."""

hypothesis.settings.register_profile("aaiti", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("aaiti")


class NetworkBlocked(RuntimeError):
    """A test reached for the network. Point it at a server on loopback, or at a cassette."""


def is_loopback(host: object) -> bool:
    """True for this machine's own names and addresses (None and '' mean every local interface)."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback or str(name) == "0.0.0.0"
    except ValueError:
        return False


def _guard_connection(real: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, *args: Any) -> Any:
        address = args[-1]
        if self.family in {socket.AF_INET, socket.AF_INET6} and not is_loopback(address[0]):
            raise NetworkBlocked(f"a test tried to reach {address[0]}:{address[1]}; only loopback is open")
        return real(self, *args)

    return guarded


def _guard_lookup(real: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(host: Any, *args: Any, **options: Any) -> Any:
        if not is_loopback(host):
            raise NetworkBlocked(f"a test looked up {host!r}; only loopback is open")
        return real(host, *args, **options)

    return guarded


@pytest.fixture(scope="session", autouse=True)
def _only_loopback() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _guard_connection(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", _guard_lookup(socket.getaddrinfo))
        yield


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep tests away from the operator's own state and settings."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AAITI_")]:
            if name not in {"AAITI_REQUIRE_ALL", "AAITI_ARTEFACTS"}:
                patch.delenv(name)
        patch.setenv("AAITI_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("AAITI_ENGINE", "off")
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded market data and live bodies beside the checkout; skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared beside this checkout: recorded market data is absent")
    return SHARED


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under AAITI_REQUIRE_ALL=1 a skipped optional part is a failure."""
    report = yield
    parts = [name for name in OPTIONAL_PARTS if item.get_closest_marker(name)]
    if report.skipped and parts and not hasattr(report, "wasxfail") and _all_required():
        report.outcome = "failed"
        report.longrepr = f"AAITI_REQUIRE_ALL=1, but this {' and '.join(parts)} test was skipped: {_reason(report)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A file that skips itself whole would take its markers with it: refused under AAITI_REQUIRE_ALL=1."""
    report = yield
    if report.skipped and _all_required():
        reason = _reason(report)
        report.outcome = "failed"
        report.longrepr = f"AAITI_REQUIRE_ALL=1, but this file was skipped: {reason}"
    return report


def _all_required() -> bool:
    return os.environ.get("AAITI_REQUIRE_ALL") == "1"


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
