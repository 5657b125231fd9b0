"""The sample of a file's rows that starts are guessed from, and that is shown."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from physfit import Hdf5Source, Status, bounds, compare, find_rate, fit
from physfit.counts import available_threads
from physfit.data.memory import ArraySource
from physfit.data.sampled_rows import PLACES, sample_of
from physfit.errors import DomainError, InputError
from physfit.fitting.start import GUESSED_FROM, thinned
from physfit.models import Constant, Exponential, Gaussian
from physfit.models.loss import as_loss

N = 100_000
X = np.arange(float(N))


def source_of(y=None, sigma=None):
    return ArraySource(X, 2.0 * X if y is None else y, sigma)


def test_a_small_source_is_taken_whole():
    """In its order."""
    found = sample_of(ArraySource(X[:50], X[:50], X[:50] + 1.0), 1000)
    np.testing.assert_array_equal(found.x[0], X[:50])
    np.testing.assert_array_equal(found.sigma[0], X[:50] + 1.0)
    assert found.n_total == 50


@pytest.mark.parametrize("most", [1, 640, 20_000])
def test_a_sorted_source_is_seen_from_end_to_end(most):
    """Stretches of whole rows, the first and the last row among them."""
    found = sample_of(source_of(), most)
    x = found.x[0]
    assert (x[0], x[-1]) == (0.0, N - 1.0)
    assert len(x) == PLACES * -(-max(most, PLACES) // PLACES)
    assert len(np.unique(x)) == len(x)
    np.testing.assert_array_equal(found.y[0], 2.0 * x)
    assert found.n_total == N


def test_rows_that_are_not_finite_are_left_out_or_named():
    """By their number in the source."""
    y = 2.0 * X
    y[7] = np.nan
    assert 7.0 not in sample_of(source_of(y), 640, nan="omit").x
    with pytest.raises(DomainError, match="`y` of row 7 of"):
        sample_of(source_of(y), 640)
    with pytest.raises(InputError, match="`nan` must be"):
        sample_of(source_of(), 640, nan="drop")


def test_negative_counts_are_named_where_they_are_none():
    """Only counts must not be negative."""
    y = 2.0 * X
    y[3] = -1.0
    assert sample_of(source_of(y), 640).y.min() == -1.0
    with pytest.raises(DomainError, match="row 3 of"):
        sample_of(source_of(y), 640, loss=as_loss("poisson").kernel)


def test_a_guess_is_made_from_few_samples():
    """Drawn without repetition, in their order, the same ones each time."""
    shown = sample_of(source_of(sigma=X + 1.0), 20_000)
    few = thinned(shown)
    assert few.x.shape == (1, GUESSED_FROM)
    assert (np.diff(few.x[0]) > 0.0).all()
    np.testing.assert_array_equal(few.y, 2.0 * few.x)
    np.testing.assert_array_equal(few.sigma, few.x + 1.0)
    np.testing.assert_array_equal(few.x, thinned(shown).x)
    small = sample_of(source_of(), 640)
    assert thinned(small) is small


@pytest.mark.parametrize("method", ["adam", "gauss_newton"])
def test_counts_whose_guess_dips_below_zero_find_a_start(method):
    """Poisson's loss is not defined there; least squares goes first."""
    rng = np.random.default_rng(4)
    x = np.linspace(0.0, 30.0, 5000)
    truth = {"amplitude": 60.0, "decay": 2.0, "c": 0.02}
    model = Exponential() + Constant()
    y = rng.poisson(model(x, **truth)).astype(float)
    found = fit(model, ArraySource(x, y), loss="poisson", method=method)
    expected = fit(model, x, y, loss="poisson")
    assert found.status is not Status.NOT_FINITE_AT_START
    assert found.n_steps > 0
    # An unbounded background of next to nothing is hard for a method with noise.
    for name in model.free_names if method != "adam" else ():
        away = abs(found[name].value - expected[name].value) / expected[name].stderr
        assert away < 0.35


def test_a_random_start_scales_by_the_guess_as_well():
    """A peak far outside of the data has no curvature, and must not be thrown away."""
    rng = np.random.default_rng(4)
    x = np.linspace(0.0, 10.0, 2000)
    model = Gaussian().where(center=bounds(-300.0, 300.0))
    y = model(x, amplitude=5.0, center=5.0, sigma=0.8) + 0.1 * rng.normal(size=2000)
    found = fit(
        *(model, x, y),
        method="sgd",
        start="random",
        seed=1,
        batch_size=100,
        max_steps=20,
    )
    assert abs(found["center"].start) > 20.0
    moved = abs(found["center"].value - found["center"].start)
    assert moved < 20.0


def test_threads_are_those_that_are_granted(monkeypatch):
    """By the scheduler, or by the affinity of the process."""
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", "7")
    assert available_threads() == 7
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", "many")
    assert 1 <= available_threads() < 10_000


DOORS = {
    "fit": lambda data: fit(Constant(), data, method="sgd", epochs=2),
    "compare": lambda data: compare(Constant(), data, memory=1 << 16, methods=["lm"]),
    "find_rate": lambda data: find_rate(Constant(), data, method="sgd", steps=3),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_file_is_closed_by_whom_it_was_opened(tmp_path, monkeypatch, door):
    """By physfit where a path was given, never where a source was."""
    path = tmp_path / "rows.h5"
    with h5py.File(path, "w") as file:
        file["x"], file["y"] = X[:9000], X[:9000]
    closed, close = [], Hdf5Source.close
    monkeypatch.setattr(
        Hdf5Source, "close", lambda source: (closed.append(source), close(source))
    )
    DOORS[door](str(path))
    assert len(closed) == 1
    with Hdf5Source(path) as source:
        DOORS[door](source)
        assert len(closed) == 1
