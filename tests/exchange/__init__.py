"""The test exchange: a real HTTP server on loopback that speaks Binance Spot's public REST dialect.

It is written from the exchange's documents and judged by recorded live bodies (test_dialect.py). One noun a file:

clock.py       its time, turned by the test            listing.py   a symbol's rules, as exchangeInfo shows them
tape.py        a symbol's trades; bars are made of them  quotes.py  book and tickers, read off the tape
parameters.py  what a request may say, and the refusals  refusal.py an error body
limits.py      request weight, 429 and 418             faults.py    the switchboard: what goes wrong next
routes.py      path -> parameters, weight, answer      fields.py    decimals as the exchange writes them
exchange.py    request -> reply, without a socket      server.py    the socket

Deterministic: time is turned by hand, prices come from a seed or from given bars. Not offered: 3d and 1M bars, the
WAF, and everything that needs a key.
"""

from tests.exchange.clock import TurnedClock
from tests.exchange.exchange import Exchange
from tests.exchange.faults import Fault
from tests.exchange.server import LoopbackServer

__all__ = ["Exchange", "Fault", "LoopbackServer", "TurnedClock"]
