"""The page guard: whatever goes wrong, the operator reads what it was and what to do, never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec

import streamlit as st

from engine.domain.errors import AaitiError, ConfigurationError, LedgerError, MarketDataError, ModelError, VenueError
from pages.parts.ask import take_fresh

P = ParamSpec("P")
log = logging.getLogger(__name__)

_ADVICE: tuple[tuple[type[AaitiError], str], ...] = (
    (ConfigurationError, "Correct it and reload the page. `python -m engine doctor` checks the whole set-up."),
    (LedgerError, "Nothing was changed. Reload the page; if it stays, look at the System page and the engine's log."),
    (MarketDataError, "Sync or import bars on the Market page."),
    (ModelError, "Choose another model on the Models page, or train it again."),
    (VenueError, "The engine keeps trying by itself. The simulated market works without a network."),
)


@contextmanager
def guard(what: str) -> Iterator[None]:
    """Show any error in `what` in words; Streamlit's own stop and rerun pass through."""
    try:
        yield
    except AaitiError as error:
        st.error(f"**{what}**: {error}", icon=":material/error:")
        st.caption(advice(error))
    except Exception as error:
        log.exception("%s failed", what)
        st.error(f"**{what} failed**: {type(error).__name__}: {first_line(error)}", icon=":material/error:")
        st.caption(
            "Your orders and positions are not touched by this: the engine works apart from the screens. "
            "Reload the page; if it happens again, the server's log has the details."
        )


def advice(error: AaitiError) -> str:
    """What to do about it."""
    return next((text for kind, text in _ADVICE if isinstance(error, kind)), "Correct it and try again.")


def first_line(error: Exception) -> str:
    """The message's first line, not too long for a screen."""
    return (str(error).strip().splitlines() or ["no message"])[0][:300]


def live(seconds: float | None, what: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """A part of a page that redraws itself every `seconds`, guarded; a command answered inside it redraws the page."""

    def decorate(draw: Callable[P, None]) -> Callable[P, None]:
        @st.fragment(run_every=seconds)
        @wraps(draw)
        def drawn(*args: P.args, **kwargs: P.kwargs) -> None:
            if take_fresh():
                st.rerun()
            with guard(what):
                draw(*args, **kwargs)

        return drawn

    return decorate
