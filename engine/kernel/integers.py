"""Whole-number arithmetic that cannot overflow 64 bits. All arguments are >= 0 and below 2**62."""

from __future__ import annotations

from engine.domain.money import PPM
from engine.kernel.compiled import compiled

MOST = 2**62
"""Half of what 63 bits hold: a sum of two still fits."""

_SURE = 2.0**50
"""Below this a quotient of floats is off by one at most."""


@compiled
def _near(a: int, b: int, c: int) -> int:
    """floor(a * b / c) below _SURE: the quotient of floats, put right by the rest. That rest is small, so it is the
    same whether the products wrap at 64 bits, as the compiler has them, or not, as the interpreter has them."""
    quotient = int(float(a) * float(b) / float(c))
    rest = a * b - quotient * c
    while rest < 0:
        quotient, rest = quotient - 1, rest + c
    while rest >= c:
        quotient, rest = quotient + 1, rest - c
    return quotient


@compiled
def muldiv(a: int, b: int, c: int) -> int:
    """floor(a * b / c), exact although a * b may not fit; the result must.

    >>> muldiv(10**15, 10**15, 10**16)
    100000000000000
    """
    if a == 0 or b == 0:
        return 0
    if a <= MOST // b:
        return a * b // c
    if c < MOST // 2 and float(a) * float(b) < _SURE * float(c):
        return _near(int(a), int(b), int(c))
    quotient = a // c * b
    part, rest, a = 0, 0, a % c
    for bit in range(62, -1, -1):
        part, rest = 2 * part, 2 * rest
        if rest >= c:
            part, rest = part + 1, rest - c
        if b >> bit & 1:
            rest += a
            if rest >= c:
                part, rest = part + 1, rest - c
    return quotient + part


@compiled
def share_down(amount: int, ppm: int) -> int:
    """floor(amount * ppm / 1e6).

    >>> share_down(1_999_999, 500_000)
    999999
    """
    return amount // PPM * ppm + amount % PPM * ppm // PPM


@compiled
def share_up(amount: int, ppm: int) -> int:
    """ceil(amount * ppm / 1e6): how fees and prices we pay are rounded.

    >>> share_up(1_000_001, 1_000)
    1001
    """
    return amount // PPM * ppm + (amount % PPM * ppm + PPM - 1) // PPM
