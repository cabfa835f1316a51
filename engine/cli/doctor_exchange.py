"""What `doctor` asks of an exchange: the key and its rights, the clock, the weight, and what the canary proved."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from engine.bootstrap import ExchangeLine, Stores, line_of, missing_keys
from engine.domain.account import Account, AccountKind, Costs, Source
from engine.domain.errors import AaitiError
from engine.queries.line import CLOCK_LIMIT
from engine.queries.papers import read_papers
from engine.queries.words import ago, ratio

Finding = tuple[str, bool, bool, str]
"""Name, required, ok, detail."""
_KINDS = {AccountKind.TESTNET: Source.TESTNET, AccountKind.LIVE: Source.BINANCE}


def look(stores: Stores, *, offline: bool) -> Iterator[Finding]:
    """Each kind of account in turn. A key is required where an account of its kind is open."""
    for kind in _KINDS:
        account = next((a for a in stores.ledger.accounts() if a.kind is kind and a.closed_at is None), None)
        name, needed = kind.lower(), account is not None
        missing = missing_keys(stores.settings, kind)
        if missing is not None:
            yield f"{name} key", needed, not needed, missing if needed else f"none set; only a {name} account needs one"
            continue
        if account is not None:
            yield _canary(stores, account)
        if offline:
            yield f"{name} key", needed, True, "set; not tried, for --offline was given"
            continue
        yield from _asked(stores, kind, needed)


def _asked(stores: Stores, kind: AccountKind, needed: bool) -> Iterator[Finding]:
    """What the exchange says to a key that is set."""
    name = kind.lower()
    try:
        line = line_of(_nobody(stores, kind), stores)
    except AaitiError as error:
        yield f"{name} key", needed, False, str(error)
        return
    try:
        fees = line.venue.commission(_symbol(line))
        yield f"{name} key", needed, True, f"it signs; a fill costs {ratio(max(fees.buy_ratio, fees.sell_ratio), 3)}"
        yield _rights(line, kind, needed)
    except AaitiError as error:
        yield f"{name} key", needed, False, str(error)
    finally:
        line.venue.close()
    health = line.venue.health()
    if (offset := health.clock_offset) is not None:
        words = f"{offset.total_seconds() * 1000:+.0f} ms from the exchange's"
        ok = abs(offset) < CLOCK_LIMIT
        yield f"{name} clock", needed, ok, words if ok else f"{words}; synchronise this machine's clock (NTP)"
    weight = f"{health.weight_used:,} of {health.weight_limit:,} used in this minute, by all at this address"
    yield f"{name} weight", False, health.weight_used < health.weight_limit * 0.9, weight


def _rights(line: ExchangeLine, kind: AccountKind, needed: bool) -> Finding:
    name = f"{kind.lower()} rights"
    rights = line.venue.rights()
    if rights is None:
        told = (
            "play money; nothing to lose" if kind is AccountKind.TESTNET else "this exchange does not tell; look there"
        )
        return name, False, True, told
    if rights.refused is not None:
        return name, needed, False, rights.refused
    return name, needed, True, "trade only" if rights.ip_bound else "trade only; bind the key to this machine's address"


def _canary(stores: Stores, account: Account) -> Finding:
    name, canary = f"{account.kind.lower()} canary", read_papers(stores.board, account.account_id).canary
    if canary is None:
        return name, False, False, "it has not run; it runs when the engine enters the account"
    failed = [way for way, ok in canary.passed.items() if not ok]
    seen = f"tried {ago(stores.clock.now() - canary.at)}"
    return (
        name,
        False,
        not failed,
        f"{', '.join(failed)} failed, {seen}" if failed else f"all ways to order work, {seen}",
    )


def _nobody(stores: Stores, kind: AccountKind) -> Account:
    """An account that asks and never trades."""
    return Account(
        account_id="doctor", name="doctor", kind=kind, source=_KINDS[kind], quote="USDT", cash=Decimal(0),
        costs=Costs(), created_at=stores.clock.now(),
    )  # fmt: skip


def _symbol(line: ExchangeLine) -> str:
    return "BTCUSDT" if "BTCUSDT" in line.instruments else next(iter(line.instruments))
