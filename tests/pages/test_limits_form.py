"""The limits form names every limit: one that it left out would fall back to its default on the next store."""

from __future__ import annotations

from dataclasses import fields

from engine.risk.limits import RiskLimits
from pages.parts.limits_form import FIELDS


def test_every_limit_has_its_field() -> None:
    assert set(FIELDS) == {f.name for f in fields(RiskLimits)}


def test_every_field_is_explained_in_a_sentence() -> None:
    assert all(label and words.endswith(".") for label, words in FIELDS.values())
