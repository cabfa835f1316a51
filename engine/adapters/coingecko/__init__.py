"""CoinGecko: prices of coins, averaged over many venues. It takes no orders and knows no exchange rules.

transport.py  one checked, retried call over pycoingecko      codec.py  its bodies -> our values
errors.py     its three shapes of error -> domain errors      coins.py  symbol -> coin
market.py     CoinGeckoMarket: ports.MarketData, as far as that can be said honestly
"""
