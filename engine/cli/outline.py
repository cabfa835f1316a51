"""What an account's run came to, as the command line's JSON."""

from __future__ import annotations

from collections import Counter

from engine.bootstrap import Stores
from engine.domain.account import Account
from engine.portfolio.canonical import ledger_sha256, trades_sha256
from engine.queries.nearest import nearest_call


def outline(stores: Stores, account: Account, *, bars: int) -> dict[str, object]:
    """Counts, equity and hashes of the account's ledger; `nearest` says what the best held call lacked."""
    ledger, account_id = stores.ledger, account.account_id
    decisions, orders = ledger.decisions(account_id), ledger.orders(account_id)
    fills, trades = ledger.fills(account_id), ledger.trades(account_id)
    mark = ledger.last_mark(account_id)
    held = Counter(d.held_by for d in decisions if d.held_by is not None)
    return {
        "account_id": account_id,
        "bars": bars,
        "decisions": len(decisions),
        "orders": len(orders),
        "fills": len(fills),
        "trades": len(trades),
        "final_equity": str(account.cash if mark is None else mark.equity),
        "ledger_sha256": ledger_sha256(decisions, orders, fills),
        "trades_sha256": trades_sha256(trades),
        "held_by": dict(sorted(held.items())),
        "nearest": nearest_call(decisions),
        "exits": dict(sorted(Counter(t.exit_reason.value for t in trades).items())),
    }
