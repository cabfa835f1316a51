"""Numbers and moments in the words of a screen. What is absent is a dash, never a zero."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal

from engine.domain.money import plain

ABSENT = "—"


def money(amount: Decimal | None, asset: str = "", *, signed: bool = False) -> str:
    """Write an amount to the cent.

    >>> money(Decimal("10234.5"), "USDT")
    '10,234.50 USDT'
    >>> money(Decimal("12"), signed=True), money(Decimal("-12.345"), signed=True)
    ('+12.00', '−12.34')
    >>> money(None)
    '—'
    """
    if amount is None:
        return ABSENT
    cents = amount.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    sign = "−" if cents < 0 else "+" if signed and cents > 0 else ""
    return f"{sign}{abs(cents):,} {asset}".rstrip()


def exactly(value: Decimal | None, asset: str = "") -> str:
    """Write a price or a quantity with all its digits and no more.

    >>> exactly(Decimal("84250.10"))
    '84,250.1'
    """
    return ABSENT if value is None else f"{plain(value):,f} {asset}".rstrip()


def ratio(value: Decimal | float | None, digits: int = 2, *, signed: bool = False) -> str:
    """Write a ratio as per cent.

    >>> ratio(Decimal("0.0123")), ratio(-0.5, 0, signed=True), ratio(None)
    ('1.23 %', '−50 %', '—')
    """
    if value is None or not math.isfinite(value):
        return ABSENT
    hundred = float(value) * 100
    text = f"{abs(hundred):.{digits}f} %"
    sign = "−" if hundred < 0 and float(f"{hundred:.{digits}f}") != 0 else "+" if signed and hundred > 0 else ""
    return sign + text


def number(value: object, digits: int = 4) -> str:
    """Write a statistic.

    >>> number(0.54321, 3), number(1200), number(None), number("x")
    ('0.543', '1,200', '—', '—')
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return ABSENT
    return f"{value:,}" if isinstance(value, int) else f"{value:,.{digits}f}"


def age(span: timedelta | None) -> str:
    """Say how old something is, in its largest fitting unit.

    >>> age(timedelta(seconds=0.4)), age(timedelta(seconds=75)), age(timedelta(hours=30)), age(None)
    ('now', '1 min', '30 h', '—')
    """
    if span is None:
        return ABSENT
    seconds = span.total_seconds()
    if seconds < 1:
        return "now"
    for limit, unit, word in ((60, 1, "s"), (5400, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{int(seconds // unit)} {word}"
    return f"{int(seconds // 86_400)} days"


def ago(span: timedelta | None) -> str:
    """Say how long ago something was.

    >>> ago(timedelta(seconds=0.4)), ago(timedelta(seconds=75)), ago(None)
    ('just now', '1 min ago', 'never')
    """
    if span is None:
        return "never"
    return "just now" if span.total_seconds() < 1 else f"{age(span)} ago"


def moment(at: datetime | None, zone: tzinfo, *, seconds: bool = False) -> str:
    """Write a moment in the operator's zone, naming the zone.

    >>> from datetime import UTC
    >>> moment(datetime(2025, 4, 1, 12, tzinfo=UTC), UTC)
    '2025-04-01 12:00 UTC'
    """
    if at is None:
        return ABSENT
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S %Z}" if seconds else f"{local:%Y-%m-%d %H:%M %Z}"


def told_once(problem: str) -> str:
    """What several hosts answered, said once where they all said the same; each part reads `host, request: reason`.

    >>> told_once("a.com, time: no answer. Offline? | b.com, time: no answer. Offline?")
    'a.com and b.com: no answer. Offline?'
    >>> told_once("a.com, time: no answer | b.com, time: blocked")
    'a.com, time: no answer | b.com, time: blocked'
    """
    parts = [part.partition(": ") for part in problem.split(" | ")]
    if len(parts) == 1 or len({reason for _, _, reason in parts}) > 1:
        return problem
    hosts = list(dict.fromkeys(who.split(",")[0] for who, _, _ in parts))
    return f"{' and '.join(hosts)}: {parts[0][2]}"


def count(n: int, word: str) -> str:
    """Write a number with its noun.

    >>> count(1, "trade"), count(1200, "bar")
    ('1 trade', '1,200 bars')
    """
    return f"{n:,} {word}{'' if n == 1 else 's'}"
