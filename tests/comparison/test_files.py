"""`compare` of rows that stay in their file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import h5py
import numpy as np
import pytest

import physfit as pf
from physfit.comparison.compared import compared
from physfit.comparison.convergence import Heights
from physfit.comparison.table import BY_PASSES, Comparison, compare
from physfit.data.hdf5.source import Hdf5Source
from physfit.errors import DataError, InputError, ShapeError
from physfit.fitting.columns import Columns
from physfit.fitting.fit_plan import FitPlan
from physfit.fitting.fit_settings import FitSettings
from physfit.solve.least_squares import levenberg_marquardt

MODEL = pf.models.Gaussian() + pf.models.Constant()
START = {"amplitude": 8.0, "center": 0.1, "sigma": 1.0, "c": 0.7}
N = 30_000
SMALL = 256 << 10


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More rows than a sample has, 720 kB of them."""
    rng = np.random.default_rng(8)
    x = rng.uniform(-5.0, 5.0, N)
    y = np.asarray(MODEL(x, amplitude=10.0, center=0.3, sigma=0.8, c=1.0))
    y += 0.5 * rng.standard_normal(N)
    path = tmp_path_factory.mktemp("rows") / "rows.h5"
    with h5py.File(path, "w") as out:
        out["rows"] = np.stack([x, y, np.full(N, 0.5)], axis=1)
    return path


@pytest.fixture(scope="module")
def streamed(file: Path) -> Comparison:
    """The default methods over rows that stay in their file."""
    return compare(
        *(MODEL, file), start=START, memory=SMALL, threads=2, repeats=1, seed=1
    )


def test_defaults_are_the_methods_that_stream(streamed: Comparison) -> None:
    """No method of scipy, and not scipy's reference."""
    methods = [row.method for row in streamed.rows]
    assert methods == ["lm", "gauss_newton", "adam", "sgd"]
    assert streamed.referee == BY_PASSES
    assert streamed.n_samples == N


def test_the_reference_is_that_of_the_same_rows_in_memory(
    streamed: Comparison, file: Path
) -> None:
    """A file read as a whole is judged by scipy, whose answer and errors are equal."""
    whole = compare(MODEL, file, start=START, methods=["lm"], repeats=1)
    assert whole.referee.startswith("scipy")
    stderr = np.array(list(whole.stderr.values()))
    found = np.array(list(streamed.values.values()))
    away = np.abs(found - list(whole.values.values())) / stderr
    # Both stop when nothing is left to gain: sqrt(eps cost) standard errors.
    assert away.max() < 1e-5
    np.testing.assert_allclose(list(streamed.stderr.values()), stderr, rtol=1e-6)
    assert streamed.cost == pytest.approx(whole.cost, rel=1e-12)


def test_what_converged_agrees(streamed: Comparison) -> None:
    """Least squares in passes to 0.01, methods on minibatches to what they claim."""
    assert streamed.agree
    assert streamed["lm"].agrees is True
    assert streamed["gauss_newton"].agrees is True
    assert streamed["lm"].distance < 1e-4
    assert streamed["lm"].path.passes[0] == 1.0


def test_a_source_that_fits_is_read_as_a_whole(file: Path) -> None:
    """Then scipy can take part, whatever the way the file was opened."""
    source = Hdf5Source(file)
    found = compare(
        *(MODEL, source),
        start=START,
        methods=["lm", "scipy:trf"],
        gradients="exact",
        repeats=1,
    )
    assert found["scipy:trf"].agrees is True
    assert found.n_samples == N


def test_scipy_cannot_stream(file: Path) -> None:
    """One sentence that names the method, the file and what to do."""
    with pytest.raises(InputError, match=r"`scipy:trf` needs all rows .*rows\.h5.*"):
        compare(MODEL, file, start=START, methods=["lm", "scipy:trf"], memory=SMALL)


@pytest.mark.parametrize("memory", ["64 MiB", 1.5, 0])
def test_memory_is_a_number_of_bytes(file: Path, memory: object) -> None:
    """Refused before the size of the file is compared with it."""
    with pytest.raises(InputError, match="`memory` must be a whole number"):
        compare(MODEL, file, start=START, methods=["lm"], memory=memory)


def test_a_file_has_its_own_columns(file: Path) -> None:
    """`y` beside a file is refused as by `fit`."""
    with pytest.raises(InputError, match="`y` must be left out"):
        compare(MODEL, Hdf5Source(file), np.ones(3), methods=["lm"])


def test_counts_in_a_file_carry_no_errors(file: Path) -> None:
    """A column of sigma and the Poisson loss contradict each other."""
    with pytest.raises(InputError, match="`poisson` takes its errors from the model"):
        compare(MODEL, file, loss="poisson", start=START, memory=SMALL)


def test_too_few_rows_are_refused(tmp_path: Path) -> None:
    """Before any pass."""
    path = tmp_path / "few.h5"
    with h5py.File(path, "w") as out:
        out["rows"] = np.ones((3, 2))
    with pytest.raises(
        ShapeError, match="3 samples cannot determine 4 free parameters"
    ):
        compare(MODEL, path, start=START, memory=1)


def test_rows_that_are_not_finite_follow_the_policy(file: Path, tmp_path: Path) -> None:
    """Refused with their number, or left out of every method."""
    path = tmp_path / "holes.h5"
    with h5py.File(file) as whole, h5py.File(path, "w") as out:
        rows = whole["rows"][:]
        rows[17, 1] = np.nan
        out["rows"] = rows
    options = {"start": START, "methods": ["lm", "adam"], "memory": SMALL}
    with pytest.raises((DataError, InputError), match="17"):
        compare(MODEL, path, repeats=1, **options)
    found = compare(MODEL, path, nan="omit", repeats=1, **options)
    assert found.agree
    assert found.n_samples == N - 1


@pytest.fixture
def plans(file: Path) -> Iterator[list[FitPlan]]:
    """The same rows read as a whole, and in their file."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                compared(
                    *(MODEL, Columns(str(file), None)),
                    FitSettings.of({"memory": memory}, start=START),
                )
            )
            for memory in (None, SMALL)
        ]


def test_heights_of_a_sample_are_those_of_all_rows(plans: list[FitPlan]) -> None:
    """Near the minimum and far from it, to a few times 1 / sqrt(n) of the sample."""
    assert [plan.is_streamed for plan in plans] == [False, True]
    limits = MODEL.free_lower, MODEL.free_upper
    best = levenberg_marquardt(plans[0].objective, plans[0].theta, *limits)
    exact, sampled = (Heights(plan, best) for plan in plans)
    assert plans[1].data.y.shape[1] < N
    step = np.sqrt(np.diagonal(best.covariance))
    for size in (0.01, 0.3, 10.0, 300.0):
        place = best.theta + size * step * np.array([1.0, -1.0, 1.0, -1.0])
        # 20000 of 30000 rows: 1 / sqrt(n) is 0.7 %.
        assert sampled(place) == pytest.approx(exact(place), rel=0.05)
        assert exact(place) > 0.0
