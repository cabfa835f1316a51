"""Binance Spot. The exchange's own words stop in this folder.

transport.py  one checked, weighed, retried GET over python-binance    codec.py   its words -> our values
errors.py     status and body -> domain errors                         weight.py  the request budget of a minute
market.py     BinanceMarket: ports.MarketData, depth and tickers       reachability.py  why it does not answer, in words
"""
