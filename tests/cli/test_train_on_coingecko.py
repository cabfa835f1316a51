"""CoinGecko's hours teach a model too: fetched first, as many as it has, over a real socket."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

from engine import settings
from engine.adapters.clock import WallClock
from engine.bootstrap import open_stores
from engine.cli.training import Watched, train
from engine.commands.requests import Train
from engine.domain.interval import Interval
from tests.adapters.coingecko.site import PriceSite
from tests.exchange import LoopbackServer, TurnedClock
from tests.exchange.exchange import NOW
from tests.sqlite_file import migrated_file


def test_a_model_learns_from_coingeckos_hours(tmp_path: Path) -> None:
    migrated_file(tmp_path)
    site = PriceSite(TurnedClock(NOW))
    wanted = Train(
        name="Gecko", source="COINGECKO", symbol="BTCUSD", interval=Interval.H1, horizon=6, start=None, end=None,
        seed=1, members=("linear",),
    )  # fmt: skip
    with LoopbackServer(site.handle) as server:
        env = {"AAITI_HOME": str(tmp_path), "AAITI_COINGECKO_URL": f"{server.url}/api/v3"}
        with open_stores(settings.load(env)) as opened:
            stores = replace(opened, clock=cast(WallClock, site.clock))
            told = train(stores, wanted, Watched(progress=lambda *_: None, cancelled=lambda: False))
            version = stores.models.version(str(told["version_id"]))
    assert version.parameters["source"] == "COINGECKO"
    assert 2_100 <= version.n_bars <= 2_160
    assert version.trained_to <= NOW
