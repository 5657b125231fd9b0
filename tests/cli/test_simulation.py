"""`simulate` writes tables that `fit` reads back to their truth."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.data.readers import read_table
from physfit.models import ComplexRingdown, Gaussian

PEAK = ("simulate", "-m", "gaussian + constant", "--x", "0:10:200")
TRUTH = ("-p", "amplitude=20,center=5,sigma=0.7", "-p", "c=2")


def test_without_noise_the_values_are_the_model(physfit):
    """The table on stdout holds x and the model, bit by bit."""
    outcome = physfit(
        *("simulate", "-m", "gaussian", "--x", "0:1:5"),
        *("-p", "amplitude=3,center=0.3,sigma=0.2"),
    )
    assert (outcome.code, outcome.err) == (0, "")
    comments = [line for line in outcome.out.splitlines() if line.startswith("#")]
    rows = outcome.out.splitlines()[len(comments) + 1 :]
    x, y = np.array([[float(cell) for cell in row.split(",")] for row in rows]).T
    assert comments == [
        "# model: gaussian",
        "# truth: amplitude = 3.0, center = 0.3, sigma = 0.2",
    ]
    np.testing.assert_array_equal(x, np.linspace(0.0, 1.0, 5))
    exact = Gaussian()(x, amplitude=3.0, center=0.3, sigma=0.2)
    np.testing.assert_array_equal(y, exact)


def test_a_fit_finds_the_truth(physfit, workplace):
    """Within five standard errors, the noise taken from the table."""
    physfit(*PEAK, *TRUTH, "--sigma", "0.1", "--seed", "3", "-o", "peak.csv")
    fitted = physfit("fit", "peak.csv", "-m", "gaussian + constant", "--json").json
    truth = {"amplitude": 20.0, "center": 5.0, "sigma": 0.7, "c": 2.0}
    pulls = [
        (fitted["parameters"][name]["value"] - value)
        / fitted["parameters"][name]["stderr"]
        for name, value in truth.items()
    ]
    assert np.abs(pulls).max() < 5.0
    assert fitted["quality"]["stderr_is_absolute"] is True


def test_noise_has_its_standard_deviation(physfit, workplace):
    """The spread about the model is the sigma asked for, within 4 of its errors."""
    physfit(
        *("simulate", "-m", "constant", "--x", "0:1:20001", "-p", "c=1"),
        *("--sigma", "0.25", "--seed", "5", "-o", "flat.csv"),
    )
    table = read_table("flat.csv")
    relative_error = 1.0 / np.sqrt(2.0 * table.y.size)
    assert np.std(table.y) == pytest.approx(0.25, rel=4.0 * relative_error)
    assert set(table.sigma) == {0.25}


def test_counts_are_integers_about_the_model(physfit, workplace):
    """`--poisson` draws counts whose mean and variance are the model."""
    physfit(
        *("simulate", "-m", "constant", "--x", "0:1:20001", "-p", "c=7"),
        *("--poisson", "--seed", "5", "-o", "flat.csv"),
    )
    table = read_table("flat.csv")
    np.testing.assert_array_equal(table.y, np.round(table.y))
    # 4 errors of the mean and of the variance of 20001 counts
    assert np.mean(table.y) == pytest.approx(7.0, abs=4.0 * np.sqrt(7.0 / 20001))
    assert np.var(table.y) == pytest.approx(7.0, rel=4.0 * np.sqrt(2.2 / 20001))


def test_the_seed_decides(physfit):
    """One seed gives one table, another seed another, no seed each time another."""
    first, again, other, *without = [
        physfit(*PEAK, *TRUTH, "--sigma", "1", *seed).out
        for seed in (["--seed", "1"], ["--seed", "1"], ["--seed", "2"], [], [])
    ]
    assert first == again
    assert len({first, other, *without}) == 4


def test_the_seed_that_was_drawn_is_written_down(physfit):
    """The seed in the header gives the table again."""
    drawn = physfit(*PEAK, *TRUTH, "--sigma", "1").out
    seed = next(line for line in drawn.splitlines() if line.startswith("# seed: "))
    again = physfit(*PEAK, *TRUTH, "--sigma", "1", "--seed", seed.split()[-1]).out
    assert again == drawn


def test_complex_models_take_two_columns(physfit, workplace):
    """Real and imaginary part, which `--y re,im` joins again."""
    values = {"amplitude": 2.0, "frequency": 3.0, "rate": 0.5, "phase": 0.1}
    physfit(
        *("simulate", "-m", "complex_ringdown", "--x", "0:2:64", "-o", "fid.csv"),
        *("-p", ",".join(f"{name}={value}" for name, value in values.items())),
    )
    table = read_table("fid.csv", y="re,im")
    exact = ComplexRingdown()(table.x, **values)
    np.testing.assert_array_equal(table.y, exact)


def test_overwrite_replaces_a_table(physfit, workplace):
    """An existing table goes only with `--overwrite`."""
    command = (*PEAK, *TRUTH, "-o", "peak.csv")
    codes = [physfit(*command, *more).code for more in ([], [], ["--overwrite"])]
    assert codes == [0, 1, 0]
