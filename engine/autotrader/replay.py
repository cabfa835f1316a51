"""Replay: an archived range through the live cycle, at any speed, resumable after a kill at any moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from engine.autotrader.session import Paced
from engine.autotrader.trader import Trader

_NAP_SECONDS = 0.5


def replay(
    trader: Trader, clock: Paced, until: datetime, *, progress: Callable[[float, datetime], bool]
) -> bool:
    """Deal with every close up to and including `until`.

    `progress(share, at)` is told after each close, and again and again while a slow clock runs towards the next one; it
    answers True where the replay should stop there. The function then returns False; the next call goes on from there.
    """
    began = trader.cursor
    trader.start()
    while trader.next_close <= until:
        at = trader.next_close
        while not clock.nap_until(at, at_most=_NAP_SECONDS):
            if progress((trader.cursor - began) / (until - began), trader.cursor):
                return False
        trader.run_close()
        if progress((at - began) / (until - began), at):
            return False
    return True
