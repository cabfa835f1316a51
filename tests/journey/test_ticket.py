"""A ticket from its gates to its end, in a real browser: refused, open, cancelled, filled, its stop moved, closed."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journey.conftest import settled

pytestmark = pytest.mark.browser

CALM = "60 ×"
"""A speed of the simulated market at which no stop is hit while one looks."""
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def desk(page: Page, address: str) -> Page:
    """The trade page of a simulated account whose market runs slowly."""
    page.locator(".st-key-use_simulated button").click()
    answer(page, "SIMULATED")
    page.goto(f"{address}/autotrader")
    settled(page)
    page.locator(".st-key-speed").get_by_text(CALM).click()
    page.locator(".st-key-set_speed button").click()
    answer(page, "60 times")
    page.goto(f"{address}/trade")
    settled(page)
    return page


def answer(tab: Page, words: str) -> None:
    expect(tab.locator(".st-key-answer")).to_contain_text(words)


def field(tab: Page, key: str) -> Locator:
    return tab.locator(f".st-key-{key} input")


def fill(tab: Page, key: str, text: str) -> None:
    field(tab, key).fill(text)
    field(tab, key).press("Tab")
    settled(tab)


def choose(tab: Page, key: str, option: str) -> None:
    box, wanted = tab.locator(f".st-key-{key}").get_by_role("combobox"), tab.get_by_role("option", name=option)
    for _ in range(5):  # a redraw of the page shuts the list
        box.click()
        tab.wait_for_timeout(700)
        if wanted.count():
            wanted.click()
            return
    raise AssertionError(f"{key} offers no {option}")


def price(tab: Page) -> float:
    value = tab.locator(".st-key-ticket_card [data-testid=stMetricValue]").first.inner_text()
    return float(value.split(" / ")[0].replace(",", ""))


def send(tab: Page) -> None:
    button = tab.locator(".st-key-ticket_send button")
    expect(button).to_be_enabled()
    button.click()


def positions(tab: Page) -> Locator:
    return tab.locator("[class*=st-key-position_]")


def orders(address: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{address}/api/status", timeout=10) as reply:
        account = json.load(reply)["account"]["account_id"]
    with urllib.request.urlopen(f"{address}/api/accounts/{account}/orders", timeout=10) as reply:
        found = json.load(reply)
    return list(found if isinstance(found, list) else found["orders"])


def test_what_a_gate_will_refuse_is_said_before_it_can_be_sent(desk: Page, address: str) -> None:
    fill(desk, "ticket_quantity", "5")
    expect(desk.locator(".st-key-ticket_card")).to_contain_text("max_position_ratio")
    expect(desk.locator(".st-key-ticket_send button")).to_be_disabled()
    assert orders(address) == []


def test_a_limit_order_rests_is_listed_and_cancelled(desk: Page) -> None:
    choose(desk, "ticket_kind_BUY", "LIMIT")
    fill(desk, "ticket_quantity", "0.02")
    fill(desk, "ticket_price", f"{price(desk) * 0.7:.2f}")
    expect(desk.get_by_text(re.compile(r"Checks and risk gates: (\d+) of \1 pass"))).to_be_visible()
    send(desk)
    answer(desk, "listed under open orders")
    waiting = desk.locator("[class*=st-key-order_]")
    expect(waiting).to_have_count(1)
    waiting.get_by_role("button", name="Cancel").click()
    answer(desk, "Cancelled: BUY 0.02")
    expect(waiting).to_have_count(0)


def test_one_double_click_is_one_purchase_with_the_stop_that_was_typed(desk: Page, address: str) -> None:
    choose(desk, "ticket_kind_BUY", "MARKET")
    expect(field(desk, "ticket_price")).to_have_count(0)
    stop = f"{price(desk) * 0.9:.2f}"
    field(desk, "ticket_own_stop").press_sequentially(stop)
    desk.wait_for_timeout(4500)
    assert field(desk, "ticket_own_stop").input_value() == stop, "what is being typed survives the live price"
    field(desk, "ticket_own_stop").press("Tab")
    settled(desk)
    expect(desk.locator(".st-key-ticket_send button")).to_be_enabled()
    desk.locator(".st-key-ticket_send button").dblclick()
    answer(desk, "Bought 0.02 ALFAUSDT")
    expect(positions(desk)).to_contain_text(f"stop {float(stop):,.2f}".rstrip("0").rstrip("."))
    bought = [o for o in orders(address) if o["purpose"] == "ENTRY" and o["status"] == "FILLED"]
    assert len(bought) == 1


def test_a_stop_moves_by_keyboard_and_its_target_stays(desk: Page) -> None:
    before = positions(desk).inner_text()
    desk.get_by_role("button", name="Move stop").click()
    dialog = desk.get_by_role("dialog")
    expect(dialog).to_be_visible()
    desk.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    desk.get_by_role("button", name="Move stop").click()
    dialog.locator("input").fill(f"{price(desk) * 1.1:.2f}")
    dialog.locator("input").press("Enter")
    expect(dialog).to_contain_text("must lie below the price now")
    stop = f"{price(desk) * 0.95:.2f}"
    dialog.locator("input").fill(stop)
    dialog.locator("input").press("Enter")
    answer(desk, f"the stop at {float(stop):,.2f}".rstrip("0").rstrip("."))
    expect(dialog).to_have_count(0)
    expect(positions(desk)).to_contain_text(f"stop {float(stop):,.2f}".rstrip("0").rstrip("."))
    target = re.search(r"target [\d,.]+\d", before)
    assert target is not None
    expect(positions(desk)).to_contain_text(target.group())


@pytest.mark.parametrize("colours", ["dark", "light"])
def test_orders_and_positions_fit_a_phone(
    browser: Browser, desk: Page, address: str, artefacts: Path, colours: str
) -> None:
    desk.goto(f"{address}/system")
    settled(desk)
    desk.locator(".st-key-look").get_by_text(colours, exact=False).first.click()
    settled(desk)
    phone = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    phone.goto(f"{address}/trade")
    settled(phone)
    card = positions(phone)
    expect(card).to_be_visible()
    for part in (card, phone.locator(".st-key-ticket_card"), phone.locator(".st-key-ways_out")):
        part.scroll_into_view_if_needed()
        box = part.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= PHONE["width"]
    card.scroll_into_view_if_needed()
    phone.screenshot(path=artefacts / f"phone-positions-{colours}.png")
    phone.get_by_role("button", name="Move stop").click()
    expect(phone.get_by_role("dialog")).to_be_visible()
    phone.screenshot(path=artefacts / f"phone-move-stop-{colours}.png")
    phone.keyboard.press("Escape")
    phone.close()


def test_a_part_is_sold_and_the_rest_closed(desk: Page, address: str) -> None:
    desk.goto(f"{address}/trade")
    settled(desk)
    desk.locator(".st-key-ticket_side").get_by_text("SELL").click()
    settled(desk)
    expect(desk.locator(".st-key-ticket_from").get_by_role("combobox")).to_have_value(re.compile("by hand"))
    fill(desk, "ticket_quantity", "0.005")
    send(desk)
    answer(desk, "Sold 0.005 ALFAUSDT")
    expect(positions(desk)).to_contain_text("0.01498 ALFAUSDT")
    positions(desk).get_by_role("button", name="Close").click()
    answer(desk, "Sold 0.01498 ALFAUSDT")
    expect(positions(desk)).to_have_count(0)
    expect(desk.locator("[class*=st-key-order_]")).to_have_count(0)
    assert desk.locator("[data-testid=stException]").count() == 0
