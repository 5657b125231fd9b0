"""`x_range` and tables, by every door that takes data of one curve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import physfit as pf
from physfit.data.table import Table
from physfit.errors import InputError, ShapeError
from physfit.models import ComplexRingdown, Gaussian, IsingChainEnergy, Linear

RNG = np.random.default_rng(11)
X = np.linspace(0.0, 10.0, 101)
MODEL = Gaussian() + Linear().where(slope=pf.fixed(0.0))
START = {"amplitude": 2.0, "center": 5.0, "sigma": 0.6, "intercept": 1.0}
SIGMA = np.where(X < 5.0, 0.05, 0.08)
Y = MODEL(X, **START) + SIGMA * RNG.normal(size=X.size)
LOW, HIGH = float(X[30]), float(X[80])
INSIDE = slice(30, 81)
TABLE = Table(X, Y, SIGMA, "time", "signal", "s", "V", "run.csv", "")


def _of_fit(result: pf.FitResult) -> list[float]:
    return [*result.values.values(), *result.stderr.values(), result.n_samples]


def _best(found: Any) -> list[float]:
    return [found.n_samples, *found.ends[0].tolist()]


DOORS: dict[str, Callable[..., list[float]]] = {
    "fit": lambda *of, **how: _of_fit(pf.fit(MODEL, *of, start=START, **how)),
    "guessed": lambda *of, **how: _of_fit(pf.fit(MODEL, *of, **how)),
    "scipy": lambda *of, **how: _of_fit(
        pf.fit(MODEL, *of, method="scipy:trf", start=START, **how)
    ),
    "adam": lambda *of, **how: _of_fit(
        pf.fit(MODEL, *of, method="adam", epochs=20, start=START, **how)
    ),
    "compare": lambda *of, **how: [
        *pf.compare(MODEL, *of, methods=["lm"], start=START, **how).stderr.values()
    ],
    "multistart": lambda *of, **how: _best(
        pf.multistart(MODEL, *of, n_starts=3, **how)
    ),
    "landscape": lambda *of, **how: [
        *np.ravel(pf.landscape(MODEL, *of, over="center", points=5, **how).heights)
    ],
    "find_rate": lambda *of, **how: [
        *pf.find_rate(MODEL, *of, start=START, steps=5, **how).losses
    ],
    "sweep": lambda *of, **how: [
        *pf.sweep(
            *(MODEL, *of), start=START, vary={"batch_size": [8]}, epochs=2, **how
        ).stderr.values()
    ],
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_range_is_the_samples_within_it(door):
    """Ends included; of the samples outside not even NaN and sigma = 0 count."""
    bad_y, bad_sigma = Y.copy(), SIGMA.copy()
    bad_y[3], bad_sigma[90] = np.nan, 0.0
    got = door(X, bad_y, sigma=bad_sigma, x_range=(LOW, HIGH))
    np.testing.assert_array_equal(got, door(X[INSIDE], Y[INSIDE], sigma=SIGMA[INSIDE]))


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_table_is_its_columns(door):
    """x, y and sigma are those of the table."""
    whole, cut = door(X, Y, sigma=SIGMA), door(X, Y, sigma=SIGMA, x_range=(LOW, HIGH))
    np.testing.assert_array_equal(door(TABLE), whole)
    np.testing.assert_array_equal(door(TABLE, x_range=(LOW, HIGH)), cut)


def test_a_table_brings_its_names():
    """Labels, units and source reach the result, unless others are given."""
    data = pf.fit(MODEL, TABLE).data
    assert data[3:8] == ("time", "signal", "s", "V", "run.csv")
    data = pf.fit(MODEL, TABLE, units=("", "mV"), labels=("t", ""), source="b").data
    assert data[3:8] == ("t", "signal", "s", "mV", "b")


@pytest.mark.parametrize("name", ["y", "sigma"])
def test_a_table_and_a_column_are_refused(name):
    """Which of the two is meant nobody knows."""
    with pytest.raises(InputError, match=f"table.*so `{name}` must be left out"):
        pf.fit(MODEL, TABLE, **{name: Y})


@pytest.mark.parametrize(
    ("x_range", "n"),
    [((LOW, None), 71), ((None, HIGH), 81), ((None, None), 101), (None, 101)],
    ids=["from", "to", "all", "none"],
)
def test_a_side_may_be_left_out(x_range, n):
    """None leaves a side open."""
    assert pf.fit(MODEL, X, Y, x_range=x_range).n_samples == n
    assert pf.fit(MODEL, pd.Series(X), list(Y), x_range=x_range).n_samples == n


def test_masked_samples_stay_masked():
    """A mask leaves samples out, within the range too."""
    masked = np.ma.masked_array(Y, mask=np.arange(101) % 2 == 0)
    result = pf.fit(MODEL, X, masked, sigma=0.1, x_range=(LOW, HIGH))
    assert (result.n_samples, result.data.n_left_out) == (25, 26)


def test_pandas_columns_keep_their_names():
    """A column within a range is still called as it was."""
    x, y = pd.Series(X, name="t"), pd.Series(Y, name="u")
    data = pf.fit(MODEL, x, y, x_range=(2, 8)).data
    assert (data.x_label, data.y_label) == ("t", "u")


def test_complex_samples_and_their_errors_go_together():
    """Real and imaginary parts of y and of sigma are cut alike."""
    model, t = ComplexRingdown(), np.linspace(0.0, 4.0, 60)
    truth = {"amplitude": 2.0, "frequency": 1.0, "rate": 0.5, "phase": 0.3}
    y = model(t, **truth) + 0.01 * np.random.default_rng(1).normal(size=60)
    sigma = np.full((2, 60), 0.01)
    whole = pf.fit(model, t[:31], y[:31], sigma=sigma[:, :31])
    cut = pf.fit(model, t, y, sigma=sigma, x_range=(0, t[30]))
    assert _of_fit(cut) == _of_fit(whole)


def test_functions_of_all_samples_see_those_within():
    """A function that asks for all of x asks for what is fitted."""

    def tilted(x, a, b):
        return a + b * (x - x.mean())

    cut = pf.fit(tilted, X, Y, x_range=(LOW, HIGH))
    assert _of_fit(cut) == _of_fit(pf.fit(tilted, X[INSIDE], Y[INSIDE]))


@pytest.mark.parametrize(
    ("arguments", "how", "error", "sentence"),
    [
        ((MODEL, X, Y), (20, 30), InputError, "from 20 to 30; x goes from 0 to 10"),
        ((MODEL, X, Y), (6, 4), InputError, "`x_range` goes from 6 to 4"),
        ((MODEL, X, Y), (1,), InputError, "`x_range` must be a pair"),
        ((MODEL, X, Y), "1:2", InputError, "`x_range` must be a pair"),
        ((MODEL, X, Y[:50]), (2, 4), ShapeError, "`y` has shape (50,), but `x` has"),
        (
            (IsingChainEnergy(), np.ones((4, 6)), np.ones(4)),
            *((0, 1), InputError, "one coordinate, but `x` has shape (4, 6)"),
        ),
    ],
    ids=["empty", "upside down", "one end", "text", "lengths", "spins"],
)
def test_a_range_that_cannot_be_is_refused(arguments, how, error, sentence):
    """One sentence says what is wrong."""
    with pytest.raises(error) as caught:
        pf.fit(*arguments, x_range=how)
    assert sentence in str(caught.value)


def test_rows_that_stay_in_a_file_have_no_range(tmp_path):
    """A source is read row by row; its samples are not chosen."""
    import h5py

    with h5py.File(tmp_path / "run.h5", "w") as file:
        file["x"], file["y"] = X, Y
    with pytest.raises(InputError, match="read as a whole; leave out `x_range`"):
        pf.fit(MODEL, tmp_path / "run.h5", method="adam", x_range=(1, 3))
