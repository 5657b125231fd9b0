"""Small simulated data of every family, and fits of them on minibatches."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from physfit import bounds, fit, tie
from physfit.models import (
    ComplexRingdown,
    Constant,
    Exponential,
    Gaussian,
    IsingEnergy,
    Linear,
    Model,
    Ringdown,
    Voigt,
)
from physfit.result import FitResult

ROWS = 2000


class Case(NamedTuple):
    """A model, its true parameters, where it is taken, and its noise."""

    model: Model
    truth: dict[str, float]
    x: Any
    sigma: float
    start: dict[str, float] | None = None


PEAK = {"amplitude": 10.0, "center": 5.0, "sigma": 0.8, "slope": 0.1, "intercept": 1.0}
RING = {"amplitude": 2.0, "frequency": 1.3, "rate": 0.3, "phase": 0.4, "c": 0.5}
NMR = {"amplitude": 2.0, "frequency": 1.3, "rate": 0.3, "phase": 0.4}
TWO = {"a_amplitude": 9.0, "a_center": 3.5, "a_sigma": 0.6, "a_gamma": 0.2}
TWO |= {"b_amplitude": 6.0, "b_center": 6.5, "c": 1.0}
AROUND = {"a_amplitude": 8.0, "a_center": 3.6, "a_sigma": 0.7, "a_gamma": 0.15}
AROUND |= {"b_amplitude": 7.0, "b_center": 6.4, "c": 1.2}
TIED = (Voigt("a_") + Gaussian("b_") + Constant()).where(
    b_sigma=tie("a_sigma"), a_gamma=bounds(0.0, 1.0)
)


def _spins() -> Any:
    rng = np.random.default_rng(5)
    return 2.0 * rng.integers(0, 2, (ROWS, 5)) - 1.0


def _couplings(model: Model) -> dict[str, float]:
    size = len(model.free_names)
    return dict(zip(model.free_names, np.linspace(-0.6, 0.8, size), strict=True))


CASES: dict[str, Case] = {
    "peak": Case(Gaussian() + Linear(), PEAK, np.linspace(0.0, 10.0, ROWS), 0.2),
    "tied": Case(TIED, TWO, np.linspace(0.0, 10.0, ROWS), 0.2, AROUND),
    "ring": Case(Ringdown() + Constant(), RING, np.linspace(0.0, 5.0, ROWS), 0.1),
    "complex": Case(ComplexRingdown(), NMR, np.linspace(0.0, 5.0, ROWS), 0.1),
    "spins": Case(
        IsingEnergy((5,), "all_pairs"),
        _couplings(IsingEnergy((5,), "all_pairs")),
        _spins(),
        0.3,
    ),
}
COUNTS = Case(
    Exponential() + Constant(),
    {"amplitude": 80.0, "decay": 2.0, "c": 3.0},
    np.linspace(0.0, 10.0, ROWS),
    0.0,
)


@cache
def data_of(name: str, seed: int = 1) -> tuple[Any, Any, float | None]:
    """x, y and sigma of a case; counts have none."""
    case = COUNTS if name == "counts" else CASES[name]
    rng = np.random.default_rng(seed)
    curve = case.model(case.x, **case.truth)
    if name == "counts":
        return case.x, rng.poisson(curve).astype(float), None
    noise = case.sigma * rng.normal(size=(2, ROWS))
    y = curve + noise[0] + (1j * noise[1] if np.iscomplexobj(curve) else 0.0)
    return case.x, y, case.sigma


def fitted(name: str, **options: Any) -> FitResult:
    """Fit of a case; `model=` takes the place of its own."""
    case = COUNTS if name == "counts" else CASES[name]
    x, y, sigma = data_of(name)
    loss = "poisson" if name == "counts" else "chi2"
    options = {"start": case.start, "loss": loss, "sigma": sigma} | options
    return fit(options.pop("model", case.model), x, y, **options)


@cache
def exact(name: str, loss: str) -> FitResult:
    """The least-squares answer."""
    return fitted(name, loss=loss)


def away(found: FitResult, reference: FitResult) -> float:
    """Largest distance of a free parameter, in standard errors of the reference."""
    names = [own for own in reference.free_names if reference[own].stderr > 0.0]
    return max(
        abs(found[own].value - reference[own].value) / reference[own].stderr
        for own in names
    )
