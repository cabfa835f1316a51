"""Readiness: what an account at an exchange needs before new risk, each with its answer and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from engine.domain.account import Account, AccountKind
from engine.domain.arming import Arming
from engine.domain.halt import HaltKind
from engine.domain.venue import OTOCO, StreamState
from engine.queries.checks import Check, check
from engine.queries.console import Console, is_fresh
from engine.queries.line import CLOCK_LIMIT, Line, read_line
from engine.queries.papers import Papers, allotted, read_papers
from engine.queries.words import ago, count, money

RECONCILED_WITHIN = timedelta(minutes=2)
_ASK = "Press Check now below."


def read_readiness(console: Console, account: Account) -> Sequence[Check]:
    """Everything in the order in which it is put right."""
    now, beat = console.clock.now(), console.board.heartbeat()
    papers = read_papers(console.board, account.account_id)
    line = read_line(beat) if is_fresh(beat, now) else None
    found = [*_line(line, now), *_key(account, papers, now), _canary(papers, now), _books(console, account)]
    if account.kind is AccountKind.LIVE:
        set_or_not = "set by you" if papers.limits_set else "the defaults, which you have not looked at"
        found.append(
            check(papers.limits_set, "Limits", set_or_not, "Look at each on the Auto-trading page, then store them.")
        )
        found.append(_arming(papers.arming, now, allotted(console, account), account.quote))
    return found


def _line(line: Line | None, now: datetime) -> list[Check]:
    if line is None:
        return [
            check(False, "Line", "the engine has none to the exchange", "Use this account, and look at the messages.")
        ]
    both = line.prices in (None, StreamState.LIVE) and line.user_stream is StreamState.LIVE
    prices = "nothing watched yet" if line.prices is None else line.prices.lower()
    words = f"orders {line.user_stream.lower()}, prices {prices}"
    age = None if line.reconciled_at is None else now - line.reconciled_at
    offset = line.clock_offset
    weight = f"{line.weight_used:,} of {line.weight_limit:,} a minute"
    off = "not measured yet" if offset is None else f"{offset.total_seconds() * 1000:+.0f} ms from the exchange's"
    return [
        check(both, "Streams", words, "The exchange is asked instead; they are opened again by themselves."),
        check(
            age is not None and age <= RECONCILED_WITHIN, "Reconciled", ago(age),
            "No new risk before it succeeds; it is tried again by itself.",
        ),
        check(
            offset is not None and abs(offset) < CLOCK_LIMIT, "Clock", off,
            "Synchronise this machine's clock (NTP): orders are refused for it.",
        ),
        check(
            line.weight_used < line.weight_limit * 0.9, "Weight used", weight,
            "Other programs share this address; requests wait for the next minute.",
        ),
    ]  # fmt: skip


def _key(account: Account, papers: Papers, now: datetime) -> list[Check]:
    if account.kind is AccountKind.TESTNET:
        return []
    if papers.rights_at is None:
        return [check(False, "Key rights", "not asked yet", _ASK)]
    seen = ago(now - papers.rights_at)
    if papers.rights is None:
        written = papers.arming is not None and bool(papers.arming.confirmed)
        words = "confirmed by you in writing" if written else "this exchange does not tell"
        return [check(written, "Key rights", words, "Look there, and confirm it in writing when you arm.")]
    refused, bound = papers.rights.refused, papers.rights.ip_bound
    words = f"trade only, seen {seen}" if refused is None else f"{refused}, seen {seen}"
    return [
        check(refused is None, "Key rights", words, "No live money is traded with this key."),
        check(bound, "Key's addresses", "bound" if bound else "any", "Bind the key to this machine's address there."),
    ]


def _canary(papers: Papers, now: datetime) -> Check:
    if papers.canary is None:
        return check(False, "Ways to order", "not tried yet", _ASK)
    passed = papers.canary.passed
    failed = [name for name, ok in passed.items() if not ok]
    words = f"{sum(passed.values())} of {len(passed)} work, tried {ago(now - papers.canary.at)}"
    tail = f"{', '.join(failed)} failed; see below." if failed else ""
    if OTOCO in failed:
        tail += " Entries get their stop in a second request."
    return check(not failed, "Ways to order", words, tail)


def _books(console: Console, account: Account) -> Check:
    latched = [h for h in console.ledger.halts(account.account_id) if h.kind is HaltKind.HALT]
    words = ", ".join(h.cause for h in latched) or "none"
    return check(not latched, "Halts", words, "Read the cause above, then type RESET.")


def _arming(arming: Arming | None, now: datetime, amount: Decimal, quote: str) -> Check:
    if arming is None:
        return check(False, "Armed", "no", "Type LIVE and the amount below.")
    lapsed = arming.lapsed(now, amount)
    if lapsed is not None:
        return check(False, "Armed", lapsed, "Arm it again below.")
    hours = count(max(1, round((arming.expires_at - now).total_seconds() / 3600)), "hour")
    return check(True, "Armed", f"{money(arming.at_risk, quote)} by {arming.by}, for {hours} more", "")
