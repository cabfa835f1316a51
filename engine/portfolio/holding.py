"""Holding: a sleeve's coins as FIFO lots, and the round trip that is open on them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from engine.domain.errors import LedgerError
from engine.domain.instrument import Instrument
from engine.domain.money import from_atoms, plain
from engine.domain.order import ExitReason
from engine.domain.trade import Trade
from engine.portfolio.fold import take


@dataclass(frozen=True, slots=True)
class Lot:
    """Coins bought at one price: base atoms, and the quote atoms they cost."""

    atoms: int
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A round trip in progress. `bought` and `sold` are in base atoms before fees, the rest in quote atoms.

    Nothing in it depends on the venue's ticks and lots, which may change while a position is open.
    """

    opened_at: datetime
    bought: int = 0
    paid: int = 0
    sold: int = 0
    got: int = 0
    fees: int = 0
    cost: int = 0
    proceeds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """`lots` oldest first, dust included; `round` is None where only dust of closed trades is left; `lost_at`: when the
    newest losing trade was closed."""

    sleeve_id: str
    symbol: str
    lots: tuple[Lot, ...] = ()
    round: Round | None = None
    lost_at: datetime | None = None

    @property
    def atoms(self) -> int:
        """All base atoms held."""
        return sum(lot.atoms for lot in self.lots)

    @property
    def cost(self) -> int:
        """Quote atoms that they cost."""
        return sum(lot.cost for lot in self.lots)

    @property
    def opened_at(self) -> datetime:
        """When the open round trip began; LedgerError where there is none."""
        return self._open_round().opened_at

    def entry_ticks(self, instrument: Instrument) -> int:
        """Quantity-weighted entry price of the open round trip, rounded down to a tick."""
        opened = self._open_round()
        return opened.paid * instrument.lot_atoms // (opened.bought * instrument.tick_lot_atoms)

    def _open_round(self) -> Round:
        if self.round is None:
            raise LedgerError(f"sleeve {self.sleeve_id}: no round trip is open on {self.symbol}")
        return self.round

    def with_buy(self, atoms: int, value: int, brought: Lot, fee: int, at: datetime) -> Holding:
        """Add a buy of `atoms` for `value`; `fee` is what the fee is worth in quote atoms."""
        trip = self.round or Round(opened_at=at)
        trip = replace(trip, bought=trip.bought + atoms, paid=trip.paid + value, fees=trip.fees + fee)
        return replace(self, lots=(*self.lots, brought), round=trip)

    def with_sale(self, atoms: int, value: int, proceeds: int, fee: int, *, coin_fee: int = 0) -> Holding:
        """Take `atoms`, and a fee in coins as far as there are any left, out of the oldest lots; LedgerError where they
        are not there."""
        trip = self._open_round()
        rest, cost = self._without(atoms + max(0, min(coin_fee, self.atoms - atoms)))
        trip = replace(
            trip, sold=trip.sold + atoms, got=trip.got + value, fees=trip.fees + fee, cost=trip.cost + cost,
            proceeds=trip.proceeds + proceeds,
        )  # fmt: skip
        return replace(self, lots=rest, round=trip)

    def _without(self, atoms: int) -> tuple[tuple[Lot, ...], int]:
        if atoms > self.atoms:
            held = f"{from_atoms(atoms)} {self.symbol} of {from_atoms(self.atoms)} held"
            raise LedgerError(f"sleeve {self.sleeve_id}: sold {held}; reconcile")
        kept, cost = [], 0
        for lot in self.lots:
            left, left_cost, taken = take(lot.atoms, lot.cost, atoms)
            atoms -= lot.atoms - left
            cost += taken
            if left:
                kept.append(Lot(left, left_cost))
        return tuple(kept), cost

    def closed_trade(self, account_id: str, at: datetime, reason: ExitReason) -> Trade:
        """The trade that the open round trip has come to."""
        trip = self._open_round()
        return Trade(
            account_id=account_id,
            sleeve_id=self.sleeve_id,
            symbol=self.symbol,
            quantity=from_atoms(trip.sold),
            opened_at=trip.opened_at,
            closed_at=at,
            entry_price=mean_price(trip.paid, trip.bought),
            exit_price=mean_price(trip.got, trip.sold),
            fees=from_atoms(trip.fees),
            profit=from_atoms(trip.proceeds - trip.cost),
            exit_reason=reason,
        )


def mean_price(value: int, atoms: int) -> Decimal:
    """Quantity-weighted price: quote atoms over base atoms.

    >>> mean_price(200_000_00000000, 4_00000000)
    Decimal('50000')
    """
    return plain(Decimal(value) / Decimal(atoms))
