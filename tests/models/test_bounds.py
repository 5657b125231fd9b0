"""Every model of the catalogue at each of its bounds: values, partials and fits there.

A bound of a parameter is a value of it, so its limit is a model like any other: value
and partials are those of the limit, and a fit of data that have it as truth converges,
says where the parameter lies on its bound, and has right errors for the others. The
exceptions are named with their reason.
"""

from __future__ import annotations

from typing import NamedTuple

import mpmath as mp
import numpy as np
import pytest

import physfit as pf
from physfit.engine.blocks import elementwise
from physfit.models.catalogue import COMPONENTS
from physfit.models.declaration import DECLARATIONS
from tests.kernels.reference import DIGITS, partials, rebuilt

X = np.linspace(-10.0, 10.0, 200)
TIMES = np.linspace(0.0, 10.0, 200)
TEMPERATURES = np.linspace(0.3, 6.0, 150)
PEAK = {"amplitude": 10.0, "center": 0.3}
OSCILLATOR = {"x0": 1.0, "v0": 0.5}
WAVE = {"amplitude": 1.0, "phase": 0.4}
N_ROWS = 200
#: Standard deviations of a share that a test of it allows for.
SPREAD = 4.0


class Limit(NamedTuple):
    """A model on one of its bounds: where it is sampled, and the other parameters.

    Of a model that is even in the parameter the column vanishes there.
    """

    model: str
    name: str
    bound: float
    x: np.ndarray
    others: dict[str, float]
    is_even: bool = False

    @property
    def truth(self) -> dict[str, float]:
        """All parameters."""
        return {**self.others, self.name: self.bound}

    @property
    def side(self) -> int:
        """As `at_bound` says it."""
        return 1 if self.bound > 0.0 else -1

    def table(self, bound: float) -> np.ndarray:
        """Value and partials by the compiled kernel at the parameter, (rows, n)."""
        kernel = DECLARATIONS[self.model].kernel
        truth = self.truth | {self.name: bound}
        values = [truth[name] for name in kernel.parameters]
        n_rows = kernel.n_outputs * (1 + len(values))
        return elementwise(kernel.function, 1 + len(values), n_rows)(self.x, *values)


LIMITS = [
    Limit("voigt", "sigma", 0.0, X, {**PEAK, "gamma": 1.2}, is_even=True),
    Limit("voigt", "gamma", 0.0, X, {**PEAK, "sigma": 1.0}),
    Limit("pseudo_voigt", "fraction", 0.0, X, {**PEAK, "sigma": 1.0}),
    Limit("pseudo_voigt", "fraction", 1.0, X, {**PEAK, "sigma": 1.0}),
    Limit("damped_oscillator", "rate", 0.0, TIMES, {**OSCILLATOR, "omega0": 3.0}),
    Limit(
        *("damped_oscillator", "omega0", 0.0, TIMES, {**OSCILLATOR, "rate": 0.5}),
        is_even=True,
    ),
    Limit("ringdown", "rate", 0.0, TIMES, {**WAVE, "frequency": 0.7}),
    Limit("complex_ringdown", "rate", 0.0, TIMES, {**WAVE, "frequency": 0.7}),
    *(
        Limit(name, "J", 0.0, TEMPERATURES, {}, is_even=True)
        for name, declared in DECLARATIONS.items()
        if name.startswith("ising_") and declared.graph is None
    ),
]
#: Bounds at which there is no model to fit, and why.
NO_LIMIT = {
    ("gaussian", "sigma"): "infinite at the centre, 0 elsewhere",
    ("gaussian_2d_isotropic", "sigma"): "infinite at the centre, 0 elsewhere",
    ("lorentzian", "gamma"): "infinite at the centre, 0 elsewhere",
    ("pseudo_voigt", "sigma"): "infinite at the centre, 0 elsewhere",
    ("exponential", "decay"): "infinite where x < 0",
    # The phase and the amplitude are one parameter then, so neither is determined.
    ("ringdown", "frequency"): "a decay of amplitude cos(phase)",
    ("landau", "sigma"): "as that of a Gaussian",
}
#: Kernels whose limits their case in the catalogue's tests tries alone: fits on several
#: of their bounds at once are those of a Voigt peak above.
BY_CASE = ("speed_dependent_voigt", "hartmann_tran", "modified_hartmann_tran")
each_limit = pytest.mark.parametrize(
    "limit", LIMITS, ids=[f"{own.model}-{own.name}={own.bound:g}" for own in LIMITS]
)


def test_every_bound_of_the_catalogue_is_tried():
    """A kernel with a bound comes with its limit, or with a reason.

    Limits of entries that are formulas or motions are tried by their case, and so are
    those of the same kernels under other names.
    """
    bounds = {
        (name, own.name)
        for name, declared in DECLARATIONS.items()
        for own in declared.parameters
        if np.isfinite([own.lower, own.upper]).any()
        and not declared.spins
        and declared.graph is None
        and not declared.kernel.needs_whole_curve
        and name not in BY_CASE
        and not name.startswith("lmfit_")
    }
    assert bounds == {(own.model, own.name) for own in LIMITS} | NO_LIMIT.keys()


@each_limit
def test_a_bound_is_the_limit_of_the_model(limit):
    """What happens 1e-7 inside differs by that order, for value and partials."""
    inside = limit.table(limit.bound - 1e-7 * limit.side)
    at = limit.table(limit.bound)
    size = np.abs(at).max(axis=1, keepdims=True) + 1.0
    assert np.isfinite(at).all()
    np.testing.assert_allclose(at / size, inside / size, atol=1e-5)


@each_limit
def test_partials_at_a_bound_are_derivatives(limit):
    """Those of the same source with 50 digits, by differences from one side."""
    kernel = DECLARATIONS[limit.model].kernel
    source = rebuilt(kernel.function)
    at = limit.table(limit.bound)
    for place in range(0, limit.x.size, 37):
        numbers = [limit.x[place], *(limit.truth[name] for name in kernel.parameters)]
        with mp.workdps(DIGITS):
            exact = [
                float(slope)
                for k in range(1, len(numbers))
                for o in range(kernel.n_outputs)
                for slope in partials(
                    lambda *own, o=o: source(*own)[o], tuple(numbers), range(k, k + 1)
                )
            ]
        got = at[kernel.n_outputs :, place]
        # Partials by widths are good to 1e-9 and less; a vanishing one is 0.
        np.testing.assert_allclose(got, exact, rtol=1e-8, atol=1e-12)
    k = kernel.n_outputs * (1 + list(kernel.parameters).index(limit.name))
    assert (at[k : k + kernel.n_outputs] == 0.0).all() == limit.is_even


def simulated(limit: Limit) -> tuple[pf.models.Model, np.ndarray, float]:
    """Model on a constant where there is one for it, rows of data with noise, sigma."""
    model = COMPONENTS[DECLARATIONS[limit.model].class_name]()
    if model.n_outputs == 1:
        model = model + pf.models.Constant().where(c=pf.fixed(0.5))
    f = model(limit.x, **limit.truth)
    sigma = float(np.abs(f - f.mean()).max()) / 20.0 or 0.1
    rng = np.random.default_rng(11)
    noise = rng.standard_normal((2, N_ROWS, limit.x.size))
    noise = noise[0] + 1j * noise[1] if model.n_outputs == 2 else noise[0]
    return model, f + sigma * noise, sigma


@each_limit
def test_fits_whose_truth_is_a_bound(limit):
    """All converge, about half of them on it; then the others have right errors.

    As of an estimate that is normal around the bound, half of the rows would cross it.
    The pulls of the other parameters, which are those of the limit, are within 1 as
    often as normal numbers are. A single fit gives the same.
    """
    model, rows, sigma = simulated(limit)
    many = pf.fit_many(model, limit.x, rows, sigma=sigma, start=limit.truth)
    assert many.converged.all()
    held = many[limit.name].at_bound == limit.side
    assert abs(held.mean() - 0.5) < SPREAD * 0.5 / np.sqrt(N_ROWS)
    np.testing.assert_array_equal(many[limit.name].value[held], limit.bound)
    assert np.isnan(many[limit.name].stderr[held]).all()
    assert np.isfinite(many[limit.name].stderr[~held]).all()
    for name in limit.others:
        pulls = (many[name].value - limit.truth[name]) / many[name].stderr
        share = (np.abs(pulls[held]) < 1.0).mean()
        assert abs(share - 0.6827) < SPREAD * 0.4654 / np.sqrt(held.sum()), name
    for row in range(5):
        alone = pf.fit(model, limit.x, rows[row], sigma=sigma, start=limit.truth)
        assert alone.converged
        assert alone[limit.name].at_bound == many[limit.name].at_bound[row]
        assert alone.chi2 == pytest.approx(many.chi2[row], rel=1e-8)
