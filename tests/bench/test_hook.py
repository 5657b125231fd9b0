"""The hook's fits give the harness's parameters back."""

from __future__ import annotations

from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from tests.bench import physfit_hook
from tests.bench.workloads import gaussian_line, ringdown, voigts

X = np.linspace(0.0, 10.0, 400)
PROBLEMS = {
    "a0": (
        lambda x, a, mu, s, c: gaussian_line(x, a, mu, s, 0.0, c),
        [5.0, 4.0, 0.9, 1.0],
    ),
    "a": (
        lambda x, a, mu, s, c, b: gaussian_line(x, a, mu, s, b, c),
        [5.0, 4.0, 0.9, 1.0, 0.2],
    ),
    "b": (
        lambda x, *p: voigts(x, *p[:12], p[14], p[13], p[12]),
        [10, 2, 0.5, 0.3, 6, 5, 0.4, 0.5, 8, 8, 0.6, 0.2, 1.0, 0.05, 0.01],
    ),
    "c": (
        lambda t, a, rate, w, phi, c: ringdown(t, a, w, rate, phi, c),
        [2.0, 0.3, 5.0, 0.4, 0.1],
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_parameters_come_back(name: str) -> None:
    """A curve without noise gives the parameters it was made with, in their order."""
    curve, truth = PROBLEMS[name]
    truth = np.array(truth)
    problem = SimpleNamespace(
        name=name,
        x=X,
        y=curve(X, *truth),
        sigma=np.full(X.size, 0.05),
        p0=truth * 1.02,
    )
    np.testing.assert_allclose(physfit_hook.w1(problem)(), truth, rtol=1e-8)


def test_physfit_is_found() -> None:
    """The harness may ask."""
    assert physfit_hook._have()


def test_an_epoch_over_a_file_ends_near_the_truth(tmp_path) -> None:
    """In the harness's convention: heights, and slope behind the intercept."""
    rng = np.random.default_rng(3)
    x = rng.uniform(-10.0, 10.0, 200_000)
    p = physfit_hook.TRUE
    y = p[9] + p[10] * x
    for k in (0, 3, 6):
        y += p[k] * np.exp(-0.5 * ((x - p[k + 1]) / p[k + 2]) ** 2)
    rows = np.stack([x, y + 0.1 * rng.normal(size=x.size), np.full(x.size, 0.1)], 1)
    with h5py.File(tmp_path / "rows.h5", "w") as file:
        file.create_dataset("d", data=rows, chunks=(10_000, 3))
    epoch = physfit_hook.w3(str(tmp_path / "rows.h5"), 256, 200_000)
    found, n_rows = epoch()
    assert n_rows == 200_000
    # The last parameters at a rate of 0.01, not their average.
    np.testing.assert_allclose(found, p, atol=0.15)
    again, few = physfit_hook.w3(str(tmp_path / "rows.h5"), 256, 2560)()
    assert few == 2560
    assert np.abs(again - p).max() > np.abs(found - p).max()


def test_couplings_come_back() -> None:
    """Of a ring, from energies without noise: 1e-3 is what the harness asks for."""
    rng = np.random.default_rng(11)
    spins = (2 * rng.integers(0, 2, (100_000, 40)) - 1).astype(np.int8)
    energies = -(spins * np.roll(spins, -1, 1)).sum(1).astype(float)
    truth = np.zeros((40, 40))
    for i in range(40):
        truth[i, (i + 1) % 40] = truth[(i + 1) % 40, i] = -0.5
    found = physfit_hook.w4(spins, energies)
    assert np.linalg.norm(found - truth) < 1e-3 * np.linalg.norm(truth)


def many_case(model: str, poisson: bool) -> SimpleNamespace:
    """Rows of heights, positions and widths, as the harness has them."""
    rng = np.random.default_rng(3)
    if model == "gauss1d":
        x, true = np.arange(64.0), np.array([100.0, 30.0, 5.0, 10.0])
        curve = true[0] * np.exp(-0.5 * ((x - true[1]) / true[2]) ** 2) + true[3]
    else:
        x, true = np.arange(225.0), np.array([500.0, 7.1, 6.8, 2.0, 10.0])
        across, down = np.arange(225) % 15, np.arange(225) // 15
        square = (across - true[1]) ** 2 + (down - true[2]) ** 2
        curve = true[0] * np.exp(-0.5 * square / true[3] ** 2) + true[4]
    rows = np.tile(curve, (20, 1))
    rows = rng.poisson(rows) if poisson else rows + rng.normal(size=rows.shape)
    start = true * rng.uniform(0.95, 1.05, (20, true.size))
    return SimpleNamespace(
        model=model,
        x=x,
        Y=rows.astype(float),
        P0=start,
        sg=1.0,
        poisson=poisson,
        true=true,
    )


@pytest.mark.parametrize(
    ("model", "poisson"), [("gauss1d", False), ("gauss2d", False), ("gauss2d", True)]
)
def test_many_fits_come_back_in_the_convention_of_the_harness(model, poisson):
    """Heights, not areas; steps of each fit."""
    case = many_case(model, poisson)
    found, steps = physfit_hook.w2(case)(0, 20)
    np.testing.assert_allclose(found.mean(axis=0), case.true, rtol=0.05)
    assert (steps > 0).all()
