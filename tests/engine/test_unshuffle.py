"""The inverse of HDF5's shuffle filter."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.engine import jit
from physfit.engine.unshuffle import unshuffle


@pytest.mark.parametrize("size", [1, 2, 4, 8, 16, 3])
@pytest.mark.parametrize("n", [0, 1, 31, 1000])
def test_planes_become_numbers(size, n):
    """Byte k of number i stands at k * n + i; what is left over stays."""
    rng = np.random.default_rng(size)
    numbers = rng.integers(0, 256, (n, size), dtype=np.uint8)
    rest = np.arange(size - 1, dtype=np.uint8)
    planes = np.concatenate([np.ascontiguousarray(numbers.T).ravel(), rest])
    out = np.full(planes.size + 1, 7, dtype=np.uint8)
    jit.compiled(unshuffle).call(planes.ctypes.data, planes.size, size, out.ctypes.data)
    expected = np.concatenate([numbers.ravel(), rest, [7]])
    np.testing.assert_array_equal(out, expected)
