"""The hook's fits give the harness's parameters back."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from tests.bench import physfit_hook
from tests.bench.workloads import gaussian_line, ringdown, voigts

X = np.linspace(0.0, 10.0, 400)
PROBLEMS = {
    "a0": (
        lambda x, a, mu, s, c: gaussian_line(x, a, mu, s, 0.0, c),
        [5.0, 4.0, 0.9, 1.0],
    ),
    "a": (
        lambda x, a, mu, s, c, b: gaussian_line(x, a, mu, s, b, c),
        [5.0, 4.0, 0.9, 1.0, 0.2],
    ),
    "b": (
        lambda x, *p: voigts(x, *p[:12], p[14], p[13], p[12]),
        [10, 2, 0.5, 0.3, 6, 5, 0.4, 0.5, 8, 8, 0.6, 0.2, 1.0, 0.05, 0.01],
    ),
    "c": (
        lambda t, a, rate, w, phi, c: ringdown(t, a, w, rate, phi, c),
        [2.0, 0.3, 5.0, 0.4, 0.1],
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_parameters_come_back(name: str) -> None:
    """A curve without noise gives the parameters it was made with, in their order."""
    curve, truth = PROBLEMS[name]
    truth = np.array(truth)
    problem = SimpleNamespace(
        name=name,
        x=X,
        y=curve(X, *truth),
        sigma=np.full(X.size, 0.05),
        p0=truth * 1.02,
    )
    np.testing.assert_allclose(physfit_hook.w1(problem)(), truth, rtol=1e-8)


def test_physfit_is_found() -> None:
    """The harness may ask."""
    assert physfit_hook._have()
