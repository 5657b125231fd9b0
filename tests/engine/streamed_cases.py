"""Fits whose rows are in memory and in a source, for tests over both."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from physfit.data.base import Source
from physfit.data.memory import ArraySource
from physfit.models import (
    ComplexRingdown,
    Constant,
    Exponential,
    Gaussian,
    Linear,
    Model,
)
from physfit.models.loss import Loss, as_loss
from physfit.models.param import bounds, fixed, tie
from physfit.objective import Objective
from physfit.solve.sums import StreamedObjective

#: Bytes that hold some 1,300 rows: a tenth of those of the cases.
MEMORY = 64 << 10
ROWS = 12_345


class Case(NamedTuple):
    """A model, its true parameters, a start for the free ones, a loss."""

    model: Model
    truth: dict[str, float]
    start: list[float]
    loss: str = "chi2"


PEAK = {"amplitude": 3.0, "center": 5.0, "sigma": 0.7, "slope": 0.1, "intercept": 1.0}
TWO = {"a_amplitude": 3.0, "a_center": 4.0, "a_sigma": 0.7, "b_amplitude": 2.0}
TWO |= {"b_center": 6.5, "b_sigma": 0.7, "c": 1.0}
CASES = {
    "chi2": Case(Gaussian() + Linear(), PEAK, [2.5, 5.2, 0.9, 0.0, 1.2]),
    "huber": Case(Gaussian() + Linear(), PEAK, [2.5, 5.2, 0.9, 0.0, 1.2], "huber"),
    "poisson": Case(
        Exponential() + Constant(),
        {"amplitude": 50.0, "decay": 2.0, "c": 3.0},
        [40.0, 2.5, 4.0],
        "poisson",
    ),
    "complex": Case(
        ComplexRingdown(),
        {"amplitude": 2.0, "frequency": 0.4, "rate": 0.3, "phase": 0.5},
        [1.8, 0.405, 0.35, 0.4],
    ),
    "tied": Case(
        (Gaussian("a_") + Gaussian("b_") + Constant()).where(b_sigma=tie("a_sigma")),
        TWO,
        [2.5, 4.1, 0.9, 2.4, 6.4, 0.8],
    ),
    "bounded": Case(
        (Gaussian() + Linear()).where(center=bounds(5.2, 6.0)),
        PEAK,
        [2.5, 5.5, 0.9, 0.0, 1.2],
    ),
    "fixed": Case(
        (Gaussian() + Linear()).where(slope=fixed(0.1)),
        PEAK,
        [2.5, 5.2, 0.9, 1.2],
    ),
}


class Columns(NamedTuple):
    """Rows of a case as columns; no sigma for counts."""

    x: Any
    y: Any
    sigma: Any


def columns_of(case: Case, n: int = ROWS, seed: int = 3) -> Columns:
    """Random rows around the truth, in no order."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.0, 10.0, n)
    y = case.model(x, **case.truth)
    if case.loss == "poisson":
        return Columns(x, rng.poisson(y).astype(float), None)
    sigma = rng.uniform(0.05, 0.2, n)
    noise = sigma * rng.normal(size=(case.model.n_outputs, n))
    if case.model.n_outputs == 2:
        return Columns(x, y + noise[0] + 1j * noise[1], sigma)
    return Columns(x, y + noise[0], sigma)


def source_of(columns: Columns) -> Source:
    """The columns as a source."""
    return ArraySource(*columns)


def streamed(
    case: Case, source: Source, *, threads: int = 2, **options: Any
) -> StreamedObjective:
    """The objective of a case over a source."""
    options = {"memory": MEMORY} | options
    loss = as_loss(case.loss)
    return StreamedObjective(
        case.model.layout, source, loss, threads=threads, **options
    )


def in_memory(case: Case, columns: Columns) -> Objective:
    """The objective of a case over columns."""
    y = np.atleast_2d(columns.y)
    if case.model.n_outputs == 2:
        y = np.vstack([columns.y.real, columns.y.imag])
    sigma = np.ones(y.shape[1]) if columns.sigma is None else columns.sigma
    weights = np.ascontiguousarray(np.broadcast_to(1.0 / sigma, y.shape))
    loss: Loss = as_loss(case.loss)
    return Objective(case.model.layout, columns.x[None].copy(), y, weights, loss)
