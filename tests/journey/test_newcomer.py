"""From the first screen to trades, without a network and without documentation; then what an operator does next."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journey.conftest import settled

pytestmark = pytest.mark.browser

MOST_CLICKS = 5
TRAINING_MS = 300_000  # the bar is 30 s on a quiet machine and is measured by the bench, not here
TRADES_MS = 300_000
PHONE_WIDTH = 390


def status(address: str) -> Any:
    with urllib.request.urlopen(f"{address}/api/status", timeout=10) as reply:
        return json.load(reply)


def trades(address: str) -> list[Any]:
    account = status(address)["account"]["account_id"]
    with urllib.request.urlopen(f"{address}/api/accounts/{account}/trades", timeout=10) as reply:
        found = json.load(reply)
    return found if isinstance(found, list) else list(found["trades"])


def left_edge(part: Locator) -> float:
    box = part.bounding_box()
    assert box is not None
    return box["x"]


def right_edge(part: Locator) -> float:
    box = part.bounding_box()
    assert box is not None
    return box["x"] + box["width"]


def click(page: Page, key: str, timeout: float = 60_000) -> None:
    page.locator(f".st-key-{key} button").first.click(timeout=timeout)


def test_a_newcomer_gets_from_the_first_screen_to_trades_in_five_clicks(
    page: Page, address: str, artefacts: Path
) -> None:
    clicks = ["use_simulated", "guide_train", "guide_sleeve", "guide_switch"]
    assert len(clicks) <= MOST_CLICKS
    click(page, clicks[0])
    page.locator(".st-key-guide_name input").fill("first light")
    page.keyboard.press("Tab")
    click(page, clicks[1])
    page.locator(f".st-key-{clicks[2]} button").wait_for(timeout=TRAINING_MS)
    click(page, clicks[2])
    click(page, clicks[3])
    page.get_by_text("Last trades").wait_for()
    for _ in range(TRADES_MS // 1000):
        if trades(address):
            break
        page.wait_for_timeout(1000)
    assert trades(address), "no trade was closed in time"
    page.wait_for_timeout(4000)
    page.screenshot(path=artefacts / "newcomer.png", full_page=True)
    assert page.locator("[data-testid=stException]").count() == 0


@pytest.mark.parametrize(
    "name", ["overview", "autotrader", "trade", "predictions", "models", "backtest", "portfolio", "market", "system"]
)
def test_every_page_draws_with_the_engine_at_work(page: Page, address: str, artefacts: Path, name: str) -> None:
    page.goto(f"{address}/{'' if name == 'overview' else name}")
    expect(page.locator(".st-key-status")).to_be_visible()
    page.wait_for_timeout(3000)  # its live parts are drawn a second time
    settled(page)
    page.screenshot(path=artefacts / f"{name}.png", full_page=True)
    expect(page.locator(".st-key-status")).to_contain_text("SIMULATED")


def test_the_status_bar_fits_a_phone(browser: Browser, address: str, artefacts: Path) -> None:
    phone = browser.new_page(viewport={"width": PHONE_WIDTH, "height": 844})
    phone.goto(address)
    bar = phone.locator(".st-key-status")
    expect(bar).to_be_visible()
    settled(phone)
    phone.screenshot(path=artefacts / "phone.png")
    assert 0 <= left_edge(bar) <= right_edge(bar) <= PHONE_WIDTH
    ground = bar.evaluate("one => getComputedStyle(one).backgroundColor")
    assert not ground.startswith("rgba"), "what scrolls under the bar must not show through"
    for part in phone.locator(".st-key-status [data-testid=stMetricValue]").all():
        assert right_edge(part) <= PHONE_WIDTH
    phone.close()


def test_halt_binds_in_one_click_and_a_typed_reset_lifts_it(page: Page, address: str) -> None:
    page.goto(address)
    settled(page)
    click(page, "halt")
    expect(page.locator(".st-key-status")).to_contain_text("HALTED")
    assert [one["cause"] for one in status(address)["halts"]] == ["operator"]
    page.goto(f"{address}/system")
    settled(page)
    page.locator(".st-key-reset_halt_word input").fill("RESET")
    page.keyboard.press("Enter")
    page.locator(".st-key-reset_halt button:enabled").click()
    expect(page.locator(".st-key-status")).not_to_contain_text("HALTED")
    assert status(address)["halts"] == []
