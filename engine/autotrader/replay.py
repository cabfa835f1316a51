"""Replay: an archived range through the live cycle, at any speed, resumable after a kill at any moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from engine.autotrader.session import Paced
from engine.autotrader.trader import Trader


def replay(
    trader: Trader, clock: Paced, until: datetime, *, progress: Callable[[float, datetime], bool]
) -> bool:
    """Deal with every close up to and including `until`.

    `progress(share, at)` is told after each close and answers True where the replay should stop there; the function
    then returns False, and the next call goes on at the next close.
    """
    began = trader.cursor
    trader.start()
    while trader.next_close <= until:
        at = trader.next_close
        clock.sleep_until(at)
        trader.run_close()
        if progress((at - began) / (until - began), at):
            return False
    return True
