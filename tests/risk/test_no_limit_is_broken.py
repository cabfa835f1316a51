"""No sequence of decisions, fills, prices, flows and halts breaks a limit, whichever limits there are."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from math import nan
from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from engine.risk.limits import RiskLimits
from engine.strategy.calls import BUY, HOLD, SELL, Call
from tests.risk.walk import SLEEVES, Walk

YEARS = 24 / 8760
RULE_BUYS = Call(BUY, nan, nan, nan, nan, nan, nan, 0.0)
STRONG = Call(BUY, 0.62, 0.62, 0.62, 0.95, 0.05, 0.02, YEARS)
CALLS = st.one_of(
    st.builds(
        lambda p, confidence, move, volatility: Call(BUY, p, p, p, confidence, move, volatility, YEARS),
        st.floats(0.5, 0.7), st.floats(0.5, 1.0), st.floats(0.0, 0.06), st.floats(0.005, 0.06),
    ),
    st.sampled_from([RULE_BUYS, STRONG]),
    st.just(Call(SELL, 0.6, 0.6, 0.6, 1.0, 0.03, 0.03, YEARS)),
    st.just(Call(HOLD, nan, nan, nan, nan, nan, nan, 0.0)),
)  # fmt: skip


def one_of(*values: str) -> st.SearchStrategy[Decimal]:
    """One of these numbers."""
    return st.sampled_from([Decimal(value) for value in values])


LIMITS = st.builds(
    RiskLimits,
    min_confidence=one_of("0", "0.7"), min_edge_multiple=one_of("-10", "1.5"), kelly_fraction=one_of("0.25", "5"),
    volatility_target=one_of("0.4", "5"), max_position_ratio=one_of("0.1", "0.4", "1", "1"),
    max_exposure_ratio=one_of("0.25", "1", "1"), max_positions=st.integers(1, 5),
    max_correlation=one_of("1", "0.9", "0.3"), max_drawdown=one_of("0.05", "0.15", "1"),
    shrink_from=one_of("0", "0.5", "1"), max_daily_loss=one_of("0.03", "1"), cooldown_bars=st.integers(0, 4),
    max_orders_per_minute=st.sampled_from([1, 2, 4]),
)  # fmt: skip


class AnyWalk(RuleBasedStateMachine):
    """Everything that may happen to an account, in any order."""

    walked: ClassVar[Counter[str | None]] = Counter()

    @initialize(
        limits=LIMITS, stake=st.sampled_from([None, None, Decimal(40), Decimal(3_000)]),
        cash=st.sampled_from([150, 10_000, 10_000]),
    )  # fmt: skip
    def begin(self, limits: RiskLimits, stake: Decimal | None, cash: int) -> None:
        self.walk = Walk(limits, stake, Decimal(cash))

    @rule(
        market=st.floats(-0.08, 0.08), own=st.tuples(*[st.floats(-0.02, 0.02)] * 3),
        calls=st.fixed_dictionaries(dict.fromkeys(SLEEVES, CALLS)),
    )  # fmt: skip
    def close(self, market: float, own: tuple[float, float, float], calls: dict[str, Call]) -> None:
        self._close([market + own[0], market + own[1], own[2]], calls)

    @rule(
        market=st.floats(-0.05, 0.02),
        call=st.sampled_from([RULE_BUYS, STRONG]),
        filled=st.booleans(),
        anew=st.booleans(),
    )
    def everybody_buys(self, market: float, call: Call, filled: bool, anew: bool) -> None:
        if anew:
            self.walk.reset()
        self._close([market, market, market / 2], dict.fromkeys(SLEEVES, call))
        for _ in range(len(SLEEVES) * filled):
            self.walk.fill(0, 1.0, 0.001)

    def _close(self, moves: list[float], calls: dict[str, Call]) -> None:
        before = len(self.walk.seen)
        self.walk.close(moves, calls)
        self.walked.update(self.walk.seen[before:])

    @rule(share=st.sampled_from([1.0, 1.0, 0.3]), which=st.integers(0, 3), worse=st.floats(-0.02, 0.03))
    def fill(self, share: float, which: int, worse: float) -> None:
        self.walk.fill(which, share, worse)

    @rule(which=st.integers(0, 3))
    def cancel(self, which: int) -> None:
        self.walk.cancel(which)

    @rule(sleeve=st.sampled_from(list(SLEEVES)), off=st.floats(-0.1, 0.1))
    def sell(self, sleeve: str, off: float) -> None:
        self.walk.sell(sleeve, off)

    @rule(cause=st.sampled_from(["operator", "stale_data"]))
    def everybody_buys_while_halted(self, cause: str) -> None:
        self.walk.halt(cause)
        self._close([0.0, 0.0, 0.0], dict.fromkeys(SLEEVES, STRONG))
        del self.walk.halts[cause]

    @precondition(lambda self: self.walk.halts)
    @rule()
    def reset(self) -> None:
        self.walk.reset()

    @rule(amount=st.integers(-9_000, 9_000).map(Decimal))
    def move_cash(self, amount: Decimal) -> None:
        self.walk.move_cash(amount)

    @invariant()
    def both_books_agree(self) -> None:
        if hasattr(self, "walk"):
            self.walk.agree()


def test_no_sequence_of_events_breaks_a_limit() -> None:
    run_state_machine_as_test(AnyWalk, settings=settings(max_examples=150, stateful_step_count=25))
    reached = {"halted", "holding", "positions", "exposure", "correlation", "size", "cash", "pace", "cooldown", None}
    assert all(AnyWalk.walked[gate] >= 1 for gate in reached), f"the walks went nowhere: {AnyWalk.walked}"
