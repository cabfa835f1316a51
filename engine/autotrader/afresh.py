"""Afresh: what a testnet account that starts again takes along. The testnet forgets everything about once a month."""

from __future__ import annotations

from dataclasses import replace

from engine.autotrader.house import House
from engine.domain.account import Account
from engine.domain.order import hashed_id
from engine.domain.sleeve import MANUAL, SleeveState


def take_along(house: House, old: Account, new: Account) -> str:
    """Limits, stake and who decides on what, each sleeve under an id of its own and empty. Done again, it comes to
    the same."""
    for name in ("limits", "stake"):
        stored = house.board.setting(f"{name}:{old.account_id}")
        if stored is not None:
            house.board.put_setting(f"{name}:{new.account_id}", stored)
    deciding = [s for s in house.ledger.sleeves(old.account_id, SleeveState.ACTIVE) if s.strategy != MANUAL]
    for sleeve in deciding:
        sleeve_id = hashed_id("s", f"{new.account_id}|{sleeve.sleeve_id}")[:12]
        again = replace(sleeve, sleeve_id=sleeve_id, account_id=new.account_id, created_at=new.created_at)
        house.ledger.put_sleeve(again)
    count = len(deciding)
    return f"Its limits and {count} sleeve{'s' * (count != 1)} go on"
