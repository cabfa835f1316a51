"""R's own normal draws, set.seed(k); rnorm(n): Mersenne Twister, inversion. For vectors that were published in R."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray


def rnorm(seed: int, n: int) -> NDArray[np.float64]:
    """What `set.seed(seed); rnorm(n)` gives in R 3 and later."""
    twister = np.random.MT19937()
    twister.state = {"bit_generator": "MT19937", "state": {"key": _key(seed), "pos": 624}}
    draws = twister.random_raw(2 * n).astype(np.float64) * 2.3283064365386963e-10
    uniform = (np.floor(2.0**27 * draws[0::2]) + draws[1::2]) / 2.0**27
    inverse = NormalDist().inv_cdf
    return np.array([inverse(u) for u in uniform.tolist()])


def _key(seed: int) -> NDArray[np.uint32]:
    """R scrambles the seed fifty times, then fills the state by the same congruence; the first word is the position."""
    words = []
    for step in range(50 + 625):
        seed = (69069 * seed + 1) % 2**32
        if step > 50:
            words.append(seed)
    return np.array(words, dtype=np.uint32)
