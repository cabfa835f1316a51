"""Amounts are what was written down, to the last digit, or an error that names the field."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import ConfigurationError
from engine.domain.money import ATOMS_PER_UNIT, PPM, exact, from_atoms, plain, to_atoms, to_ppm, whole

AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=8)


@given(atoms=st.integers(-(2**62), 2**62))
def test_atoms_come_back_as_they_went(atoms: int) -> None:
    assert to_atoms(from_atoms(atoms)) == atoms


@given(amount=AMOUNTS)
def test_an_amount_is_the_same_before_and_after_its_atoms(amount: Decimal) -> None:
    assert from_atoms(to_atoms(amount)) == amount


@given(amount=AMOUNTS)
def test_what_was_written_is_what_counts(amount: Decimal) -> None:
    assert exact(str(amount)).as_tuple() == amount.as_tuple()


@given(amount=AMOUNTS)
def test_the_plain_form_has_the_value_without_zeros_or_exponents(amount: Decimal) -> None:
    text = str(plain(amount))
    assert Decimal(text) == amount
    assert "E" not in text or abs(amount) < Decimal("0.000001")  # Decimal itself writes 1E-8
    assert not ("." in text and text.endswith("0"))


def test_a_float_is_no_money() -> None:
    with pytest.raises(TypeError, match=r"0\.1"):
        exact(0.1)  # type: ignore[arg-type]  # the point


@pytest.mark.parametrize("text", ["", "12,5", "ten", "NaN", "-Infinity", "0x10"])
def test_what_is_no_number_is_refused_by_its_own_words(text: str) -> None:
    with pytest.raises(ConfigurationError, match="number") as told:
        exact(text)
    assert repr(text) in str(told.value)


def test_half_an_atom_is_refused_with_its_field() -> None:
    with pytest.raises(ConfigurationError, match=r"cash 0\.000000015 is not a multiple of 0\.01"):
        whole(Decimal("0.000000015"), Decimal("0.01"), "cash")
    with pytest.raises(ConfigurationError, match="amount"):
        to_atoms(Decimal("0.000000001"))


def test_rates_are_whole_millionths() -> None:
    assert (to_ppm(Decimal("0.001")), to_ppm(Decimal(1))) == (1_000, PPM)
    assert to_atoms(Decimal(1)) == ATOMS_PER_UNIT
    with pytest.raises(ConfigurationError, match="rate"):
        to_ppm(Decimal("0.0000001"))
