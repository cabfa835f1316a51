"""A retry is the same order, and nothing else is."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.order import OrderStatus, Purpose, client_order_id, hashed_id
from tests.builders import utc

BINANCE_TAKES = re.compile(r"^[a-zA-Z0-9-_]{1,36}$")


class Cause(NamedTuple):
    """What an order is derived from."""

    account: str = "paper"
    sleeve: str = "s1"
    symbol: str = "BTCUSDT"
    at: datetime = utc("2025-04-01 12:00")
    purpose: Purpose = Purpose.ENTRY
    generation: int = 0

    @property
    def client_id(self) -> str:
        return client_order_id(
            account_id=self.account, sleeve_id=self.sleeve, symbol=self.symbol, bar_close_at=self.at,
            purpose=self.purpose, generation=self.generation,
        )  # fmt: skip


WORDS = st.from_regex(r"[A-Za-z0-9-]{1,12}", fullmatch=True)
CAUSES = st.builds(
    Cause,
    account=WORDS,
    sleeve=WORDS,
    symbol=WORDS,
    at=st.integers(0, 10_000).map(lambda minutes: utc("2025-04-01") + timedelta(minutes=minutes)),
    purpose=st.sampled_from(Purpose),
    generation=st.integers(0, 20),
)


@given(one=CAUSES, other=CAUSES)
def test_the_same_cause_is_the_same_order_and_another_is_another(one: Cause, other: Cause) -> None:
    assert (one.client_id == other.client_id) == (one == other)
    assert one.client_id == Cause(*one).client_id


def test_each_word_of_the_cause_counts() -> None:
    cause = Cause()
    variants = [
        cause, cause._replace(account="live"), cause._replace(sleeve="s2"), cause._replace(symbol="ETHUSDT"),
        cause._replace(at=utc("2025-04-01 13:00")), cause._replace(purpose=Purpose.EXIT), cause._replace(generation=1),
    ]  # fmt: skip
    assert len({variant.client_id for variant in variants}) == len(variants)


@given(cause=CAUSES)
def test_the_exchange_takes_the_id(cause: Cause) -> None:
    assert BINANCE_TAKES.match(cause.client_id)
    assert len(cause.client_id) == 27


def test_the_id_outlives_the_version_that_made_it() -> None:
    """An order in flight while the engine is replaced must be found again by the next one."""
    assert Cause().client_id == "aatetk4yjh46xnpzjstaykc5emd"
    assert hashed_id("al", "x")[2:] == hashed_id("aa", "x")[2:]


def test_nothing_happens_to_an_order_after_its_end() -> None:
    ended = {status for status in OrderStatus if status.terminal}
    assert ended == {OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.REJECTED}
