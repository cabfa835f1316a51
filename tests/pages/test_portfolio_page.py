"""The portfolio page: profit without deposits, and a reset that is typed."""

from __future__ import annotations

from tests.pages.conftest import Open
from tests.pages.full import ACCOUNT
from tests.pages.reading import figure
from tests.pages.scene import Scene


def test_the_portfolio_keeps_deposits_out_of_profit(full: Scene, show: Open) -> None:
    at = show("portfolio")
    assert figure(at, "Deposits, USDT") == "+500.00"
    assert figure(at, "Return") == "+2.50 %"


def test_a_reset_needs_its_typed_word(full: Scene, show: Open) -> None:
    full.engine_says("Paper starts again.")
    at = show("portfolio")
    assert at.button(key="reset_account").disabled
    at.text_input(key="reset_account_word").set_value("reset").run()
    assert at.button(key="reset_account").disabled
    at.text_input(key="reset_account_word").set_value("RESET").run()
    at.button(key="reset_account").click().run()
    assert full.last.payload == {"account_id": ACCOUNT, "typed": "RESET"}
