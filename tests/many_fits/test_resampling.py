"""Data sets made from one: what they are made of, and that they depend on nothing."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from physfit.data.record import Observations
from physfit.many_fits import replicas
from physfit.many_fits.resampling import (
    generator,
    implied,
    left_out,
    noise,
    pairs,
    rows_of_chunk,
    shared_sigma,
)
from physfit.models.loss import as_loss
from physfit.models.samples import joined

N = 50
X = np.linspace(0.0, 1.0, N)[None]
CURVE = np.array([5.0 + X[0], 3.0 - X[0]])
SIGMA = np.array([0.1 + X[0], 0.2 + X[0]])


def data(n_outputs: int, sigma: bool) -> Observations:
    y = CURVE[:n_outputs] + SIGMA[:n_outputs]
    return Observations(X, y, SIGMA[:n_outputs] if sigma else None)


def drawn(resampling, n_rows=4000):
    rows = resampling.template(n_rows)
    resampling.fill(generator(3, 0), rows)
    return rows


@pytest.mark.parametrize("n_outputs", [1, 2], ids=["real", "complex"])
def test_noise_has_the_mean_and_the_spread_that_are_asked_for(n_outputs):
    """Of each part of each sample; parts are independent."""
    curve, spread = CURVE[:n_outputs], SIGMA[:n_outputs]
    y = drawn(noise(X, curve, spread, spread)).y
    parts = np.stack([y.real, y.imag][:n_outputs])
    np.testing.assert_allclose(
        (parts.mean(axis=1) - curve) / spread, 0.0, atol=4.5 / np.sqrt(4000)
    )
    np.testing.assert_allclose(
        parts.std(axis=1) / spread, 1.0, atol=4.5 / np.sqrt(8000)
    )
    pulls = (parts - curve[:, None]) / spread[:, None]
    cross = np.einsum("kni,lni->kl", pulls, pulls) / pulls[0].size
    np.testing.assert_allclose(cross, np.eye(n_outputs), atol=0.02)


def test_counts_have_the_curve_as_mean_and_variance():
    """Whole numbers, not below 0."""
    y = drawn(implied(X, CURVE[:1], as_loss("poisson"))).y
    assert (y == np.round(y)).all()
    np.testing.assert_allclose(y.mean(axis=0), CURVE[0], atol=0.2)
    np.testing.assert_allclose(y.var(axis=0), CURVE[0], rtol=0.12)


@pytest.mark.parametrize("sigma", [True, False], ids=["sigma", "no sigma"])
def test_residuals_are_those_of_the_pool_in_units_of_sigma(sigma):
    """Every one is drawn as often as every other."""
    pool = np.arange(1.0, 8.0)
    spread = SIGMA[:1] if sigma else None
    y = drawn(noise(X, CURVE[:1], spread, spread, pool)).y
    seen = np.round((y - CURVE[0]) / (SIGMA[0] if sigma else 1.0), 6)
    values, counts = np.unique(seen, return_counts=True)
    np.testing.assert_array_equal(values, pool)
    np.testing.assert_allclose(counts / counts.mean(), 1.0, atol=0.03)


def test_parts_of_complex_residuals_stay_together():
    """Both parts of a residual are of one sample, each in units of its own sigma."""
    pool = np.arange(1.0, 8.0) * (1.0 + 10.0j)
    y = drawn(noise(X, CURVE, SIGMA, SIGMA, pool), 200).y
    real, imaginary = (y.real - CURVE[0]) / SIGMA[0], (y.imag - CURVE[1]) / SIGMA[1]
    np.testing.assert_allclose(imaginary, 10.0 * real, rtol=1e-9)


@pytest.mark.parametrize("n_outputs", [1, 2], ids=["real", "complex"])
@pytest.mark.parametrize("sigma", [True, False], ids=["sigma", "no sigma"])
def test_pairs_keep_x_y_and_sigma_of_a_sample_together(n_outputs, sigma):
    """And each sample comes with the same probability."""
    own = data(n_outputs, sigma)
    rows = drawn(pairs(own), 2000)
    numbers = np.round(rows.x[:, 0] * (N - 1)).astype(int)
    np.testing.assert_array_equal(rows.y, joined(own.y)[numbers])
    if sigma:
        found = rows.sigma[:, None] if n_outputs == 1 else rows.sigma
        known = SIGMA[:n_outputs, numbers].transpose(1, 0, 2)
        np.testing.assert_array_equal(found, known)
    counts = np.bincount(numbers.ravel())
    assert len(counts) == N
    np.testing.assert_allclose(counts / 2000.0, 1.0, atol=0.12)


def test_pairs_take_each_sample_along_all_coordinates():
    """Two coordinates, and one sigma for all."""
    x = np.stack([X[0], X[0] ** 2])
    rows = drawn(pairs(Observations(x, CURVE[:1], np.full((1, N), 0.5))), 10)
    np.testing.assert_array_equal(rows.x[:, 1], rows.x[:, 0] ** 2)
    assert rows.sigma.shape == (1, 1)


def test_each_data_set_lacks_another_sample():
    """One of them each, without a copy of y."""
    rows = left_out(data(1, True), 2, 5)
    assert rows.y.strides[0] == 0
    np.testing.assert_array_equal(np.argwhere(rows.mask), [[0, 2], [1, 3], [2, 4]])


@pytest.mark.parametrize(
    ("sigma", "shape"),
    [
        (np.full((2, 5), 3.0), (1, 1)),
        (np.arange(1.0, 6.0)[None], (1, 5)),
        (np.tile(np.arange(1.0, 6.0), (2, 1)), (1, 5)),
        (np.arange(1.0, 11.0).reshape(2, 5), (1, 2, 5)),
    ],
    ids=["one", "real", "alike", "parts"],
)
def test_sigma_takes_the_smallest_shape(sigma, shape):
    """One number, one per sample, or one per part of a sample."""
    assert shared_sigma(sigma).shape == shape


def test_chunks_differ_and_follow_from_seed_and_number_alone():
    """Three generators, three sequences; the same again."""
    first = [generator(*key).random(4).tolist() for key in ((1, 0), (1, 1), (2, 0))]
    again = [generator(*key).random(4).tolist() for key in ((1, 0), (1, 1), (2, 0))]
    assert first == again
    assert len({tuple(own) for own in first}) == 3
    assert [rows_of_chunk(n) for n in (1, 300, 10**7)] == [256, 218, 1]


@pytest.mark.parametrize("kind", ["residual", "pairs", "parametric"])
def test_neither_blocks_nor_threads_nor_more_refits_change_a_refit(kind, monkeypatch):
    """Bit for bit: a block of one chunk, of all of them, one thread, two."""
    y = 2.0 * X[0] + 0.1 * np.random.default_rng(1).normal(size=N)
    fit = pf.fit(pf.models.Linear(), X[0], y, sigma=0.1)
    whole = pf.bootstrap(fit, 1200, kind=kind, threads=2).replicas
    monkeypatch.setattr(replicas, "BLOCK_BYTES", 1)
    pieces = pf.bootstrap(fit, 700, kind=kind, threads=1).replicas
    np.testing.assert_array_equal(pieces, whole[:700])
    assert (pf.bootstrap(fit, 700, kind=kind, seed=1).replicas != pieces).any()
