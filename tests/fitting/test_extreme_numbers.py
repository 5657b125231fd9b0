"""Numbers at the ends of the range of doubles: an answer or a sentence, no warning.

NaN and infinity are how an overflow is told, whatever `np.seterr` and `-W` say.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from scipy.optimize import OptimizeWarning

import physfit as pf
from physfit.errors import PhysfitError
from physfit.models.declaration import DECLARATIONS

N = 12
T = np.linspace(-1.0, 1.0, N)
#: Sizes of x, y, sigma and a start value that take part in every case.
SIZES = (
    (1e200, 1.0, 1.0, 1.0),
    (1e-300, 1.0, 1e-300, 1e300),
    (1.0, 1e300, 1e300, -1e300),
    (1.0, 1e-310, 1e-320, 5e-324),
    (1e300, 1e-160, 1e160, 0.0),
)
COMPONENTS = [name for name in DECLARATIONS if not name.startswith("ising_energy")]


@pytest.fixture(autouse=True)
def every_event_is_an_error() -> Iterator[None]:
    """As under `np.seterr(all="raise")`; warnings are errors in all tests."""
    with np.errstate(all="raise"):
        yield


def case(name: str, sizes: tuple[float, ...]) -> tuple[Any, Any, Any, Any, Any]:
    """Model, x, y, sigma and start."""
    model, (x_size, y_size, sigma, start) = pf.parse_model(name), sizes
    with np.errstate(all="ignore"):
        x = T * x_size
        y = y_size * (np.exp(-8.0 * T * T) + 0.1 * np.sin(40.0 * T))
    if model.n_inputs == 2:
        x = np.stack([x, x[::-1]])
    if model.n_outputs == 2:
        y = y.astype(complex)
    return model, x, y, sigma, {model.free_names[-1]: start}


def fitted(model: Any, x: Any, y: Any, sigma: Any, start: Any) -> None:
    result = pf.fit(model, x, y, sigma=sigma, start=start)
    result.report(), result._repr_html_(), result.stderr, result.correlation


def guessed(model: Any, x: Any, y: Any, sigma: Any, start: Any) -> None:
    pf.fit(model, x, y, loss="huber").report()


def rows(model: Any, x: Any, y: Any, sigma: Any, start: Any) -> None:
    many = pf.fit_many(model, x, np.stack([y, y[::-1]]), sigma=sigma, start=start)
    many.report(), many.reduced_chi2, [many[name].stderr for name in many]


def scipys(model: Any, x: Any, y: Any, sigma: Any, start: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OptimizeWarning)
        pf.curve_fit(model, x, y, sigma=np.full(N, sigma))


CALLS: tuple[Callable[..., None], ...] = (fitted, guessed, rows, scipys)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("call", CALLS, ids=lambda own: own.__name__)
@pytest.mark.parametrize("name", [*COMPONENTS, "gaussian + constant", "voigt + linear"])
def test_extreme_numbers_give_an_answer_or_a_sentence(
    name: str, call: Callable[..., None], sizes: tuple[float, ...]
) -> None:
    """No error of Python or numpy leaves a fit of finite numbers."""
    with suppress(PhysfitError):
        call(*case(name, sizes))


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_comparison_of_extreme_numbers(sizes: tuple[float, ...]) -> None:
    """scipy's own errors about them are a status."""
    model, x, y, sigma, _ = case("gaussian", sizes)
    with suppress(PhysfitError):
        pf.compare(model, x, y, sigma=sigma, methods=["lm", "scipy:trf"]).report()


@pytest.mark.parametrize("rate", [0.1, 1e300])
def test_descents_at_any_rate_end(rate):
    """Parameters that were thrown out of every range are judged without an error."""
    x = np.linspace(0.0, 10.0, 200)
    y = 3.0 + np.sin(17.0 * x)
    model = pf.parse_model("pseudo_voigt + constant")
    method = pf.optimizers.adam(learning_rate=rate)
    assert not pf.fit(model, x, y, method=method, epochs=3).converged
