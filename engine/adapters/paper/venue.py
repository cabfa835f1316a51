"""PaperVenue: a Broker in memory. It fills by `engine.execution.matching`, the same functions as the backtest loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from engine.adapters.paper.balances import Balances, too_poor
from engine.adapters.paper.orders import Held, Seen, check_list, take_in, too_small
from engine.domain.account import Account, AccountKind, Costs
from engine.domain.bar import Bar, BarSeries
from engine.domain.errors import InvalidOrder
from engine.domain.fill import Fill
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval
from engine.domain.money import from_atoms, plain, to_ppm
from engine.domain.order import Order, OrderStatus, Side
from engine.domain.quote import Quote
from engine.execution.impact import STILL, flow_at, impact_ppm
from engine.execution.matching import (
    STOPPED,
    TARGETED,
    TOO_POOR,
    TOO_SMALL,
    accept_buy,
    buy_fee,
    limit_buy,
    market_buy,
    market_sell,
    sell_fee,
    tick_columns,
)
from engine.execution.volley import one_by_one
from engine.kernel.grid import notional
from engine.ports import OrderReport, Outcome, Standing

_RESTORED = frozenset({OrderStatus.ACKNOWLEDGED, OrderStatus.WORKING, OrderStatus.CANCELLING})
_NEVER_SEEN = frozenset({OrderStatus.INTENT, OrderStatus.SENT, OrderStatus.UNKNOWN})


class PaperVenue:
    """Market orders fill at once where a quote as of their `bar_close_at` or later is known, else at the next one.

    Resting orders are touched by quotes and by closed bars; in a REPLAY by bars alone, because there a quote is nothing
    but the open of the bar that follows. A bar touches only orders decided by its open. Show all quotes of a moment
    before placing orders decided on it: what waited since an earlier close fills first.
    """

    def __init__(self, account: Account, instruments: Mapping[str, Instrument], costs: Costs) -> None:
        self._account = account
        self._instruments = instruments
        self._fee_ppm = to_ppm(costs.fee_ratio)
        self._slippage_ppm = to_ppm(costs.slippage_ratio)
        self._market_ppm = to_ppm(costs.half_spread_ratio + costs.slippage_ratio)
        self._impact = float(costs.impact)
        self._windows: dict[str, BarSeries] = {}
        self._by_bars_alone = account.kind is AccountKind.REPLAY
        self._balances = Balances(account.cash)
        self._orders: dict[str, Held] = {}
        self._open: dict[str, Held] = {}
        self._over: dict[str, OrderReport] = {}
        self._quotes: dict[str, Quote] = {}
        self._news: dict[str, OrderReport] = {}

    def restore(
        self, orders: Sequence[Order], fills: Sequence[Fill], flows: Sequence[tuple[datetime, Decimal, str]]
    ) -> None:
        """Become what the ledger says. Orders never answered never arrived: this venue has no other memory."""
        for _, amount, _ in flows:
            self._balances.add(amount)
        by_order: dict[str, list[Fill]] = {}
        for fill in fills:
            self._balances.fold(fill, self._instruments[fill.symbol])
            by_order.setdefault(fill.client_id, []).append(fill)
        for order in orders:
            known = by_order.get(order.client_id, [])
            if order.status in _RESTORED and not known:
                self._rest_again(order)
            elif order.status not in _NEVER_SEEN or known:
                status = order.status if order.status.terminal else OrderStatus.FILLED
                self._over[order.client_id] = OrderReport(
                    client_id=order.client_id, status=status, fills=tuple(known), message=order.note
                )

    def _rest_again(self, order: Order) -> None:
        """An order whose prices or quantity the instrument's rules no longer allow has ended with the old rules."""
        try:
            self._add(take_in(order, self._instruments[order.symbol]))
        except InvalidOrder as error:
            self._over[order.client_id] = OrderReport(
                client_id=order.client_id, status=OrderStatus.CANCELLED, message=str(error)
            )  # fmt: skip

    def deposit(self, amount: Decimal) -> None:
        """Take an external flow in (below zero: a withdrawal)."""
        self._balances.add(amount)

    # ------------------------------------------------------------------ Broker

    @property
    def not_found_is_proof(self) -> bool:
        """What it does not have never reached it."""
        return True

    def place(self, orders: Sequence[Order]) -> Sequence[OrderReport]:
        """Place one order, or an OCO. An id that is known already is not placed again: its report is repeated."""
        if any(self._known(o) for o in orders):
            return [self._known(o) or self._refuse(o, "its list was placed before without it") for o in orders]
        try:
            held = [take_in(o, self._instrument(o)) for o in orders]
            check_list(held)
        except InvalidOrder as error:
            return [self._refuse(o, str(error)) for o in orders]
        why = self._balances.why_not(held[0], list(self._open.values()))
        if why is not None:
            return [self._refuse(o, why) for o in orders]
        for h in held:
            self._add(h)
        for h in held:
            self._try_now(h)
        return [self._told(h) for h in held]

    def place_all(self, lists: Sequence[Sequence[Order]]) -> Sequence[Outcome]:
        """In turn: nothing is waited for here."""
        return one_by_one(self.place, lists)

    def cancel(self, orders: Sequence[Order]) -> Sequence[OrderReport]:
        """Cancel orders and what shares their lists. An id never placed here counts as cancelled and stays so."""
        reports = []
        for order in orders:
            held = self._orders.get(order.client_id)
            if held is not None:
                for member in self._list_of(held):
                    self._finish(member, OrderStatus.CANCELLED, "cancelled")
                reports.append(self._told(held))
            else:
                gone = OrderReport(client_id=order.client_id, status=OrderStatus.CANCELLED, message="it never arrived")
                reports.append(self._over.setdefault(order.client_id, gone))
        return reports

    def cancel_all(self, lists: Sequence[Sequence[Order]]) -> Sequence[Outcome]:
        """In turn, too."""
        return one_by_one(self.cancel, lists)

    def find(self, order: Order) -> OrderReport | None:
        """Look an order up by its client id."""
        return self._known(order)

    def poll(self) -> Sequence[OrderReport]:
        """What changed since the last poll, in the order it happened."""
        news, self._news = list(self._news.values()), {}
        return news

    def standing(self) -> Standing:
        """What it holds for the account, as of the newest price it was shown."""
        working = list(self._open.values())
        as_of = max((q.as_of for q in self._quotes.values()), default=self._account.created_at)
        return Standing(
            as_of=as_of, balances=self._balances.by_asset(self._account.quote, self._instruments.values(), working),
            open_orders=[h.report() for h in working],
        )  # fmt: skip

    # ------------------------------------------------------------------ prices

    def quote(self, quote: Quote, window: BarSeries | None = None) -> None:
        """Show the newest price: waiting market orders fill at it, resting ones are tried (not in a REPLAY). `window`:
        bars closed before, which impact is reckoned from."""
        if window is not None:
            self._windows[quote.symbol] = window
        before = self._quotes.get(quote.symbol)
        if before is not None and quote.as_of < before.as_of:
            return
        self._quotes[quote.symbol] = quote
        for held in self._of(quote.symbol):
            self._try_quote(held, quote)

    def bar(
        self, symbol: str, bar: Bar, interval: Interval, finer: BarSeries | None = None, *,
        window: BarSeries | None = None,
    ) -> None:  # fmt: skip
        """Show a bar that has closed: resting orders decided by its open live through it. `finer`: shorter bars inside
        it, where there are any; they say which came first where it reaches both orders of an OCO. `window`: as with
        quotes; the bar itself and later ones do not count."""
        if window is not None:
            self._windows[symbol] = window
        instrument = self._instruments[symbol]
        opened, high, low = (int(t) for t in tick_columns([bar.open, bar.high, bar.low], instrument))
        seen = Seen(
            opened=opened, high=high, low=low, begin_at=bar.open_at, at=bar.open_at + interval.duration,
            cost_ppm=self._market_ppm, flow=self._flow(symbol, bar.open_at), finer=finer,
        )  # fmt: skip
        for held in self._of(symbol):
            if held.resting and held.order.bar_close_at <= bar.open_at:
                self._touch(held, seen)

    # ------------------------------------------------------------------ inside

    def _try_now(self, held: Held) -> None:
        quote = self._quotes.get(held.order.symbol)
        if quote is not None and held.working:
            self._try_quote(held, quote)

    def _try_quote(self, held: Held, quote: Quote) -> None:
        if not held.working or held.order.bar_close_at > quote.as_of:
            return
        bid = max(1, int(quote.bid // held.instrument.tick_size))
        ask = max(1, int((quote.ask / held.instrument.tick_size).to_integral_value(ROUND_CEILING)))
        price, at = ask if held.order.side is Side.BUY else bid, quote.as_of
        seen = Seen(
            opened=price, high=price, low=price, begin_at=at, at=at, flow=self._flow(quote.symbol, at),
            cost_ppm=self._slippage_ppm if quote.spread_included else self._market_ppm,
        )  # fmt: skip
        if held.resting:
            if not self._by_bars_alone:
                self._touch(held, seen)
        elif held.order.side is Side.BUY:
            self._buy(held, market_buy(ask, self._cost_ppm(held, ask, seen)), at)
        else:
            self._fill(held, market_sell(bid, self._cost_ppm(held, bid, seen)), at)

    def _flow(self, symbol: str, at: datetime) -> tuple[float, float]:
        window = self._windows.get(symbol)
        return flow_at(window, at) if self._impact and window is not None else STILL

    def _cost_ppm(self, held: Held, ticks: int, seen: Seen) -> int:
        """What a market order pays at `ticks`, its own impact included."""
        return seen.cost_ppm + impact_ppm(self._impact, *seen.flow, notional(held.lots, ticks, held.grid))

    def _touch(self, held: Held, seen: Seen) -> None:
        """Fill a resting order where what is seen reaches it; an OCO is judged as one."""
        if held.order.side is Side.BUY:
            ticks = limit_buy(seen.opened, seen.low, held.limit)
            if ticks:
                self._fill(held, ticks, seen.at)
            return
        pair = self._list_of(held)
        kind, ticks = seen.touches(max(h.stop for h in pair), max(h.limit for h in pair), held.instrument)
        if kind == STOPPED:  # a stop sells at market, a target at its limit
            self._fill(next(h for h in pair if h.stop), market_sell(ticks, self._cost_ppm(held, ticks, seen)), seen.at)
        elif kind == TARGETED:
            self._fill(next(h for h in pair if h.limit), ticks, seen.at)

    def _buy(self, held: Held, ticks: int, at: datetime) -> None:
        others = [h for h in self._open.values() if h is not held]
        free = self._balances.free_cash(others)
        word = accept_buy(held.lots, ticks, max(0, free), held.grid)
        if word == TOO_POOR:
            self._finish(held, OrderStatus.REJECTED, too_poor(held, ticks, free))
        elif word == TOO_SMALL:
            self._finish(held, OrderStatus.REJECTED, too_small(held, ticks))
        else:
            self._fill(held, ticks, at)

    def _fill(self, held: Held, ticks: int, at: datetime) -> None:
        order, instrument, grid = held.order, held.instrument, held.grid
        if order.side is Side.BUY:
            fee, asset = buy_fee(held.lots, self._fee_ppm, grid), instrument.base
        else:
            fee, asset = sell_fee(notional(held.lots, ticks, grid), self._fee_ppm), instrument.quote
        fill = Fill(
            fill_id=f"{order.client_id}-{len(held.fills) + 1}", client_id=order.client_id, account_id=order.account_id,
            sleeve_id=order.sleeve_id, symbol=order.symbol, side=order.side, quantity=order.quantity,
            price=plain(instrument.price(ticks)), fee=from_atoms(fee), fee_asset=asset, filled_at=at,
        )  # fmt: skip
        held.fills.append(fill)
        self._balances.fold(fill, instrument)
        for member in self._list_of(held):
            if member is not held:
                self._finish(member, OrderStatus.CANCELLED, "the other order of its OCO filled")
        self._finish(held, OrderStatus.FILLED, "")

    def _finish(self, held: Held, status: OrderStatus, message: str) -> None:
        if held.working:
            held.status, held.message = status, message
            self._open.pop(held.order.client_id, None)
            self._news[held.order.client_id] = held.report()

    def _refuse(self, order: Order, why: str) -> OrderReport:
        report = OrderReport(client_id=order.client_id, status=OrderStatus.REJECTED, message=why)
        return self._over.setdefault(order.client_id, report)

    def _add(self, held: Held) -> None:
        self._orders[held.order.client_id] = self._open[held.order.client_id] = held

    def _told(self, held: Held) -> OrderReport:
        self._news.pop(held.order.client_id, None)
        return held.report()

    def _known(self, order: Order) -> OrderReport | None:
        held = self._orders.get(order.client_id)
        return held.report() if held is not None else self._over.get(order.client_id)

    def _of(self, symbol: str) -> list[Held]:
        return [h for h in self._open.values() if h.order.symbol == symbol]

    def _list_of(self, held: Held) -> list[Held]:
        """The order and the open ones that share its list."""
        list_id = held.order.list_id
        return [held, *(h for h in self._open.values() if h is not held and list_id and h.order.list_id == list_id)]

    def _instrument(self, order: Order) -> Instrument:
        instrument = self._instruments.get(order.symbol)
        if instrument is None:
            raise InvalidOrder(f"{order.symbol} is not listed here; sync or import its bars and rules first")
        return instrument
