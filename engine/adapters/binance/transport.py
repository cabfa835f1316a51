"""The transport: one GET over python-binance, weighed before, checked after, retried within bounds.

Everything python-binance would get wrong for us is put right here: it pings on construction, opens event loops, imports
a deprecated module, overrides recvWindow, wraps no network error and reads a null body with an AttributeError.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from engine.adapters.binance.errors import NoConnection, from_response
from engine.adapters.binance.weight import WeightBudget
from engine.adapters.retry import Retry
from engine.domain.errors import ConfigurationError, RateLimited, VenueError, VenueUnavailable
from engine.ports import Clock

if TYPE_CHECKING:
    from binance.client import Client
    from requests import Response
    from requests.adapters import BaseAdapter

MARKET_DATA_HOST = "https://data-api.binance.vision"
API_HOST = "https://api.binance.com"
Params = Mapping[str, str | int]
_NAMED = {"symbol", "symbols", "interval", "limit"}
"""What a message may quote of a query. Never all of it: a signed one carries a signature."""


class Transport:
    """Asks the first host that answers, and stays with it until it fails.

    Limits are counted per IP, so that another host is no way around a 429; nor is it asked where a region is blocked.
    Give the venue's own transport the same `budget`. An `adapter` answers in place of the network.
    """

    def __init__(
        self,
        base_urls: Sequence[str] = (MARKET_DATA_HOST, API_HOST),
        *,
        clock: Clock,
        timeout: tuple[float, float] = (3.05, 10.0),
        attempts: int = 3,
        budget: WeightBudget | None = None,
        adapter: BaseAdapter | None = None,
    ) -> None:
        if not base_urls:
            raise ConfigurationError("base_urls is empty; give at least one, e.g. https://data-api.binance.vision")
        self.base_urls = tuple(base_urls)
        self.budget = budget or WeightBudget(clock)
        self._clock = clock
        self._retry = Retry(clock=clock, attempts=attempts)
        self._timeout = timeout
        self._adapter = adapter
        self._clients: dict[str, Client] = {}
        self._opening = threading.Lock()
        self._preferred = 0

    def get(self, path: str, params: Params | None = None, *, weight: int, patience: float = 5.0) -> Any:
        """GET /api/v3/`path` and return the JSON, waiting at most `patience` seconds for a rate limit.

        Raises VenueError, or MarketDataError where the venue refuses the request itself.
        """
        return self._retry(lambda: self._from_any_host(path, params or {}, weight), patience=patience)

    def get_once(self, base_url: str, path: str, params: Params | None = None, *, weight: int) -> Any:
        """GET from this one host, once."""
        self.budget.spend(weight)
        client = self._client(base_url)
        what = f"{urlsplit(base_url).netloc}, {path}"
        return _network_errors_as_ours(lambda: client._get(path, data=dict(params or {})), what)

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            client.close_connection()

    def _from_any_host(self, path: str, params: Params, weight: int) -> Any:
        failures: list[VenueError] = []
        for turn in range(len(self.base_urls)):
            index = (self._preferred + turn) % len(self.base_urls)
            try:
                answer = self.get_once(self.base_urls[index], path, params, weight=weight)
            except RateLimited:
                raise
            except VenueUnavailable as error:
                failures.append(error)
            except VenueError as error:
                if not failures:
                    raise
                # The preferred host failed for another reason, which may pass: that one is retried, not this.
                failures.append(error)
            else:
                self._preferred = index
                return answer
        if len(failures) == 1:
            raise failures[0]
        raise VenueUnavailable(" | ".join(str(failure) for failure in failures)) from failures[0]

    def _client(self, base_url: str) -> Client:
        with self._opening:
            if base_url not in self._clients:
                client = open_client(self._timeout, self._adapter)
                client.API_URL = f"{base_url.rstrip('/')}/api"
                client.session.hooks["response"].append(self._check)
                self._clients[base_url] = client
            return self._clients[base_url]

    def _check(self, response: Response, **_: Any) -> None:
        """Look at every reply in the thread that asked for it: python-binance keeps only the last of all."""
        self.budget.observe(response.headers)
        if response.status_code < 400:
            return
        url = urlsplit(str(response.url))
        said = [value for key, value in parse_qsl(url.query) if key in _NAMED]
        what = " ".join([url.path.removeprefix("/api/v3/"), *said])
        now = self._clock.now()
        error = from_response(response.status_code, response.headers, response.text, what=what, now=now)
        if isinstance(error, RateLimited):
            self.budget.block(error.retry_after)
        raise error


def open_client(timeout: tuple[float, float], adapter: BaseAdapter | None = None) -> Client:
    """Make a keyless python-binance client without its side effects.

    Its constructor looks for an event loop, which we do not use: it is built in a thread of its own, where it can only
    make one, and that one is closed at once.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it imports websockets.legacy
        from binance.client import Client  # heavy (0.25 s, aiohttp): only who asks Binance pays for it
    made: list[Client] = []

    def build() -> None:
        client = Client(ping=False, requests_params={"timeout": timeout})
        client.loop.close()
        client.REQUEST_RECVWINDOW = None
        made.append(client)

    builder = threading.Thread(target=build, name="binance-client")
    builder.start()
    builder.join()
    if not made:
        raise VenueUnavailable("python-binance could not be started; see the log for its error")
    if adapter is not None:
        for scheme in ("http://", "https://"):
            made[0].session.mount(scheme, adapter)
    return made[0]


def _network_errors_as_ours(ask: Callable[[], Any], what: str) -> Any:
    """Run `ask`; whatever is not an answer becomes VenueUnavailable."""
    import requests
    from binance.exceptions import BinanceAPIException, BinanceRequestException

    try:
        answer = ask()
    except (requests.ConnectionError, requests.Timeout) as error:
        raise NoConnection(f"{what}: no answer ({type(error).__name__}). Offline, or the line is blocked?") from error
    except (requests.RequestException, BinanceAPIException, BinanceRequestException) as error:
        raise VenueUnavailable(f"{what}: that is not Binance's answer ({type(error).__name__}). Try later.") from error
    if isinstance(answer, dict) and isinstance(answer.get("code"), int) and answer["code"] < 0:
        # A 200 that carries an error body.
        raise VenueUnavailable(f"{what}: {answer['code']} {answer.get('msg', '')}")
    return answer
