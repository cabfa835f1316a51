"""One tree of errors, as it is drawn, each with what its catcher must do."""

from __future__ import annotations

import re

import pytest

from engine.domain import errors
from engine.domain.errors import AaitiError, RateLimited

CODED = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AaitiError)]


def drawn() -> dict[str, str]:
    """Each error's parent in the drawing at the top of the file."""
    parents: dict[str, str] = {}
    branch = ""
    for line in (errors.__doc__ or "").splitlines():
        if line[:1] not in set("├└│"):
            continue
        names = re.findall(r"\w+", line)
        if line[0] != "│":
            branch = names.pop(0)
            parents[branch] = "AaitiError"
        parents |= dict.fromkeys(names, branch)
    return parents


def test_the_drawing_shows_every_error_and_no_other() -> None:
    assert set(drawn()) | {"AaitiError"} == {kind.__name__ for kind in CODED}


def test_each_error_stands_under_the_one_it_is_drawn_under() -> None:
    parents = drawn()
    branches = set(parents.values())
    for name, parent in parents.items():
        coded = next(kind.__name__ for kind in getattr(errors, name).__mro__[1:] if kind.__name__ in branches)
        assert coded == parent, f"{name} is drawn under {parent} and coded under {coded}"


@pytest.mark.parametrize("kind", CODED, ids=lambda kind: kind.__name__)
def test_each_error_says_what_happened_and_what_to_do(kind: type[AaitiError]) -> None:
    assert len(re.findall(r"[\w)]\.(?: |$)", kind.__doc__ or "")) >= 2


def test_a_limit_says_how_long_to_wait() -> None:
    told = RateLimited("wait", retry_after=2.5)
    assert (told.retry_after, str(told)) == (2.5, "wait")
