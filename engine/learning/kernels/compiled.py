"""One door to numba: compiled without fastmath or parallel, types kept, the GIL let go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])

Matrix = NDArray[np.float64]
"""Shape (n_rows, n_features), C order."""

Column = NDArray[np.float64]
"""Shape (n_rows,)."""


def compiled(function: F) -> F:
    """Compile at the first call and keep the machine code on disk.

    Numba's cache looks at the function's own file only: a compiled function here calls none of another file.
    """
    return cast(F, numba.njit(cache=True, nogil=True, fastmath=False)(function))
