"""The test exchange: Binance Spot on loopback or in process, written from its documents and judged by recordings.

    exchange = Exchange.quoted()                            # moves only when told; or Exchange.seeded()
    account = exchange.open_account("main", {"USDT": "10000", "BTC": "1"})
    exchange.move("BTCUSDT", Decimal("49000"))              # a quote and a trade there: stops trigger
    exchange.faults.add(Fault.lost_reply().on("order", "POST"))
    session.mount("http://", InProcess(exchange))           # or: with LoopbackServer(exchange.handle) as server
    exchange.truth(account).fills                           # what really happened

One noun a file. What it is asked, and by whom:
wire.py request and reply    parameters.py what a request may say    signature.py key, time, signature    keys.py
limits.py weight, 429, 418   order_counts.py orders per window       refusal.py an error body    routes.py public
call.py a signed request     order_routes.py    account_routes.py    order_form.py, list_form.py words -> orders
bodies.py orders -> words    user_events.py what an account is told  faults.py what goes wrong
switchboard.py every fault by name, with dice    event_faults.py

What it is: listing.py a symbol's rules    filters.py    tape.py its trades    recorded.py real ones    quotes.py
tickers    book.py what our orders meet    orders.py    wallet.py assets and fees    account.py    floor.py matching,
triggers, lists    desk.py checks before the floor    clock.py    exchange.py all of it behind one door    truth.py the
view for comparisons

inprocess.py REST without a socket    server.py with one    market_line.py, api_line.py what is said on a WebSocket
lines.py WebSockets without a socket    socket_server.py with one

Its arithmetic, triggers and fees are its own, apart from the product's, so that a shared mistake shows. Deterministic:
time is turned by hand, prices come from a seed, from given bars or from the test. Our orders never meet one another.
Not offered: 3d and 1M bars, trailing stops, pegged orders, OPO, amendments.
"""

from tests.exchange.account import Account
from tests.exchange.clock import TurnedClock
from tests.exchange.exchange import Exchange
from tests.exchange.faults import Fault
from tests.exchange.inprocess import InProcess
from tests.exchange.keys import Key, Rights
from tests.exchange.lines import InProcessLine
from tests.exchange.server import LoopbackServer
from tests.exchange.socket_server import SocketServer
from tests.exchange.switchboard import Kind, Switchboard
from tests.exchange.truth import Truth
from tests.exchange.wallet import FeeRates

__all__ = [
    "Account", "Exchange", "Fault", "FeeRates", "InProcess", "InProcessLine", "Key", "Kind", "LoopbackServer", "Rights",
    "SocketServer", "Switchboard", "Truth", "TurnedClock",
]  # fmt: skip
