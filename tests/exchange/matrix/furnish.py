"""Furnish: the account that a session trades, its settings and its papers, written before the first process begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from engine.adapters.binance import codec
from engine.domain.account import Account, AccountKind, Costs, Source
from engine.domain.instrument import Instrument
from engine.domain.interval import Interval, iso
from engine.domain.sleeve import Sleeve, SleeveState
from engine.domain.venue import OTOCO, CanaryResult
from engine.ports import Board, Ledger
from engine.queries.papers import canary_setting, rights_setting
from engine.risk.limits import RiskLimits
from tests.exchange import Exchange
from tests.exchange.listing import BNBUSDT, BTCUSDT, DOGEUSDT, ETHUSDT

ACCOUNT = "t1"
PRICES = {BTCUSDT: "50000", ETHUSDT: "2500", BNBUSDT: "600", DOGEUSDT: "0.2"}
_LIMITS = RiskLimits(
    max_position_ratio=Decimal(1), max_exposure_ratio=Decimal(1), max_drawdown=Decimal(1), cooldown_bars=0,
    max_daily_loss=Decimal(1), max_correlation=Decimal(1), stop_loss=Decimal("0.02"), take_profit=Decimal("0.03"),
)  # fmt: skip


def sleeve_id(i: int) -> str:
    return f"{ACCOUNT}-s{i}"


def furnish(
    ledger: Ledger, board: Board, now: datetime, *, cash: Decimal, proved: bool, fee: Decimal = Decimal("0.001"),
    stake: Decimal = Decimal(500), symbols: Sequence[str] = (), strategy: str = "rule:buy_hold",
) -> None:  # fmt: skip
    """A testnet account in use, auto-trading on; rights and canary were just looked at. `proved`: OTOCO works."""
    ledger.open_account(
        Account(
            account_id=ACCOUNT, name="Testnet", kind=AccountKind.TESTNET, source=Source.TESTNET, quote="USDT",
            cash=cash, costs=Costs(fee_ratio=fee), created_at=now - timedelta(seconds=1),
        )
    )  # fmt: skip
    for i, symbol in enumerate(symbols):
        ledger.put_sleeve(
            Sleeve(
                sleeve_id=sleeve_id(i), account_id=ACCOUNT, strategy=strategy, symbol=symbol, interval=Interval.M1,
                state=SleeveState.ACTIVE, created_at=now,
            )
        )  # fmt: skip
    board.put_setting("account_id", ACCOUNT)
    board.put_setting("trading_on", True)
    board.put_setting(f"limits:{ACCOUNT}", _LIMITS.to_mapping())
    board.put_setting(f"stake:{ACCOUNT}", f"{stake:f}")
    board.put_setting(rights_setting(ACCOUNT), {"at": iso(now), "rights": None})
    canary = CanaryResult(at=now, passed={"LIMIT": True, "OCO": True, OTOCO: proved})
    board.put_setting(canary_setting(ACCOUNT), canary.to_mapping())


def instruments_of(exchange: Exchange) -> dict[str, Instrument]:
    """Every instrument with the rules in force now."""
    rows = [listing.row() for listing in exchange.listings.values()]
    return {i.symbol: i for i in codec.instruments(rows)[0]}
