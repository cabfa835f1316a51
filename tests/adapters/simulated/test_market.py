"""The simulated market: the same however it is asked, sound bars, and an edge of the size it admits to."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from engine.adapters.simulated import DESCRIPTION, EPOCH, SimulatedMarket
from engine.adapters.simulated.history import History
from engine.adapters.simulated.listing import LISTING
from engine.adapters.simulated.process import HOURS, end_state, first_state, make_path, make_shared
from engine.domain.bar import BarSeries
from engine.domain.errors import ConfigurationError, MissingBars
from engine.domain.interval import Interval, to_ms
from engine.market.check import RawBars, check_bars
from engine.market.columns import Floats, times, values
from engine.market.rules import infer_instrument
from tests.builders import utc
from tests.fakes.market import FixedClock

NOW = utc("2020-07-01 12:34")
GOLDEN = {
    "ALFAUSDT": "35442.20", "BRAVUSDT": "2662.29", "CHARUSDT": "234.55",
    "DELTUSDT": "0.64754", "ECHOUSDT": "7.017", "FOXTUSDT": "0.070653",
}  # fmt: skip
"""Quotes of seed 7 at 2021-01-01 00:00."""
SYMBOLS = [one.instrument.symbol for one in LISTING]


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return SimulatedMarket(FixedClock(NOW), seed=7)


def ask(
    market: SimulatedMarket, interval: Interval, start: datetime, end: datetime, symbol: str = "ALFAUSDT"
) -> BarSeries:
    return market.bars(symbol, interval, start, end)


def test_a_bar_is_the_same_however_the_range_is_asked(market: SimulatedMarket) -> None:
    whole = ask(market, Interval.H1, EPOCH, NOW)
    ranges = (("2020-05-03", "2020-05-04"), ("2020-01-30 23:00", "2020-01-31 02:00"), ("2020-06-30", "2020-08-01"))
    for start, end in ranges:
        fresh = SimulatedMarket(FixedClock(NOW), seed=7)
        piece = ask(fresh, Interval.H1, utc(start), utc(end))
        assert piece == whole.between(utc(start), utc(end))
        assert len(piece)


def test_fine_bars_are_made_again_to_the_bit_after_they_were_dropped(market: SimulatedMarket) -> None:
    first = ask(market, Interval.M5, EPOCH, utc("2020-01-20"))
    for symbol in SYMBOLS:
        ask(market, Interval.M5, EPOCH, NOW, symbol)
    assert ask(market, Interval.M5, EPOCH, utc("2020-01-20")) == first


@pytest.mark.parametrize("interval", [one for one in Interval if one.ms >= Interval.M5.ms])
def test_all_intervals_are_the_same_market(market: SimulatedMarket, interval: Interval) -> None:
    start, end = utc("2020-02-27"), utc("2020-03-04")  # across the end of a block
    fine, coarse = ask(market, Interval.M5, start, end), ask(market, interval, start, end)
    assert len(coarse) == (end - start) / interval.duration
    for bar in coarse:
        inside = fine.between(bar.open_at, bar.open_at + interval.duration)
        assert (bar.open, bar.close) == (inside.open[0], inside.close[-1])
        assert (bar.high, bar.low) == (max(inside.high), min(inside.low))
        assert bar.volume == pytest.approx(sum(inside.volume))


@pytest.mark.parametrize("place", range(len(LISTING)))
def test_bars_are_sound_continuous_and_on_the_grid(market: SimulatedMarket, place: int) -> None:
    symbol = SYMBOLS[place]
    series = ask(market, Interval.M5, EPOCH, NOW, symbol)
    o, h, low, c, v = values(series)
    checked = check_bars(
        RawBars(label=symbol, symbol=symbol, interval=Interval.M5, open_ms=times(series), values=(o, h, low, c, v)), NOW
    )
    assert (checked.notes, checked.missing) == ((), 0)
    assert np.array_equal(o[1:], c[:-1])
    found, told = infer_instrument([series]), LISTING[place].instrument
    assert found.tick_size >= told.tick_size
    assert all(Decimal(repr(price)) % told.tick_size == 0 for price in c[:2000].tolist())


def test_seeds_differ_and_one_seed_is_one_market() -> None:
    one, same, other = (
        ask(SimulatedMarket(FixedClock(NOW), seed=seed), Interval.H1, EPOCH, utc("2020-01-10")) for seed in (7, 7, 8)
    )
    assert one == same
    assert one != other


def test_the_market_of_seed_7_is_the_one_it_was() -> None:
    """Pinned: stored ledgers and trained models refer to these prices."""
    market = SimulatedMarket(FixedClock(utc("2021-01-01")), seed=7)
    told = {symbol: str(market.quote(symbol).bid) for symbol in SYMBOLS}
    assert told == GOLDEN


def test_only_closed_bars_are_shown_and_the_quote_is_the_open_of_the_next(market: SimulatedMarket) -> None:
    clock = FixedClock(utc("2020-07-01 12:00"))
    at_close = SimulatedMarket(clock, seed=7)
    shown = ask(at_close, Interval.H1, utc("2020-07-01"), utc("2020-07-02"))
    assert shown.last_close_at == clock.now()
    quote = at_close.quote("ALFAUSDT")
    assert (quote.as_of, quote.bid, quote.spread_included) == (clock.now(), quote.ask, False)
    clock.forward(timedelta(hours=1))
    following = ask(at_close, Interval.H1, utc("2020-07-01 12:00"), utc("2020-07-02"))
    assert float(quote.bid) == following.open[0]


def test_the_quote_moves_every_five_minutes_inside_the_forming_bar(market: SimulatedMarket) -> None:
    quote = market.quote("ALFAUSDT")
    assert quote.as_of == utc("2020-07-01 12:30")
    later = SimulatedMarket(FixedClock(utc("2020-07-01 14:00")), seed=7)
    hour = ask(later, Interval.H1, utc("2020-07-01 12:00"), utc("2020-07-01 13:00"))
    assert hour.low[0] <= float(quote.bid) <= hour.high[0]


def test_nothing_exists_before_the_epoch_or_after_the_clock(market: SimulatedMarket) -> None:
    assert ask(market, Interval.H1, EPOCH - timedelta(days=9), EPOCH) == BarSeries.empty("ALFAUSDT", Interval.H1)
    assert len(ask(market, Interval.H1, NOW, NOW + timedelta(days=9))) == 0
    early = SimulatedMarket(FixedClock(EPOCH - timedelta(days=1)))
    assert len(ask(early, Interval.H1, EPOCH, NOW)) == 0
    with pytest.raises(MissingBars, match="begins at 2020-01-01T00:00:00Z"):
        early.quote("ALFAUSDT")


def test_what_it_does_not_have_is_refused_with_the_way_out(market: SimulatedMarket) -> None:
    with pytest.raises(MissingBars, match="take one of ALFAUSDT, BRAVUSDT"):
        market.quote("BTCUSDT")
    with pytest.raises(MissingBars, match="take 5m or longer"):
        ask(market, Interval.M1, EPOCH, NOW)
    with pytest.raises(ConfigurationError, match="seed -1"):
        SimulatedMarket(FixedClock(NOW), seed=-1)


def test_it_looks_like_a_market_and_says_that_it_is_none() -> None:
    """Shared moves, fat tails, and volatility that comes in clusters; the label on top."""
    clock = FixedClock(utc("2022-01-01"))
    market = SimulatedMarket(clock, seed=7)
    moves = np.array(
        [np.diff(np.log(values(ask(market, Interval.H1, EPOCH, clock.now(), symbol))[3])) for symbol in SYMBOLS]
    )
    together = np.corrcoef(moves)[np.triu_indices(len(SYMBOLS), 1)]
    assert 0.4 < together.min() <= together.max() < 0.7
    size = np.abs(moves[0])
    assert np.corrcoef(size[:-24], size[24:])[0, 1] > 0.1
    assert ((moves[0] - moves[0].mean()) ** 4).mean() / moves[0].var() ** 2 > 5
    assert DESCRIPTION.startswith("SIMULATED")
    assert market.name == "SIMULATED"


@pytest.fixture(scope="module")
def years() -> tuple[Floats, Floats]:
    """Hourly log closes and what an oracle knows at each, both (n_instruments, n_hours): 6.9 years of seed 7."""
    state, logs, latent = first_state(7), [], []
    for k in range(84):
        shared = make_shared(7, k, state)
        paths = [make_path(7, k, i, state, shared) for i in range(len(LISTING))]
        state = end_state(shared, paths)
        logs.append(np.log([path.columns[3][11::12] for path in paths]))
        latent.append([path.latent for path in paths])
    return np.hstack(logs), np.hstack(latent)


def test_the_planted_edge_is_as_large_as_the_description_says(years: tuple[Floats, Floats]) -> None:
    closes, latent = years
    assert closes.shape == (len(LISTING), 84 * HOURS)
    known = latent[:, :-24]
    right = np.sign(known) == np.sign(closes[:, 24:] - closes[:, :-24])
    clearest = np.abs(known) > np.quantile(np.abs(known), 2 / 3)
    assert 0.585 < right.mean() < 0.605
    assert 0.645 < right[clearest].mean() < 0.685
    assert "about 59 %" in DESCRIPTION
    assert "67 % on the clearest third" in DESCRIPTION


def test_the_drift_turns_within_days(years: tuple[Floats, Floats]) -> None:
    """A spot account only buys: it must not have to wait for weeks until a clear rise is to come."""
    _, latent = years
    clear = latent > np.quantile(np.abs(latent), 0.7)
    for rises in clear:
        waits = np.diff(np.flatnonzero(rises))
        assert waits.max() < 9 * 24
        assert np.quantile(np.diff(np.flatnonzero(np.diff(rises.astype(int)) == 1)), 0.9) < 5 * 24


def test_prices_stay_around_their_anchors(years: tuple[Floats, Floats]) -> None:
    closes, _ = years
    anchors = np.log([float(one.anchor) for one in LISTING])
    assert np.abs(closes - anchors[:, None]).max() < np.log(4)


def test_history_keeps_few_fine_blocks() -> None:
    history = History(7)
    for block in range(12):
        history.fine(block, 0)
    assert len(history._fine) <= 36


def test_opens_stand_on_the_grid(market: SimulatedMarket) -> None:
    series = ask(market, Interval.H4, utc("2020-03-01 01:00"), utc("2020-03-02"))
    assert series.bar(0).open_at == utc("2020-03-01 04:00")
    assert all(at % Interval.H4.ms == 0 for at in series.open_ms)
    assert series.open_ms[-1] + Interval.H4.ms == to_ms(utc("2020-03-02"))
