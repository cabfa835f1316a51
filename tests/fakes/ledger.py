"""The ledger in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Context, Decimal
from threading import RLock
from typing import Any

from engine.domain.account import Account
from engine.domain.decision import Decision
from engine.domain.equity import EquityMark
from engine.domain.errors import LeaseLost, LedgerError, Overfill, TradingHalted
from engine.domain.fill import Fill
from engine.domain.guard import Guard
from engine.domain.halt import Halt, HaltKind
from engine.domain.order import Order, Purpose
from engine.domain.position import Position
from engine.domain.sleeve import Sleeve, SleeveState
from engine.domain.trade import Trade
from engine.ports import Lease, Step


class FakeLedger:
    """`ports.Ledger` in lists and dicts. A step is checked whole before any of it is applied."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = RLock()
        self._leases: dict[str, tuple[Lease, timedelta]] = {}
        self._accounts: dict[str, Account] = {}
        self._sleeves: dict[tuple[str, str], Sleeve] = {}
        self._orders: dict[str, Order] = {}
        self._fills: dict[tuple[str, str], Fill] = {}
        self._decisions: dict[tuple[str, str, str, datetime], Decision] = {}
        self._trades: list[Trade] = []
        self._positions: dict[tuple[str, str, str], Position] = {}
        self._marks: dict[tuple[str, datetime], EquityMark] = {}
        self._cursors: dict[tuple[str, str], datetime] = {}
        self._flows: list[tuple[str, datetime, Decimal, str]] = []
        self._flow_keys: set[str] = set()
        self._guards: dict[str, Guard] = {}
        self._halts: list[Halt] = []
        self.events: list[tuple[str, str, str]] = []
        """(client id, status, cause) of every transition."""

    def commit(self, step: Step, lease: Lease) -> None:
        with self._lock:
            seconds = self._check_lease(lease)
            self._check(step)
            self._leases[lease.name] = (replace(lease, expires_at=self._now() + seconds), seconds)
            self._apply(step)

    def _check_lease(self, lease: Lease) -> timedelta:
        held = self._leases.get(lease.name)
        if held is None or held[0].owner != lease.owner or held[0].epoch != lease.epoch:
            raise LeaseLost(f"{lease.owner} does not hold {lease.name}")
        if held[0].expires_at <= self._now():
            raise LeaseLost(f"{lease.name} has expired")
        return held[1]

    def _check(self, step: Step) -> None:
        parts: tuple[Any, ...] = (
            *step.fills,
            *step.decisions,
            *step.told,
            *step.intents,
            *step.trades,
            *step.positions,
            *step.halts,
            *step.guards,
        )
        if {part.account_id for part in parts} - {step.account_id} or step.account_id not in self._accounts:
            raise LedgerError(f"a step of account {step.account_id} holds rows of another, or there is no such account")
        new = self._new_intents(step)
        halted = bool(step.halts) or bool(self.halts(step.account_id))
        if halted and any(order.purpose is Purpose.ENTRY for order in new):
            raise TradingHalted("a halt is open")
        known = self._orders | {order.client_id: order for order in new}
        for change in step.updates:
            if change.order.client_id not in known:
                raise LedgerError(f"no order {change.order.client_id}")
            if change.order.filled_quantity > change.order.quantity:
                raise Overfill(change.order.client_id)
        filled = {key: fill for key, fill in self._fills.items() if key[0] == step.account_id}
        for fill in step.fills:
            filled.setdefault((fill.account_id, fill.fill_id), fill)
        for fill in step.fills:
            if fill.client_id not in known:
                raise LedgerError(f"no order {fill.client_id}")
            total = Decimal(0)
            for other in filled.values():
                if other.client_id == fill.client_id:
                    total = Context(prec=999).add(total, other.quantity)
            if total > known[fill.client_id].quantity:
                raise Overfill(fill.client_id)

    def _new_intents(self, step: Step) -> list[Order]:
        new = []
        for order in step.intents:
            first = self._orders.get(order.client_id)
            if first is None:
                new.append(order)
            elif (first.symbol, first.side, first.quantity) != (order.symbol, order.side, order.quantity):
                raise LedgerError(f"client id {order.client_id} stands for two orders")
        return new

    def _apply(self, step: Step) -> None:
        for halt in step.halts:
            self.raise_halt(halt)
        for order in self._new_intents(step):
            self._orders[order.client_id] = order
            self.events.append((order.client_id, order.status, "intent"))
        for change in step.updates:
            self._orders[change.order.client_id] = change.order
            self.events.append((change.order.client_id, change.order.status, change.cause))
        for fill in step.fills:
            self._fills.setdefault((fill.account_id, fill.fill_id), fill)
        for decision in step.decisions:
            key = (decision.account_id, decision.sleeve_id, decision.symbol, decision.bar_close_at)
            self._decisions.setdefault(key, decision)
        for told in step.told:
            key = (told.account_id, told.sleeve_id, told.symbol, told.bar_close_at)
            if key in self._decisions:
                self._decisions[key] = replace(self._decisions[key], prediction=told.prediction, gates=told.gates)
        for guard in step.guards:
            self._guards.setdefault(guard.key, guard)
        self._trades.extend(step.trades)
        for sleeve_id, symbol in step.closed_positions:
            self._positions.pop((step.account_id, sleeve_id, symbol), None)
        for position in step.positions:
            self._positions[(position.account_id, position.sleeve_id, position.symbol)] = position
        for sleeve_id, at in step.cursors.items():
            self._cursors[(step.account_id, sleeve_id)] = at
        if step.mark is not None:
            self._marks[(step.account_id, step.mark.at)] = step.mark

    def take_lease(self, name: str, owner: str, now: datetime, seconds: float) -> Lease | None:
        with self._lock:
            held = self._leases.get(name)
            lasts = timedelta(seconds=seconds)
            if held is None:
                epoch = 1
            elif held[0].owner == owner:
                epoch = held[0].epoch
            elif held[0].expires_at <= now:
                epoch = held[0].epoch + 1
            else:
                return None
            lease = Lease(name=name, owner=owner, epoch=epoch, expires_at=now + lasts)
            self._leases[name] = (lease, lasts)
            return lease

    def release_lease(self, lease: Lease) -> None:
        with self._lock:
            held = self._leases.get(lease.name)
            if held is not None and (held[0].owner, held[0].epoch) == (lease.owner, lease.epoch):
                past = lease.expires_at - timedelta(days=36_500)
                self._leases[lease.name] = (replace(lease, owner="", expires_at=past), held[1])

    def open_account(self, account: Account) -> None:
        if account.account_id in self._accounts:
            raise LedgerError(f"account {account.account_id} exists already")
        self._accounts[account.account_id] = account

    def close_account(self, account_id: str, at: datetime) -> None:
        account = self.account(account_id)
        if account.closed_at is None:
            self._accounts[account_id] = replace(account, closed_at=at)

    def account(self, account_id: str) -> Account:
        if account_id not in self._accounts:
            raise LedgerError(f"there is no account {account_id!r}")
        return self._accounts[account_id]

    def accounts(self) -> Sequence[Account]:
        return sorted(self._accounts.values(), key=lambda account: (account.created_at, account.account_id))

    def put_sleeve(self, sleeve: Sleeve) -> None:
        self._sleeves[(sleeve.account_id, sleeve.sleeve_id)] = sleeve

    def sleeves(self, account_id: str, *states: SleeveState) -> Sequence[Sleeve]:
        mine = [s for s in self._sleeves.values() if s.account_id == account_id and (not states or s.state in states)]
        return sorted(mine, key=lambda sleeve: sleeve.created_at)

    def orders(self, account_id: str, *, open_only: bool = False) -> Sequence[Order]:
        mine = [order for order in self._orders.values() if order.account_id == account_id]
        return [order for order in mine if not (open_only and order.status.terminal)]

    def fills(self, account_id: str) -> Sequence[Fill]:
        return [fill for fill in self._fills.values() if fill.account_id == account_id]

    def decisions(self, account_id: str) -> Sequence[Decision]:
        mine = [decision for decision in self._decisions.values() if decision.account_id == account_id]
        return sorted(mine, key=lambda decision: decision.bar_close_at)

    def trades(self, account_id: str) -> Sequence[Trade]:
        return sorted((t for t in self._trades if t.account_id == account_id), key=lambda trade: trade.closed_at)

    def positions(self, account_id: str) -> Sequence[Position]:
        return [position for key, position in sorted(self._positions.items()) if key[0] == account_id]

    def last_mark(self, account_id: str) -> EquityMark | None:
        marks = [mark for (owner, _), mark in self._marks.items() if owner == account_id]
        return max(marks, key=lambda mark: mark.at, default=None)

    def cursors(self, account_id: str) -> Mapping[str, datetime]:
        return {sleeve_id: at for (owner, sleeve_id), at in self._cursors.items() if owner == account_id}

    def guards(self, account_id: str) -> Sequence[Guard]:
        return [guard for guard in self._guards.values() if guard.account_id == account_id]

    def move_cash(self, account_id: str, amount: Decimal, at: datetime, note: str, *, key: str | None = None) -> bool:
        self.account(account_id)
        if key in self._flow_keys:
            return False
        self._flow_keys |= {key} if key else set()
        self._flows.append((account_id, at, amount, note))
        return True

    def cash_was_moved(self, key: str) -> bool:
        return key in self._flow_keys

    def flows(self, account_id: str) -> Sequence[tuple[datetime, Decimal, str]]:
        mine = [(at, amount, note) for owner, at, amount, note in self._flows if owner == account_id]
        return sorted(mine, key=lambda flow: flow[0])

    def raise_halt(self, halt: Halt) -> bool:
        self.account(halt.account_id)
        with self._lock:
            if any(known.cause == halt.cause for known in self.halts(halt.account_id)):
                return False
            self._halts.append(halt)
            return True

    def clear_halts(self, account_id: str, kind: HaltKind, cause: str | None, at: datetime, by: str) -> int:
        with self._lock:
            meant = [h for h in self.halts(account_id) if h.kind is kind and cause in (None, h.cause)]
            cleared = [replace(h, cleared_at=at, cleared_by=by) for h in meant]
            self._halts = [h for h in self._halts if h not in meant] + cleared
            return len(cleared)

    def halts(self, account_id: str) -> Sequence[Halt]:
        return [halt for halt in self._halts if halt.account_id == account_id and halt.cleared_at is None]
