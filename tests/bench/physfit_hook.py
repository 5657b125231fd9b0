"""physfit's side of a benchmark harness shared with other packages.

The harness asks for `w1(problem)`, where a problem has `name`, `x`, `y`, `sigma`, `p0`
and heights for amplitudes, and times the function that comes back: one whole fit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

IMPORT_NAME = "physfit"
ROOT_2PI = math.sqrt(2.0 * math.pi)

#: Problem -> model, and for each parameter of the model its place in the problem's.
MODELS = {
    "a0": ("gaussian + constant", (0, 1, 2, 3)),
    "a": ("gaussian + linear", (0, 1, 2, 4, 3)),
    "b": (
        "voigt(a_) + voigt(b_) + voigt(c_) + quadratic",
        (*range(12), 14, 13, 12),
    ),
    "c": ("ringdown + constant", (0, 2, 1, 3, 4)),
}


def _have() -> bool:
    """Whether physfit can be imported."""
    return find_spec(IMPORT_NAME) is not None


def w1(problem: Any) -> Callable[[], np.ndarray]:
    """One fit of a problem: returns its parameters in the problem's convention."""
    import physfit as pf

    expression, places = MODELS[problem.name]
    model = pf.parse_model(expression)
    order = np.array(places)
    has_height, has_angle = problem.name in ("a0", "a"), problem.name == "c"
    x, y, sigma = problem.x, problem.y, problem.sigma
    theta = problem.p0[order].astype(float)
    if has_height:
        theta[0] *= theta[2] * ROOT_2PI
    if has_angle:
        theta[1] /= 2.0 * math.pi
    start = dict(zip(model.free_names, theta.tolist(), strict=True))

    def whole() -> tuple[np.ndarray, np.ndarray]:
        result = pf.fit(model, x, y, sigma=sigma, start=start)
        found = np.empty(len(order))
        found[order] = result.solution.theta
        if has_height:
            found[0] /= found[2] * ROOT_2PI
        if has_angle:
            found[2] *= 2.0 * math.pi
        return found, result.covariance

    return lambda: whole()[0]


#: Model of many fits, and for each of its parameters the place in the harness's.
MANY = {
    "gauss1d": ("gaussian + constant", (0, 1, 2, 3)),
    "gauss2d": ("gaussian_2d_isotropic + constant", (0, 1, 2, 3, 4)),
    "voigt": ("voigt + constant", (0, 1, 2, 3, 4)),
    "osc": ("ringdown + constant", (0, 2, 1, 3, 4)),
}
#: Side of the images in pixels.
SIDE = 15


def w2(case: Any) -> Callable[[int, int], tuple[np.ndarray, np.ndarray]] | None:
    """Fits of the rows lo to hi: their parameters in the case's convention, steps.

    A case has `model`, `x`, `Y` (rows of data), `P0` (start values), `sg` and
    `poisson`. Bounds, errors and statuses are part of the work.
    """
    import physfit as pf

    expression, places = MANY[case.model]
    model = pf.parse_model(expression)
    x = case.x
    if case.model == "gauss2d":
        x = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE))).reshape(2, -1)
    start = np.array(case.P0, dtype=np.float64)[:, places]
    _as_areas(case.model, start, 1.0)
    loss = "poisson" if case.poisson else "chi2"
    sigma = None if case.poisson else float(case.sg)

    def fit(lo: int, hi: int) -> tuple[np.ndarray, np.ndarray]:
        given = dict(zip(model.free_names, start[lo:hi].T, strict=True))
        many = pf.fit_many(model, x, case.Y[lo:hi], sigma=sigma, start=given, loss=loss)
        found = np.empty((hi - lo, len(places)))
        theta = many.table.theta.copy()
        _as_areas(case.model, theta, -1.0)
        found[:, places] = theta
        return found, many.table.n_steps

    return fit


def _as_areas(model: str, theta: np.ndarray, sign: float) -> None:
    """Heights to areas and angular to ordinary frequencies, or back."""
    if model == "gauss1d":
        theta[:, 0] *= (theta[:, 2] * ROOT_2PI) ** sign
    elif model == "gauss2d":
        theta[:, 0] *= (2.0 * math.pi * theta[:, 3] ** 2) ** sign
    elif model == "osc":
        theta[:, 1] *= (2.0 * math.pi) ** -sign


#: What the harness starts its epoch from, at rates of its own, in its convention: three
#: heights, centers and widths, then intercept and slope.
TRUE = np.array([5.0, -4.0, 0.8, 3.0, 0.0, 1.2, 4.0, 5.0, 0.6, 1.0, 0.05])
P0 = TRUE * [0.8, 0.95, 1.2, 1.2, 1.0, 0.9, 0.8, 0.97, 1.3, 0.5, 0.5]
P0[4] += 0.3
RATE = 0.01
STREAMED = "gaussian(a_) + gaussian(b_) + gaussian(c_) + linear"
#: Peaks of a model with heights of amplitudes; slope and intercept change places.
PLACES = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 9])


def w3(path: str, batch: int, rows: int) -> Callable[[], tuple[np.ndarray, int]]:
    """One epoch of Adam over the rows of a file: parameters, and rows seen.

    The arithmetic is that of the peers: parameters and loss unscaled, the last
    parameters and not their average, and no pass after the epoch. `rows` limits the
    epoch, to a whole number of batches.
    """
    from physfit.counts import available_threads
    from physfit.data.hdf5.source import Hdf5Source
    from physfit.data.samplers import blocks
    from physfit.data.stream import Stream
    from physfit.solve.first_order import descend

    def epoch() -> tuple[np.ndarray, int]:
        with Hdf5Source(path) as source:
            run = _adam_run(source.n_rows, batch, -(-rows // batch))
            threads = available_threads()
            with Stream(source, blocks, seed=1, epochs=1, threads=threads) as stream:
                descend(run, stream, source.n_rows)
        return _heights(run.theta), run.n_rows

    return epoch


def _adam_run(n_rows: int, batch: int, max_steps: int) -> Any:
    """Adam from `P0` on unscaled parameters."""
    import physfit as pf
    from physfit.models.loss import Loss
    from physfit.objective import Objective
    from physfit.solve.descent_run import DescentRun
    from physfit.solve.scaling import Scaling

    model, loss = pf.parse_model(STREAMED), Loss("chi2")
    optimizer = pf.optimizers.adam()
    # A model has areas where the peers have heights; areas in units of the start width
    # times sqrt(2 pi) are heights there, and the rate acts on them as it does in peers.
    theta = _areas(P0)
    scale = np.ones_like(theta)
    scale[:9:3] = theta[2:9:3] * ROOT_2PI
    return DescentRun(
        Objective.of_windows(model.layout, loss),
        optimizer.transforms,
        theta,
        np.full(11, -np.inf),
        np.full(11, np.inf),
        scaling=Scaling(scale, 1.0),
        learning_rate=pf.schedules.constant(RATE),
        batch_size=batch,
        n_steps=-(-n_rows // batch),
        max_steps=max_steps,
    )


def _areas(heights: np.ndarray) -> np.ndarray:
    """The harness's parameters as those of the model."""
    theta = heights[PLACES]
    theta[:9:3] *= theta[2:9:3] * ROOT_2PI
    return theta


def _heights(theta: np.ndarray) -> np.ndarray:
    """The model's parameters as those of the harness."""
    found = theta.copy()
    found[:9:3] /= found[2:9:3] * ROOT_2PI
    return found[PLACES]


#: Rows of a batch, rate at first, and how it falls, of the Ising couplings.
SPINS = {"batch": 256, "rate": 0.05, "fall": 1.5e-2, "steps": 390}


def w4(spins: np.ndarray, energies: np.ndarray) -> np.ndarray:
    """Couplings of all pairs by Adam: symmetric (L, L), E = sum_ij J_ij s_i s_j."""
    import physfit as pf
    from physfit.counts import available_threads
    from physfit.data.memory import ArraySource
    from physfit.data.samplers import blocks
    from physfit.data.stream import Stream
    from physfit.models.loss import Loss
    from physfit.objective import Objective
    from physfit.solve.descent_run import DescentRun
    from physfit.solve.first_order import descend
    from physfit.solve.scaling import Scaling

    n_rows, length = spins.shape
    batch = min(SPINS["batch"], n_rows)
    model, loss = pf.models.IsingEnergy((length,), "all_pairs"), Loss("chi2")
    n = len(model.free_names)
    size = float(np.var(energies))
    steps = SPINS["steps"]
    epochs = -(-steps * batch // n_rows)
    run = DescentRun(
        Objective.of_windows(model.layout, loss),
        pf.optimizers.adam().transforms,
        np.zeros(n),
        np.full(n, -np.inf),
        np.full(n, np.inf),
        # Products of two spins have the variance 1, whatever the pair.
        scaling=Scaling(np.full(n, math.sqrt(size)), size),
        learning_rate=pf.schedules.exponential(SPINS["rate"], k=SPINS["fall"]),
        batch_size=batch,
        n_steps=steps,
        max_steps=steps,
    )
    source, threads = ArraySource(spins, energies), available_threads()
    with Stream(source, blocks, seed=1, epochs=epochs, threads=threads) as stream:
        descend(run, stream, n_rows * epochs)
    couplings = np.zeros((length, length))
    # The model takes each pair once, and E = -sum J s s.
    couplings[np.triu_indices(length, 1)] = -0.5 * run.theta
    return couplings + couplings.T
