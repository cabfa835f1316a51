"""A listed symbol: its rules, and its row in exchangeInfo with the field set of September 2026."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.exchange.fields import decimal8

ORDER_TYPES = (
    "LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    base: str
    quote: str
    tick: Decimal
    lot: Decimal
    min_notional: Decimal = Decimal(5)
    max_price: Decimal = Decimal(1_000_000)
    max_quantity: Decimal = Decimal(9000)
    max_market_quantity: Decimal = Decimal("141.67845966")
    status: str = "TRADING"

    @property
    def symbol(self) -> str:
        return self.base + self.quote

    def row(self, *, permission_sets: bool = True) -> dict[str, Any]:
        return {
            "symbol": self.symbol,
            "status": self.status,
            "baseAsset": self.base,
            "baseAssetPrecision": 8,
            "quoteAsset": self.quote,
            "quotePrecision": 8,
            "quoteAssetPrecision": 8,
            "baseCommissionPrecision": 8,
            "quoteCommissionPrecision": 8,
            "orderTypes": list(ORDER_TYPES),
            "icebergAllowed": True,
            "ocoAllowed": True,
            "otoAllowed": True,
            "opoAllowed": True,
            "quoteOrderQtyMarketAllowed": True,
            "allowTrailingStop": True,
            "cancelReplaceAllowed": True,
            "amendAllowed": True,
            "pegInstructionsAllowed": True,
            "isSpotTradingAllowed": True,
            "isMarginTradingAllowed": True,
            "filters": self.filters(),
            "permissions": [],
            "permissionSets": [["SPOT", "MARGIN"]] if permission_sets else [],
            "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
            "allowedSelfTradePreventionModes": ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER"],
        }

    def filters(self) -> list[dict[str, Any]]:
        return [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": decimal8(self.tick),
                "maxPrice": decimal8(self.max_price),
                "tickSize": decimal8(self.tick),
            },
            {
                "filterType": "LOT_SIZE",
                "minQty": decimal8(self.lot),
                "maxQty": decimal8(self.max_quantity),
                "stepSize": decimal8(self.lot),
            },
            {"filterType": "ICEBERG_PARTS", "limit": 100},
            {
                "filterType": "MARKET_LOT_SIZE",
                "minQty": "0.00000000",
                "maxQty": decimal8(self.max_market_quantity),
                "stepSize": "0.00000000",
            },
            {
                "filterType": "TRAILING_DELTA",
                "minTrailingAboveDelta": 10,
                "maxTrailingAboveDelta": 2000,
                "minTrailingBelowDelta": 10,
                "maxTrailingBelowDelta": 2000,
            },
            {
                "filterType": "PERCENT_PRICE_BY_SIDE",
                "bidMultiplierUp": "5",
                "bidMultiplierDown": "0.2",
                "askMultiplierUp": "5",
                "askMultiplierDown": "0.2",
                "avgPriceMins": 5,
            },
            {
                "filterType": "NOTIONAL",
                "minNotional": decimal8(self.min_notional),
                "applyMinToMarket": True,
                "maxNotional": "9000000.00000000",
                "applyMaxToMarket": False,
                "avgPriceMins": 5,
            },
            {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
            {"filterType": "MAX_NUM_ORDER_LISTS", "maxNumOrderLists": 20},
            {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 5},
            {"filterType": "MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends": 10},
        ]


BTCUSDT = Listing(base="BTC", quote="USDT", tick=Decimal("0.01"), lot=Decimal("0.00001"))
ETHUSDT = Listing(base="ETH", quote="USDT", tick=Decimal("0.01"), lot=Decimal("0.0001"))
DOGEUSDT = Listing(
    base="DOGE", quote="USDT", tick=Decimal("0.00001"), lot=Decimal(1), min_notional=Decimal(1),
    max_price=Decimal(1000), max_quantity=Decimal(9_000_000), max_market_quantity=Decimal(4_000_000),
)  # fmt: skip
BNBUSDT = Listing(base="BNB", quote="USDT", tick=Decimal("0.01"), lot=Decimal("0.001"))
