"""Binance Spot. The exchange's own words stop in this folder.

Prices: transport.py one checked, weighed, retried GET over python-binance; market.py BinanceMarket: ports.MarketData,
depth and tickers; market_stream.py closed bars and best prices as they come; streamed.py both as one MarketData.
Orders: signing.py keys; signed.py signed requests, never repeated; placement.py our orders -> a request; reports.py
its words -> ours; register.py what is known of each order; broker.py ports.Broker; user_stream.py what happens to our
orders; rights.py what the key may do and what a fill costs; canary.py tries each way to order; venue.py ports.Venue.
Both: codec.py its words -> our values; errors.py status and body -> domain errors; weight.py and order_budget.py what
it allows; server_time.py how far its clock is from ours; stream.py a line that watches itself; reachability.py why it
does not answer, in words.
"""
