"""An epoch of Adam over a file beside a hand-written loop in numpy, in one run.

`pytest tests/bench/test_stream_time.py --benchmark-enable` prints a group for each
batch size; compare the minima there, not figures of different runs. The file is small,
so that it stays in the page cache.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.bench import physfit_hook

CHUNK = 40_960
ROWS = 24 * CHUNK
BATCHES = [1024, 8192]


def curve(x: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Three Gaussians of given heights on a line."""
    y = p[9] + p[10] * x
    for k in (0, 3, 6):
        y = y + p[k] * np.exp(-0.5 * ((x - p[k + 1]) / p[k + 2]) ** 2)
    return y


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows (x, y, sigma) in chunks of about 1 MiB."""
    rng = np.random.default_rng(3)
    x = rng.uniform(-10.0, 10.0, ROWS)
    mean = curve(x, physfit_hook.TRUE)
    sigma = 0.1 + 0.05 * np.sqrt(mean)
    rows = np.stack([x, mean + sigma * rng.standard_normal(ROWS), sigma], 1)
    path = tmp_path_factory.mktemp("stream") / "rows.h5"
    with h5py.File(path, "w") as own:
        own.create_dataset("d", data=rows, chunks=(CHUNK, 3))
    return path


def gradient(p: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Gradient of the mean of chi2 / 2, in as few passes of numpy as there are."""
    x, y, sigma = columns
    residual = p[9] + p[10] * x - y
    shapes = []
    for k in (0, 3, 6):
        u = (x - p[k + 1]) / p[k + 2]
        shape = np.exp(-0.5 * u * u)
        residual += p[k] * shape
        shapes.append((u, shape))
    residual /= sigma * sigma * x.size
    found = np.empty(11)
    for k, (u, shape) in zip((0, 3, 6), shapes, strict=True):
        slope = residual * shape
        found[k] = slope.sum()
        found[k + 1] = (slope @ u) * p[k] / p[k + 2]
        found[k + 2] = (slope @ (u * u)) * p[k] / p[k + 2]
    found[9], found[10] = residual.sum(), residual @ x
    return found


def by_hand(path: Path, batch: int) -> Callable[[], tuple[np.ndarray, int]]:
    """Adam in numpy over chunks in random order, rows shuffled in each."""

    def epoch() -> tuple[np.ndarray, int]:
        p = physfit_hook.P0.copy()
        m, v = np.zeros((2, 11))
        rng, t = np.random.default_rng(1), 0
        with h5py.File(path) as own:
            for start in rng.permutation(np.arange(0, ROWS, CHUNK)):
                rows = own["d"][start : start + CHUNK]
                columns = np.ascontiguousarray(rows[rng.permutation(CHUNK)].T)
                for k in range(0, CHUNK, batch):
                    g, t = gradient(p, columns[:, k : k + batch]), t + 1
                    m += 0.1 * (g - m)
                    v += 0.001 * (g * g - v)
                    size = np.sqrt(v / (1.0 - 0.999**t)) + 1e-8
                    p -= physfit_hook.RATE * m / (1.0 - 0.9**t) / size
        return p, ROWS

    return epoch


LOOPS = {
    "physfit": lambda path, batch: physfit_hook.w3(str(path), batch, ROWS),
    "numpy": by_hand,
}


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("name", LOOPS)
def test_epoch_of_adam(benchmark, file: Path, name: str, batch: int) -> None:
    """One epoch over all rows; it gets as near to the truth as a rate of 0.01 lets."""
    benchmark.group = f"one epoch of Adam, {ROWS} rows, batch {batch}"
    found, n_rows = benchmark(LOOPS[name](file, batch))
    assert n_rows == ROWS
    if batch == min(BATCHES):
        # Its noise: the rate, times some.
        np.testing.assert_allclose(found, physfit_hook.TRUE, atol=0.15)
