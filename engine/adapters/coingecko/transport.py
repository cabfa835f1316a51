"""The transport: one call over pycoingecko, with our own retries, keys in headers and exact numbers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.adapters.coingecko.errors import from_response
from engine.adapters.retry import Retry
from engine.domain.errors import ConfigurationError, RateLimited, VenueUnavailable
from engine.domain.interval import iso
from engine.ports import Clock

if TYPE_CHECKING:
    from pycoingecko import CoinGeckoAPI
    from requests import Response

PUBLIC_URL = "https://api.coingecko.com/api/v3/"
PRO_URL = "https://pro-api.coingecko.com/api/v3/"


class Transport:
    """Calls pycoingecko with `retries=0`: left to itself it sleeps inside the call and hides the status of an error.

    Keys travel as headers; as query parameters, pycoingecko's way, they would end up in messages and recordings.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        base_url: str = "",
        demo_key: str = "",
        pro_key: str = "",
        timeout: float = 10.0,
        attempts: int = 3,
    ) -> None:
        if demo_key and pro_key:
            raise ConfigurationError("CoinGecko: give a demo key or a pro key, not both")
        self._base_url = (base_url or (PRO_URL if pro_key else PUBLIC_URL)).rstrip("/") + "/"
        self._keys = {"x-cg-demo-api-key": demo_key, "x-cg-pro-api-key": pro_key}
        self._timeout = timeout
        self._clock = clock
        self._retry = Retry(clock=clock, attempts=attempts, first_wait=1.0)
        self._api: CoinGeckoAPI | None = None
        self._opening = threading.Lock()
        self._blocked_until: datetime | None = None
        self._mine = threading.local()

    def ask(self, call: Callable[[CoinGeckoAPI], object], what: str, *, patience: float = 5.0) -> Any:
        """Make the call and return its JSON, decimals exact. Raises VenueError or MarketDataError."""
        return self._retry(lambda: self._once(call, what), patience=patience)

    def close(self) -> None:
        """Close the connections."""
        if self._api is not None:
            self._api.session.close()

    def _once(self, call: Callable[[CoinGeckoAPI], object], what: str) -> Any:
        import requests

        now = self._clock.now()
        if self._blocked_until and now < self._blocked_until:
            rest = (self._blocked_until - now).total_seconds()
            raise RateLimited(f"CoinGecko asked us to wait until {iso(self._blocked_until)}", retry_after=rest)
        self._mine.what = what
        try:
            call(self._open())
            # pycoingecko reads numbers as floats, which money must not pass through: the text is read again, exactly.
            return json.loads(self._mine.text, parse_float=Decimal)
        except (requests.ConnectionError, requests.Timeout) as error:
            name = type(error).__name__
            raise VenueUnavailable(
                f"CoinGecko, {what}: no answer ({name}). Offline, or the line is blocked?"
            ) from error
        except (requests.RequestException, ValueError) as error:
            name = type(error).__name__
            raise VenueUnavailable(f"CoinGecko, {what}: no usable answer ({name}). Try again later.") from error

    def _open(self) -> CoinGeckoAPI:
        with self._opening:
            if self._api is None:
                from pycoingecko import CoinGeckoAPI

                api = CoinGeckoAPI(retries=0)
                api.api_base_url = self._base_url
                api.request_timeout = self._timeout
                api.session.headers.update({name: key for name, key in self._keys.items() if key})
                api.session.hooks["response"].append(self._check)
                self._api = api
            return self._api

    def _check(self, response: Response, **_: Any) -> None:
        """Look at every reply before pycoingecko does: it drops status and headers of an error."""
        if response.status_code >= 400:
            error = from_response(response.status_code, response.headers, response.text, what=self._mine.what)
            if isinstance(error, RateLimited):
                self._blocked_until = self._clock.now() + timedelta(seconds=error.retry_after)
            raise error
        self._mine.text = response.text
