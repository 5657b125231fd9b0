"""`compare` of energies of spin configurations, in memory and in a file."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from physfit.comparison.table import BY_SUMS, Comparison, compare
from physfit.data.hdf5.source import Hdf5Source
from physfit.data.memory import ArraySource
from physfit.models import IsingEnergy, Model
from physfit.solve.base import Status

METHODS = ["lm", "adam", "sgd", "gauss_newton", "scipy:l-bfgs-b"]


def energies(n: int, model: Model, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Random configurations of int8, one a row, and noisy energies."""
    rng = np.random.default_rng(seed)
    spins = rng.choice(np.array([-1, 1], dtype=np.int8), size=(n, model.n_inputs))
    truth = dict(zip(model.names, np.linspace(0.5, 1.0, len(model.names)), strict=True))
    return spins, np.asarray(model(spins, **truth)) + 0.3 * rng.standard_normal(n)


def compared(model: Model, *data: object, **options: object) -> Comparison:
    """Every kind of method on the same energies."""
    wanted = {"methods": METHODS, "gradients": "exact", "repeats": 1, **options}
    return compare(model, *data, **wanted)


@pytest.mark.parametrize(
    "model",
    [IsingEnergy((4, 4)), IsingEnergy(6, "all_pairs", offset=True)],
    ids=["nearest", "pairs"],
)
def test_every_kind_of_method_agrees(model: Model) -> None:
    """Normal equations, minibatches and scipy get to one minimum."""
    found = compared(model, *energies(1500, model), sigma=0.3)
    assert [row.agrees for row in found.rows] == [True] * len(METHODS)
    assert found["lm"].distance < 1e-8
    assert found["adam"].status is Status.SETTLED


def test_sources_and_arrays_are_the_same_problem() -> None:
    """Spins of int8 in a source, or given as x and y."""
    model = IsingEnergy((4, 4))
    spins, y = energies(500, model)
    by_arrays = compared(model, spins, y, methods=["lm", "adam"])
    by_source = compared(model, ArraySource(spins, y), methods=["lm", "adam"])
    for ours, theirs in zip(by_arrays.rows, by_source.rows, strict=True):
        assert ours.values == pytest.approx(theirs.values, rel=1e-12)


def test_the_way_of_normal_equations_is_one_step() -> None:
    """From the start to the answer, which costs a pass or two."""
    model = IsingEnergy((4, 4))
    found = compared(model, *energies(500, model), methods=["lm"])
    path = found["lm"].path
    assert len(path.passes) == 2
    assert path.passes[0] == 1.0
    assert path.passes[1] == found["lm"].n_evals
    assert path.seconds[0] < path.seconds[1] == found["lm"].seconds
    assert path.excess[0] > 1.0


def test_files_of_configurations_are_streamed(tmp_path: Path) -> None:
    """Their reference comes from the normal equations, and is that in memory."""
    model = IsingEnergy((4, 4))
    spins, y = energies(8000, model)
    path = tmp_path / "spins.h5"
    with h5py.File(path, "w") as file:
        file["x"], file["y"] = spins, y
    methods = ["lm", "gauss_newton", "adam"]
    source = Hdf5Source(path, x="x", y="y", n_inputs=16)
    found = compared(model, source, methods=methods, memory=100_000)
    whole = compared(model, spins, y, methods=["lm"])
    assert found.referee == BY_SUMS
    assert found.agree
    assert found.values == pytest.approx(whole.values, rel=1e-9)
    assert found.stderr == pytest.approx(whole.stderr, rel=1e-9)
    assert [row.agrees for row in found.rows[:2]] == [True, True]


def test_couplings_that_the_data_leave_open_are_compared_by_cost() -> None:
    """Fewer configurations than couplings: many minima, all as good as each other."""
    model = IsingEnergy(8, "all_pairs")
    found = compared(model, *energies(12, model), sigma=0.3, methods=["lm"])
    assert found.referee == BY_SUMS
    assert found.agree
