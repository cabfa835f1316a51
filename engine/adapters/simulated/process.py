"""The random process behind the simulated market: pure functions of (seed, block, state before the block).

Time is cut into blocks of 30 days from EPOCH, each of 8,640 bars of 5 minutes. A block's random numbers come from a
counter-based generator keyed by (seed, block, stream), so a block can be made again, to the bit, from the state before
it. Per bar: return = planted drift + pull to the anchor price + volatility x (market shock, own shock).

The drift follows the shocks of the last days, so that past prices tell of it: a move goes on for about a day, and a
little of it is taken back in the two days after. So it turns within days, and it never grows beyond EDGE.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from engine.adapters.simulated.listing import LISTING
from engine.market.columns import Floats

Complexes = NDArray[np.complex128]
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
"""Where the simulated history begins."""
DAYS, HOURS, STEPS = 30, 30 * 24, 30 * 24 * 12
"""A block in days, hours and bars of 5 minutes."""
_PER_HOUR = 12

EDGE = 1.6
"""The planted edge: the drift at its strongest, if it lasted for 24 hours, in units of the noise over 24 hours."""
MOMENTUM = complex(np.exp(-1 / 24 + 2j * np.pi / 96))
"""What is left of momentum after an hour: it fades to 1/e in a day while it swings, a whole turn in four days."""
_SATURATION = 1.5
"""The drift is EDGE x tanh(this x momentum): much momentum is hardly worth more than some."""
_SHOCK_SHARED = 0.55
"""Share of the shocks' variance that all instruments have in common."""
_REGIMES = np.array([0.8, 1.0, 1.3])
"""Volatility multipliers: calm, normal, wild."""
_CHANGE = np.array([[0.88, 0.12, 0.0], [0.07, 0.86, 0.07], [0.0, 0.2, 0.8]]).cumsum(axis=1)
"""Chances that a day of one regime is followed by a day of another, summed up along each row."""
_COMMON_VOL = (0.98, 0.18)
_OWN_VOL = (0.96, 0.15)
_VOLUME = (0.90, 0.35)
"""(memory from hour to hour, standard deviation) of slow logarithmic factors."""
_PULL = 0.6
"""Share of its distance from the anchor that a log price gives back in a block."""
_TAIL = 5.0
"""Degrees of freedom of the shocks."""
_DAY = 1.0 + 0.25 * np.sin(2 * np.pi * (np.arange(24) - 8) / 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where the process stands at the start of a block; arrays are of shape (n_instruments,)."""

    log_price: Floats
    momentum: Complexes
    own_vol: Floats
    volume: Floats
    common_vol: float
    regime: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What all instruments have in common in a block: hourly volatility level, a shock a bar, the last day's regime."""

    common_vol: Floats
    level: Floats
    shock: Floats
    regime: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One instrument in one block, before rounding: (open, high, low, close, volume), each of shape (STEPS,).

    `latent` has the sign of the drift to come over 24 hours, at each hour's close, shape (HOURS,): what an oracle would
    know. The rest is where it ends.
    """

    columns: tuple[Floats, Floats, Floats, Floats, Floats]
    latent: Floats
    log_price: float
    momentum: complex
    own_vol: float
    volume: float


def first_state(seed: int) -> State:
    """The state at EPOCH: prices at their anchors, the slow factors drawn from their long-run distributions."""
    n = len(LISTING)
    draws = _stream(seed, 0, 63).standard_normal(1 + 4 * n)
    own = draws[1:].reshape(4, n)
    return State(
        log_price=np.log([float(one.anchor) for one in LISTING]), momentum=own[0] + 1j * own[1],
        own_vol=own[2] * _OWN_VOL[1], volume=own[3] * _VOLUME[1], common_vol=float(draws[0] * _COMMON_VOL[1]), regime=1,
    )  # fmt: skip


def make_shared(seed: int, index: int, start: State) -> Shared:
    """Make the common part of block `index` of the market `seed`, which starts in state `start`."""
    rng = _stream(seed, index, 0)
    regimes = _regimes(rng.random(DAYS), start.regime)
    common_vol = _slow(start.common_vol, rng.standard_normal(HOURS), *_COMMON_VOL)
    level = np.exp(common_vol) * np.repeat(_REGIMES[regimes], 24) * np.tile(_DAY, DAYS)
    return Shared(common_vol=common_vol, level=level, shock=_tailed(rng), regime=int(regimes[-1]))


def make_path(seed: int, index: int, i: int, start: State, shared: Shared) -> Path:
    """Make the block of the instrument at place `i` of LISTING, from a random stream of its own."""
    one, rng = LISTING[i], _stream(seed, index, i + 1)
    own_vol = _slow(start.own_vol[i], rng.standard_normal(HOURS), *_OWN_VOL)
    activity = _slow(start.volume[i], rng.standard_normal(HOURS), *_VOLUME)
    noise = np.sqrt(_SHOCK_SHARED) * shared.shock + np.sqrt(1 - _SHOCK_SHARED) * _tailed(rng)
    momentum = _momentum(complex(start.momentum[i]), noise)
    hourly = one.daily_volatility / np.sqrt(24) * shared.level * np.exp(own_vol)
    sigma = np.repeat(hourly, _PER_HOUR) / np.sqrt(_PER_HOUR)
    planted = EDGE / np.sqrt(24) * hourly * np.tanh(_SATURATION * momentum[:-1].real)
    pull = -_PULL * (start.log_price[i] - np.log(float(one.anchor))) / STEPS
    closes = start.log_price[i] + np.cumsum(np.repeat(planted, _PER_HOUR) / _PER_HOUR + pull + sigma * noise)
    opens = np.concatenate([start.log_price[i : i + 1], closes[:-1]])
    reach = np.abs(rng.standard_normal((2, STEPS))) * sigma * 0.5
    busy = np.exp(np.repeat(activity, _PER_HOUR) + 0.3 * rng.standard_normal(STEPS)) * (0.5 + np.abs(noise))
    columns = (
        np.exp(opens), np.exp(np.maximum(opens, closes) + reach[0]), np.exp(np.minimum(opens, closes) - reach[1]),
        np.exp(closes), one.daily_volume / (24 * _PER_HOUR) * np.repeat(shared.level, _PER_HOUR) * busy,
    )  # fmt: skip
    return Path(
        columns=columns, latent=_ahead(momentum[1:]), log_price=float(closes[-1]), momentum=complex(momentum[-1]),
        own_vol=float(own_vol[-1]), volume=float(activity[-1]),
    )  # fmt: skip


def end_state(shared: Shared, paths: Sequence[Path]) -> State:
    """The state after a block: where the next one starts."""
    return State(
        log_price=np.array([path.log_price for path in paths]), momentum=np.array([path.momentum for path in paths]),
        own_vol=np.array([path.own_vol for path in paths]), volume=np.array([path.volume for path in paths]),
        common_vol=float(shared.common_vol[-1]), regime=shared.regime,
    )  # fmt: skip


def _stream(seed: int, index: int, stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=np.array([seed, index * 64 + stream], dtype=np.uint64)))


def _momentum(before: complex, noise: Floats) -> Complexes:
    """Momentum at the open of each hour and at the block's end: the real part drives the drift, of deviation 1.

    An hour's shock adds to the real part; then the whole fades and turns into the imaginary part and back.
    """
    size = np.sqrt((1 / (1 - abs(MOMENTUM) ** 2) + (1 / (1 - MOMENTUM**2)).real) / 2)
    hourly = noise.reshape(HOURS, _PER_HOUR).sum(axis=1) / np.sqrt(_PER_HOUR)
    return np.concatenate([[before], _decayed(before, hourly / size, MOMENTUM)])


def _ahead(momentum: Complexes) -> Floats:
    """Momentum's real part, summed over the next 24 hours if no shock came."""
    return np.asarray((momentum * (1 - MOMENTUM**24) / (1 - MOMENTUM)).real)


def _tailed(rng: np.random.Generator) -> Floats:
    draws: Floats = rng.standard_t(_TAIL, STEPS)
    draws /= np.sqrt(_TAIL / (_TAIL - 2))
    return draws


def _slow(before: float, draws: Floats, memory: float, deviation: float) -> Floats:
    """An autoregression of order one over a block, from the value before it; long-run deviation as given."""
    return np.asarray(_decayed(before, draws * (deviation * np.sqrt(1 - memory**2)), memory).real)


def _decayed(before: complex, steps: Floats, memory: complex) -> Complexes:
    """x[t] = memory x[t-1] + steps[t] over a block, from x = before.

    In runs of a day, x[t] = m**t (x[0] + sum of steps / m**s), which numpy can do without a loop over t.
    """
    powers = memory ** np.arange(1, 25)
    sums = np.cumsum(steps.reshape(DAYS, 24) / powers, axis=1) * powers
    out = np.empty((DAYS, 24), dtype=np.complex128)
    for day in range(DAYS):
        out[day] = sums[day] + powers * before
        before = complex(out[day, -1])
    return out.ravel()


def _regimes(draws: Floats, before: int) -> NDArray[np.int64]:
    out = np.empty(DAYS, dtype=np.int64)
    for day, draw in enumerate(draws):
        before = int(np.searchsorted(_CHANGE[before], draw, side="right"))
        out[day] = before
    return out
