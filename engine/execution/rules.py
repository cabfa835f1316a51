"""Rules: what becomes of instruments in use when the venue changes its rules, or takes one off its list."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, replace

from engine.domain.instrument import Instrument
from engine.domain.money import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One instrument before and after."""

    before: Instrument
    after: Instrument

    @property
    def words(self) -> str:
        """What changed, for the operator."""
        symbol = self.after.symbol
        if self.before.trading != self.after.trading:
            return f"{symbol} is traded again" if self.after.trading else f"{symbol} is not traded at the venue now"
        parts = [
            f"{name} {plain(getattr(self.before, name)):f} -> {plain(getattr(self.after, name)):f}"
            for name in ("tick_size", "lot_step", "min_notional")
            if getattr(self.before, name) != getattr(self.after, name)
        ]
        return f"the venue changed its rules for {symbol}: {', '.join(parts)}"


def renew(instruments: MutableMapping[str, Instrument], offered: Iterable[Instrument]) -> list[Change]:
    """Put the rules in force now in the place of the old ones; what is offered no more stays, as not trading.

    An offer of nothing is no news. Instruments that were not in use before are left out.
    """
    now = {i.symbol: i for i in offered}
    if not now:
        return []
    changes = []
    for symbol, before in instruments.items():
        after = now.get(symbol) or replace(before, trading=False)
        if after != before:
            changes.append(Change(before=before, after=after))
    instruments.update({c.after.symbol: c.after for c in changes})
    return changes
