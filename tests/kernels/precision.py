"""Points that try a function's accuracy, errors in ulp, and the code of its loop."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

from physfit.engine import jit
from physfit.engine.source import module_text

Points = NDArray[np.float64]
Reference = Callable[[Any], Any]


def neighbours(points: Points) -> Points:
    """The points, and the floats next to them on both sides."""
    return np.concatenate(
        [points, np.nextafter(points, -np.inf), np.nextafter(points, np.inf)]
    )


def powers_of_two(start: int, stop: int, step: int) -> Points:
    """Powers of two and their neighbours, for exponents of the range."""
    return neighbours(np.ldexp(1.0, np.arange(start, stop, step)))


def logarithmic(seed: int, low: float, high: float, n: int) -> Points:
    """Random points of both signs, even over the decades 10**low to 10**high."""
    random = np.random.default_rng(seed)
    return random.choice([-1.0, 1.0], n) * 10.0 ** random.uniform(low, high, n)


def ulp_errors(values: Points, points: Points, reference: Reference) -> Points:
    """Distance to the exact value in spacings of the rounded one.

    `points` has a row for each argument, or is one row.
    """
    errors = []
    rows = np.atleast_2d(points).T.tolist()
    with mpmath.workprec(200):
        for value, row in zip(values.tolist(), rows, strict=True):
            exact = reference(*map(mpmath.mpf, row))
            spacing = math.ulp(float(exact))
            errors.append(float(abs(mpmath.mpf(value) - exact) / spacing))
    return np.array(errors)


def scalar_loops(functions: list[tuple[Any, int, int]]) -> tuple[int, list[str]]:
    """How many loops stay scalar code, and what they call.

    Parameters
    ----------
    functions : list of (function, n_in, n_out)
        Each gets a loop of its own in one compiled function.

    Returns
    -------
    tuple
        Number of loops without a vector body, names of outside functions called.
    """
    lines = ["def main(x, out, n):"]
    for function, n_in, n_out in functions:
        results = ", ".join(f"r{k}" for k in range(n_out))
        arguments = ", ".join(f"x[{k} * n + i]" for k in range(n_in))
        lines += ["    for i in range(n):"]
        lines += [f"        {results} = {function.__name__}({arguments})"]
        lines += [f"        out[{k} * n + i] = r{k}" for k in range(n_out)]
    called = [function for function, _, _ in functions]
    signature = "void(f64*, f64*, i64)"
    code = jit.llvm_of(module_text("\n".join(lines), signature, *called))
    bodies = re.findall(r"^vector\.body\d*:", code, re.MULTILINE)
    outside = re.findall(r'^declare .*@"?([\w.]+)', code, re.MULTILINE)
    calls = [name for name in outside if not name.startswith("llvm.")]
    return len(functions) - len(bodies), calls
