"""Exact amounts: decimals outside the kernel, integer atoms inside it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from engine.domain.errors import ConfigurationError

ATOM = Decimal("0.00000001")
ATOMS_PER_UNIT = 100_000_000
PPM = 1_000_000
"""Rates inside the kernel are whole millionths: 10 bps = 1,000 ppm."""


def exact(value: str | int | Decimal) -> Decimal:
    """Make the one exact decimal that `value` writes down. A float is refused: it has lost digits already.

    >>> exact("0.10")
    Decimal('0.10')
    >>> exact(0.1)
    Traceback (most recent call last):
    ...
    TypeError: a float (0.1) cannot be money; give a string or a Decimal
    """
    if isinstance(value, float):
        raise TypeError(f"a float ({value!r}) cannot be money; give a string or a Decimal")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ConfigurationError(f"{value!r} is not a number; write it like 1234.56") from None
    if not number.is_finite():
        raise ConfigurationError(f"{value!r} is not a finite number")
    return number


def to_atoms(amount: Decimal) -> int:
    """Count the atoms (1e-8) in `amount`, exactly.

    >>> to_atoms(Decimal("1.5"))
    150000000
    """
    return whole(amount, ATOM, "amount")


def from_atoms(atoms: int) -> Decimal:
    """Give back the amount that `atoms` stand for.

    >>> from_atoms(150000000)
    Decimal('1.5')
    """
    return plain(Decimal(int(atoms)) * ATOM)


def whole(value: Decimal, step: Decimal, name: str) -> int:
    """Count whole `step`s in `value`; ConfigurationError names the field where it is not a whole number of them."""
    count, rest = divmod(value, step)
    if rest:
        raise ConfigurationError(f"{name} {value:f} is not a multiple of {step:f}")
    return int(count)


def to_ppm(ratio: Decimal) -> int:
    """Give a ratio as whole millionths (0.001 -> 1000)."""
    return whole(ratio, Decimal("0.000001"), "rate")


def plain(value: Decimal) -> Decimal:
    """Drop trailing zeros without falling into exponents.

    >>> plain(Decimal("100.00"))
    Decimal('100')
    """
    short = value.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short
