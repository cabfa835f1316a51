"""Falls: how far equity has come down, and when that is far enough. Amounts in atoms, shares in millionths."""

from __future__ import annotations

from engine.domain.money import PPM
from engine.kernel.compiled import compiled
from engine.kernel.integers import muldiv, share_up


@compiled
def halting_at(start: int, limit_ppm: int) -> int:
    """The equity at or below which a fall from `start` has reached the limit; -1 where nothing can fall.

    >>> halting_at(1_000, 200_000)
    800
    """
    return start - share_up(start, limit_ppm) if start > 0 else -1


@compiled
def fallen(start: int, now: int, limit_ppm: int) -> bool:
    """True where `now` lies below `start` by the limit's share of it, or more.

    >>> fallen(1_000, 800, 200_000), fallen(1_000, 801, 200_000)
    (True, False)
    """
    return now <= halting_at(start, limit_ppm)


@compiled
def fall_ppm(start: int, now: int) -> int:
    """The share of `start` that is gone, rounded up, within 0 and a million.

    >>> fall_ppm(3_000, 2_000), fall_ppm(3_000, 3_500), fall_ppm(0, 5)
    (333334, 0, 0)
    """
    if start <= 0 or now >= start:
        return 0
    return PPM - muldiv(max(now, 0), PPM, start)


@compiled
def shrunk_ppm(fall: int, soft_ppm: int, limit_ppm: int) -> int:
    """What a fall leaves of a full size: all up to `soft_ppm`, then less in a straight line, nothing at `limit_ppm`.

    >>> [shrunk_ppm(fall, 100_000, 200_000) for fall in (50_000, 125_000, 200_000)]
    [1000000, 750000, 0]
    """
    if fall <= soft_ppm:
        return PPM
    if fall >= limit_ppm:
        return 0
    return (limit_ppm - fall) * PPM // (limit_ppm - soft_ppm)
