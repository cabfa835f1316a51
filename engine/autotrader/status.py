"""What the engine tells the screens with each heartbeat."""

from __future__ import annotations

from collections.abc import Mapping

from engine.autotrader.exchange_status import exchange_status
from engine.autotrader.house import House
from engine.autotrader.manual_view import shown
from engine.autotrader.session import Session
from engine.domain.account import AccountKind
from engine.domain.interval import iso
from engine.domain.quote import Quote
from engine.ports import LOOKED_AT
from engine.queries.manual_gates import TELLS


def status_of(house: House) -> Mapping[str, object]:
    """JSON: the switch, what is wrong with the source, and of a running session whose it is and how far it has come."""
    status: dict[str, object] = {
        "trading_on": house.trading_on,
        "state_version": house.board.state_version(),
        "source_problem": house.problem,
        "lease_epoch": house.lease.epoch,
        "lacking": {kind.value: house.makers.missing(kind) for kind in (AccountKind.TESTNET, AccountKind.LIVE)},
    }
    if house.session is None:
        return status
    halts = house.ledger.halts(house.session.account.account_id)
    looked_at = shown(house.session, house.board.setting(LOOKED_AT), halts, house.wall.now())
    return {**status, **_session(house.session), TELLS: looked_at}


def _session(session: Session) -> dict[str, object]:
    as_of = session.data_as_of()
    return {
        "account_id": session.account.account_id,
        "mode": session.account.kind.value,
        "source": session.account.source.value,
        "clock": iso(session.clock.now()),
        "data_as_of": None if as_of is None else iso(as_of),
        "next_close": iso(session.trader.next_close),
        "deciding": sum(1 for seat in session.trader.seats if seat.decides),
        "quotes": {symbol: _quote(quote) for symbol, quote in session.quotes().items()},
        **exchange_status(session),
    }


def _quote(quote: Quote) -> dict[str, str]:
    return {"bid": f"{quote.bid:f}", "ask": f"{quote.ask:f}", "as_of": iso(quote.as_of)}
