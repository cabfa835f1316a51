"""Orders by hand in a real browser: a ticket and its way out, a double click, and a ticket that went stale."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.conftest import settled

pytestmark = pytest.mark.browser

ALFA = "0.02"
SAME_CLICK_MS = 2_500  # until then a second click is the first one's and gets its answer
CALM = "60 ×"
"""A speed of the simulated market at which no stop is hit while one looks."""


def ask(address: str, path: str) -> Any:
    with urllib.request.urlopen(f"{address}/api/{path}", timeout=10) as reply:
        return json.load(reply)


def ticket(tab: Page, address: str, quantity: str) -> None:
    """The trade page with a market order to buy that is ready to be sent."""
    tab.goto(f"{address}/trade")
    settled(tab)
    field = tab.locator(".st-key-ticket_quantity input")
    field.fill(quantity)
    field.press("Tab")
    settled(tab)
    expect(tab.locator(".st-key-ticket_send button")).to_be_enabled()


def answer(tab: Page, words: str) -> None:
    expect(tab.locator(".st-key-answer")).to_contain_text(words)


def test_a_ticket_buys_once_however_often_it_is_clicked_and_flatten_sells(page: Page, address: str) -> None:
    page.locator(".st-key-use_simulated button").click()
    answer(page, "SIMULATED")
    page.goto(f"{address}/autotrader")
    settled(page)
    page.locator(".st-key-speed").get_by_text(CALM).click()
    page.locator(".st-key-set_speed button").click()
    answer(page, "60 times")
    ticket(page, address, ALFA)
    page.locator(".st-key-ticket_send button").dblclick()
    answer(page, f"Bought {ALFA} ALFAUSDT")
    expect(page.locator("[class*=st-key-position_]")).to_have_count(1)
    expect(page.locator("[class*=st-key-position_]")).to_contain_text("stop ")
    page.get_by_role("button", name="Flatten").click()
    answer(page, "Flat: 1 position closed")
    expect(page.locator("[class*=st-key-position_]")).to_have_count(0)
    account = ask(address, "status")["account"]["account_id"]
    trades = ask(address, f"accounts/{account}/trades")
    assert len(trades if isinstance(trades, list) else trades["trades"]) == 1


def test_a_ticket_that_another_tab_made_stale_is_refused(browser: Browser, page: Page, address: str) -> None:
    ticket(page, address, ALFA)
    other = browser.new_page()
    ticket(other, address, "0.01")
    other.locator(".st-key-ticket_send button").click()
    answer(other, "Bought 0.01 ALFAUSDT")
    other.close()
    page.locator(".st-key-ticket_send button").click()
    answer(page, "things changed since this page was drawn")
    page.wait_for_timeout(SAME_CLICK_MS)
    page.locator(".st-key-ticket_send button").click()
    answer(page, f"Bought {ALFA} ALFAUSDT")
