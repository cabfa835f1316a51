"""One suite for every member of the roster: what the ensemble relies on."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from engine.domain.errors import ConfigurationError
from engine.learning.members.member import Member
from engine.learning.members.roster import RECIPES, recipe
from tests.learning.fits import lesson

EVERY = pytest.mark.parametrize("name", RECIPES)


@cache
def fitted(name: str) -> Member:
    return recipe(name).fit(lesson())


@EVERY
def test_its_chances_lie_between_0_and_1_and_tell_something(name: str) -> None:
    p = fitted(name).probability_up(lesson().x)
    assert p.shape == (3_000,)
    assert ((p >= 0) & (p <= 1)).all()
    assert ((p > 0.5) == (lesson().y > 0.5)).mean() > 0.55


@EVERY
def test_a_row_alone_gets_the_answer_it_gets_among_others_to_the_bit(name: str) -> None:
    x = lesson().x
    batch = fitted(name).probability_up(x)
    for i in (0, 1, 17, 1_234, 2_999):
        assert fitted(name).probability_up(x[i : i + 1])[0].tobytes() == batch[i].tobytes()
    assert fitted(name).probability_up(x[1_000:1_037]).tobytes() == batch[1_000:1_037].tobytes()


@EVERY
def test_fitting_again_gives_the_same_arrays(name: str) -> None:
    mine, again = fitted(name).arrays(), recipe(name).fit(lesson()).arrays()
    assert mine.keys() == again.keys()
    for key, array in mine.items():
        assert array.tobytes() == again[key].tobytes(), key


@EVERY
def test_restoring_its_arrays_gives_the_same_answers(name: str) -> None:
    member = fitted(name)
    restored = recipe(name).restore({key: array.copy() for key, array in member.arrays().items()})
    assert restored.name == name
    assert restored.probability_up(lesson().x).tobytes() == member.probability_up(lesson().x).tobytes()


@EVERY
def test_a_feature_that_never_moved_does_no_harm(name: str) -> None:
    still = lesson().x.copy()
    still[:, 5] = 3.0
    p = recipe(name).fit(replace(lesson(), x=still)).probability_up(still)
    assert np.isfinite(p).all()


@EVERY
def test_it_has_a_meaning_for_the_screens(name: str) -> None:
    assert recipe(name).meaning
    assert recipe(name).cost > 0


def test_an_unknown_member_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="'oracle' is unknown; choose among linear"):
        recipe("oracle")
