"""The roster: every member that a model may be made of."""

from __future__ import annotations

from collections.abc import Mapping

from engine.domain.errors import ConfigurationError
from engine.learning.members import boosting, forest, linear, network, polynomial
from engine.learning.members.member import Recipe

RECIPES: Mapping[str, Recipe] = {
    recipe.name: recipe for recipe in (linear.RECIPE, polynomial.RECIPE, forest.RECIPE, boosting.RECIPE, network.RECIPE)
}

DEFAULT_MEMBERS: tuple[str, ...] = tuple(RECIPES)


def recipe(name: str) -> Recipe:
    """The recipe of that name; ConfigurationError lists the names there are."""
    try:
        return RECIPES[name]
    except KeyError:
        raise ConfigurationError(f"member {name!r} is unknown; choose among {', '.join(RECIPES)}") from None
