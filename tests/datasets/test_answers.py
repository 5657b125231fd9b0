"""Known answers of the index against truth, published values and certified sums."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
from dataset_recipes.referee import columns
from numpy import cos, exp, pi, sin

Array = np.ndarray
Formula = Callable[..., Array]


def test_answer_meets_expectation(known: dict[str, Any]) -> None:
    """Scipy's value lies within the stated tolerance of truth or published value."""
    expected = known["expected"]
    assert abs(known["value"] - expected["value"]) <= expected["tolerance"]


def test_simulated_values_scatter_as_their_errors_say(
    index: list[dict[str, Any]],
) -> None:
    """Pulls against the truth of all simulated fits have a mean square near one."""
    pulls = [
        (row["value"] - row["expected"]["value"]) / row["error"]
        for entry in index
        if entry["origin"] == "simulated"
        for fit in entry["fits"]
        for row in fit["known"]
    ]
    assert len(pulls) == 13
    # 13 correlated pulls: the mean square leaves (0.2, 2.5) once in a few hundred sets.
    assert 0.2 < np.mean(np.square(pulls)) < 2.5


def gauss(x: Array, b: Array) -> Array:
    """Two Gaussians on a decaying exponential."""
    first = b[2] * exp(-((x - b[3]) ** 2) / b[4] ** 2)
    second = b[5] * exp(-((x - b[6]) ** 2) / b[7] ** 2)
    return b[0] * exp(-b[1] * x) + first + second


def lanczos(x: Array, b: Array) -> Array:
    """Sum of three exponentials."""
    return b[0] * exp(-b[1] * x) + b[2] * exp(-b[3] * x) + b[4] * exp(-b[5] * x)


def cubic_ratio(x: Array, b: Array) -> Array:
    """Ratio of two cubics."""
    return np.polyval(b[3::-1], x) / np.polyval([b[6], b[5], b[4], 1.0], x)


def enso(x: Array, b: Array) -> Array:
    """Constant and three cycles, two of them of free period."""
    year, first, second = (2.0 * pi * x / period for period in (12.0, b[3], b[6]))
    annual = b[1] * cos(year) + b[2] * sin(year)
    slow = b[4] * cos(first) + b[5] * sin(first)
    return b[0] + annual + slow + b[7] * cos(second) + b[8] * sin(second)


FORMULAS: dict[str, Formula] = {
    "Bennett5": lambda x, b: b[0] * (b[1] + x) ** (-1.0 / b[2]),
    "BoxBOD": lambda x, b: b[0] * (1.0 - exp(-b[1] * x)),
    "Chwirut1": lambda x, b: exp(-b[0] * x) / (b[1] + b[2] * x),
    "Chwirut2": lambda x, b: exp(-b[0] * x) / (b[1] + b[2] * x),
    "DanWood": lambda x, b: b[0] * x ** b[1],
    "ENSO": enso,
    "Eckerle4": lambda x, b: b[0] / b[1] * exp(-0.5 * ((x - b[2]) / b[1]) ** 2),
    "Gauss1": gauss,
    "Gauss2": gauss,
    "Gauss3": gauss,
    "Hahn1": cubic_ratio,
    "Kirby2": lambda x, b: np.polyval(b[2::-1], x) / np.polyval([b[4], b[3], 1.0], x),
    "Lanczos1": lanczos,
    "Lanczos2": lanczos,
    "Lanczos3": lanczos,
    "MGH09": lambda x, b: b[0] * (x**2 + x * b[1]) / (x**2 + x * b[2] + b[3]),
    "MGH10": lambda x, b: b[0] * exp(b[1] / (x + b[2])),
    "MGH17": lambda x, b: b[0] + b[1] * exp(-x * b[3]) + b[2] * exp(-x * b[4]),
    "Misra1a": lambda x, b: b[0] * (1.0 - exp(-b[1] * x)),
    "Misra1b": lambda x, b: b[0] * (1.0 - (1.0 + b[1] * x / 2.0) ** -2.0),
    "Misra1c": lambda x, b: b[0] * (1.0 - (1.0 + 2.0 * b[1] * x) ** -0.5),
    "Misra1d": lambda x, b: b[0] * b[1] * x / (1.0 + b[1] * x),
    "Nelson": lambda x, b: b[0] - b[1] * x[0] * exp(-b[2] * x[1]),
    "Rat42": lambda x, b: b[0] / (1.0 + exp(b[1] - b[2] * x)),
    "Rat43": lambda x, b: b[0] / (1.0 + exp(b[1] - b[2] * x)) ** (1.0 / b[3]),
    "Roszman1": lambda x, b: b[0] - b[1] * x - np.arctan(b[2] / (x - b[3])) / pi,
    "Thurber": cubic_ratio,
}


def observations(problem: dict[str, Any], datasets: Path) -> tuple[Array, Array]:
    """Predictors (one row each, or plain) and response of a problem."""
    *xs, y = columns(datasets / problem["file"])
    response = np.log(y) if problem["response"] == "log(y)" else y
    return (xs[0] if len(xs) == 1 else np.stack(xs)), response


def test_every_problem_is_there(problems: list[dict[str, Any]]) -> None:
    """All 27 problems are present, once each."""
    assert sorted(problem["name"] for problem in problems) == sorted(FORMULAS)
    assert len(problems) == 27


def test_certified_values_give_the_certified_sum(
    problem: dict[str, Any], datasets: Path
) -> None:
    """The residual sum of squares at the certified values is the certified one."""
    x, y = observations(problem, datasets)
    b = np.array(problem["certified"])
    residuals = FORMULAS[problem["name"]](x, b) - y
    # Lanczos1 has residuals of 1e-14 on values near 1: only their size is computable.
    tolerance = 1.0 if problem["name"] == "Lanczos1" else 1e-9
    assert np.sum(residuals**2) == pytest.approx(problem["residual_sum"], rel=tolerance)
    deviation = np.sqrt(problem["residual_sum"] / problem["degrees_of_freedom"])
    assert deviation == pytest.approx(problem["residual_deviation"], rel=1e-10)


@pytest.mark.parametrize("start", [0, 1], ids=["start1", "start2"])
def test_formula_says_what_is_computed(
    problem: dict[str, Any], start: int, datasets: Path
) -> None:
    """The formula in the file and the function above agree at the starts."""
    x, _ = observations(problem, datasets)
    names = [*problem["parameters"], *(["x1", "x2"] if x.ndim == 2 else ["x"])]
    symbols = {name: sympy.Symbol(name, real=True) for name in names}
    compiled = sympy.lambdify(
        names, sympy.sympify(problem["formula"], symbols), "numpy"
    )
    b = np.array(problem["starts"][start])
    # sympy reorders the arithmetic; Hahn1's cubics cancel a few digits.
    expected = FORMULAS[problem["name"]](x, b)
    np.testing.assert_allclose(compiled(*b, *np.atleast_2d(x)), expected, rtol=1e-10)
