"""How far from the least-squares answer an epoch ends, by the order of its rows."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

import physfit as pf

TRUE = {"amplitude": 5.0, "center": 1.0, "sigma": 0.8, "slope": 0.1, "intercept": 1.0}
START = {"amplitude": 4.5, "center": 1.1, "sigma": 0.9, "slope": 0.05, "intercept": 1.1}
N = 100_000
#: Windows are a tenth of the data or less.
MEMORY = 1 << 20
SEEDS = range(10)
LAYOUTS = {
    "contiguous": {},
    "chunked": {"chunks": (2000, 3)},
    "gzip": {"chunks": (2000, 3), "compression": "gzip"},
}


def written(path, *, is_sorted, layout):
    rng = np.random.default_rng(0)
    x = rng.uniform(-4.0, 6.0, N)
    if is_sorted:
        x.sort()
    y = (pf.models.Gaussian() + pf.models.Linear())(x, **TRUE) + rng.normal(0, 0.2, N)
    rows = np.stack([x, y, np.full(N, 0.2)], axis=1)
    with h5py.File(path, "w") as file:
        file.create_dataset("d", data=rows, **LAYOUTS[layout])
    return path


def error(path, sampler, method, schedule):
    """Root mean square distance to the exact answer in standard errors, over seeds."""
    model = pf.models.Gaussian() + pf.models.Linear()
    exact = pf.fit(model, path, method="gauss_newton", start=START)
    sigma = np.sqrt(np.diag(exact.covariance))
    away = [
        pf.fit(
            model,
            path,
            method=method,
            sampler=sampler,
            learning_rate=schedule,
            seed=seed,
            batch_size=256,
            epochs=1,
            tolerance=0.0,
            memory=MEMORY,
            start=START,
        ).solution.theta
        - exact.solution.theta
        for seed in SEEDS
    ]
    return float(np.sqrt(np.mean(np.square(np.array(away) / sigma))))


@pytest.mark.parametrize(("method", "schedule"), [("adam", 0.01), ("sgd", 0.05)])
@pytest.mark.parametrize("is_sorted", [False, True], ids=["random", "sorted"])
@pytest.mark.parametrize("layout", ["contiguous", "chunked"])
def test_blocks_are_as_good_as_independent_rows(
    tmp_path, layout, is_sorted, method, schedule
):
    """One epoch in shuffled blocks ends as near as one of independent draws."""
    path = written(tmp_path / "rows.h5", is_sorted=is_sorted, layout=layout)
    ratio = error(path, "blocks", method, schedule) / error(
        path, "with_replacement", method, schedule
    )
    # Some 50 values each, correlated within a run: 20 % spread of either error. Every
    # row once is better than with replacement, so there is no bound from below.
    assert ratio < 1.6


def test_a_sorted_compressed_file_is_told_and_shuffled_once(tmp_path):
    """Whole chunks of sorted rows mix badly: a sentence says so, and the cure works."""
    path = written(tmp_path / "rows.h5", is_sorted=True, layout="gzip")
    model = pf.models.Gaussian() + pf.models.Linear()
    settings = {"method": "adam", "epochs": 1, "memory": MEMORY, "start": START}
    told = [s for s in pf.fit(model, path, **settings).warnings if "are sorted" in s]
    assert len(told) == 1
    assert "`physfit shuffle`" in told[0]
    pf.shuffle_file(path, tmp_path / "shuffled.h5", seed=1)
    after = pf.fit(model, tmp_path / "shuffled.h5", **settings)
    assert not any("are sorted" in sentence for sentence in after.warnings)
    ratio = error(tmp_path / "shuffled.h5", "blocks", "adam", 0.01) / error(
        path, "blocks", "adam", 0.01
    )
    # Measured 0.25: the sorted file ends some eight standard errors away.
    assert ratio < 0.6
