"""Certified problems that models of the catalogue express.

The nonlinear regression problems of NIST's Statistical Reference Datasets come with
values and standard errors certified to 11 digits, found in 128-bit arithmetic. Each
entry says which model it is, and both ways between NIST's parameters b1, b2, ... and
the model's, as expressions: starts are taken over by one, values and their errors (by
the expressions' exact derivatives) back by the other.

Problems whose function the catalogue lacks are not here. The data are read from a
folder like the project's `datasets/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import permutations
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from physfit.data.files.writers import parsed_json
from physfit.data.readers import read_table
from physfit.errors import InputError, did_you_mean
from physfit.models.expression import Expression
from physfit.models.model import Model
from physfit.models.param import fixed, tie
from physfit.models.parse import parse_model
from physfit.typing import FloatArray

__all__ = ["PROBLEMS", "CertifiedProblem", "Record", "load"]


class Record(NamedTuple):
    """Data and certified answer of a problem.

    Attributes
    ----------
    x, y : ndarray
    starts : tuple of dict
        NIST's two starts, as start values of the model's free parameters.
    certified, stderr : ndarray
        Of b1, b2, ...
    residual_sum : float
        Sum of the squared residuals.
    """

    x: FloatArray
    y: FloatArray
    starts: tuple[dict[str, float], ...]
    certified: FloatArray
    stderr: FloatArray
    residual_sum: float


@dataclass(frozen=True)
class CertifiedProblem:
    """A problem with a certified answer.

    Attributes
    ----------
    name : str
    expression : str
        The model, as `parse_model` reads it.
    to_model : mapping of str to str
        Each free parameter as an expression of b1, b2, ...
    from_model : tuple of str
        b1, b2, ... as expressions of the model's parameters.
    ties : mapping of str to str
        Ties of the model.
    constants : mapping of str to float
        Its parameters that are fixed.
    exchangeable : tuple of str
        Prefixes of components that may change places.
    """

    name: str
    expression: str
    to_model: Mapping[str, str]
    from_model: tuple[str, ...]
    ties: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    exchangeable: tuple[str, ...] = ()

    @cached_property
    def model(self) -> Model:
        """The model, its bounds those of the catalogue."""
        ties = {name: tie(text) for name, text in self.ties.items()}
        constants = {name: fixed(value) for name, value in self.constants.items()}
        return parse_model(self.expression).where(**ties, **constants)

    def start(self, b: FloatArray) -> dict[str, float]:
        """Free parameters of the model for NIST's parameters."""
        named = {f"b{k + 1}": float(value) for k, value in enumerate(b)}
        return {
            name: Expression.parse(text)(named) for name, text in self.to_model.items()
        }

    def certified_terms(
        self, theta: FloatArray, covariance: FloatArray, like: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """NIST's parameters and standard errors from those of the model.

        Parameters
        ----------
        theta : ndarray, shape (P,)
            Free parameters.
        covariance : ndarray, shape (P, P)
        like : ndarray
            Components are put into the order that comes closest to these b.
        """
        found = [
            self._terms(np.asarray(order), theta, covariance)
            for order in self._orders()
        ]
        return min(found, key=lambda pair: float(np.max(np.abs(pair[0] / like - 1.0))))

    def _orders(self) -> list[list[int]]:
        """Positions of the free parameters for each order of the components."""
        names = self.model.free_names
        orders = []
        for order in permutations(self.exchangeable):
            moved = dict(zip(self.exchangeable, order, strict=True))
            orders.append([names.index(_renamed(name, moved)) for name in names])
        return orders

    def _terms(
        self, order: FloatArray, theta: FloatArray, covariance: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        names = self.model.free_names
        named = dict(zip(names, theta[order].tolist(), strict=True))
        values, slopes = [], []
        for text in self.from_model:
            value, gradient = Expression.parse(text).gradient(named)
            values.append(value)
            slopes.append([gradient.get(name, 0.0) for name in names])
        jac = np.array(slopes)
        variances = np.einsum("ij,jk,ik->i", jac, covariance[np.ix_(order, order)], jac)
        return np.array(values), np.sqrt(variances)


def _renamed(name: str, moved: Mapping[str, str]) -> str:
    for prefix, other in moved.items():
        if name.startswith(prefix):
            return other + name.removeprefix(prefix)
    return name


_GAUSS_TO = {
    "e_amplitude": "b1",
    "e_decay": "1 / b2",
    "f_amplitude": "b3 * b5 * sqrt(pi)",
    "f_center": "b4",
    "f_sigma": "b5 / sqrt(2)",
    "g_amplitude": "b6 * b8 * sqrt(pi)",
    "g_center": "b7",
    "g_sigma": "b8 / sqrt(2)",
}
_GAUSS_FROM = (
    "e_amplitude",
    "1 / e_decay",
    "f_amplitude / (f_sigma * sqrt(2 * pi))",
    "f_center",
    "f_sigma * sqrt(2)",
    "g_amplitude / (g_sigma * sqrt(2 * pi))",
    "g_center",
    "g_sigma * sqrt(2)",
)


def _gauss(name: str) -> CertifiedProblem:
    return CertifiedProblem(
        name,
        "exponential(e_) + gaussian(f_) + gaussian(g_)",
        _GAUSS_TO,
        _GAUSS_FROM,
        exchangeable=("f_", "g_"),
    )


def _lanczos(name: str) -> CertifiedProblem:
    return CertifiedProblem(
        name,
        "exponential(f_) + exponential(g_) + exponential(h_)",
        {
            "f_amplitude": "b1",
            "f_decay": "1 / b2",
            "g_amplitude": "b3",
            "g_decay": "1 / b4",
            "h_amplitude": "b5",
            "h_decay": "1 / b6",
        },
        (
            *("f_amplitude", "1 / f_decay"),
            *("g_amplitude", "1 / g_decay"),
            *("h_amplitude", "1 / h_decay"),
        ),
        exchangeable=("f_", "g_", "h_"),
    )


def _rise(name: str) -> CertifiedProblem:
    return CertifiedProblem(
        name,
        "constant + exponential",
        {"c": "b1", "decay": "1 / b2"},
        ("c", "1 / decay"),
        ties={"amplitude": "-c"},
    )


def _wave(cosine: str, sine: str, prefix: str) -> dict[str, str]:
    """Amplitude, of either sign, and phase of cosine and sine."""
    return {
        f"{prefix}amplitude": f"{cosine} * sqrt(1 + ({sine} / {cosine})**2)",
        f"{prefix}phase": f"atan(-{sine} / {cosine})",
    }


def _parts(prefix: str) -> tuple[str, str]:
    """Cosine and sine of a wave."""
    amplitude, phase = f"{prefix}amplitude", f"{prefix}phase"
    return f"{amplitude} * cos({phase})", f"-{amplitude} * sin({phase})"


def _decay_by_line(name: str) -> CertifiedProblem:
    return CertifiedProblem(
        name,
        "exponential / linear",
        {"amplitude": "1 / b2", "decay": "1 / b1", "slope": "b3 / b2"},
        ("1 / decay", "1 / amplitude", "slope / amplitude"),
    )


_QUOTIENTS = (
    *map(_decay_by_line, ("Chwirut1", "Chwirut2")),
    CertifiedProblem(
        "Kirby2",
        "quadratic(n_) / quadratic(d_)",
        {"n_c": "b1", "n_b": "b2", "n_a": "b3", "d_b": "b4", "d_a": "b5"},
        ("n_c", "n_b", "n_a", "d_b", "d_a"),
    ),
    CertifiedProblem(
        "MGH09",
        "quadratic(n_) / quadratic(d_)",
        {"n_a": "b1 / b4", "n_b": "b1 * b2 / b4", "d_b": "b3 / b4", "d_a": "1 / b4"},
        ("n_a / d_a", "n_b / n_a", "d_b / d_a", "1 / d_a"),
        constants={"n_c": 0.0},
    ),
    CertifiedProblem(
        "MGH10",
        "constant(b_) * exp(constant(a_) / linear)",
        {"b_c": "b1", "a_c": "b2 / b3", "slope": "1 / b3"},
        ("b_c", "a_c / slope", "1 / slope"),
    ),
    CertifiedProblem(
        "Misra1b",
        "constant(a_) - constant(b_) / (linear(l_) * linear(m_))",
        {"a_c": "b1", "l_slope": "b2 / 2"},
        ("a_c", "2 * l_slope"),
        ties={"b_c": "a_c", "m_slope": "l_slope"},
        constants={"l_intercept": 1.0, "m_intercept": 1.0},
    ),
    CertifiedProblem(
        "Misra1c",
        "constant(a_) - constant(b_) / sqrt(linear)",
        {"a_c": "b1", "slope": "2 * b2"},
        ("a_c", "slope / 2"),
        ties={"b_c": "a_c"},
        constants={"intercept": 1.0},
    ),
    CertifiedProblem(
        "Misra1d",
        "linear(n_) / linear(d_)",
        {"n_slope": "b1 * b2", "d_slope": "b2"},
        ("n_slope / d_slope", "d_slope"),
        constants={"n_intercept": 0.0, "d_intercept": 1.0},
    ),
    CertifiedProblem(
        "Rat42",
        "constant(a_) / (constant(o_) + exp(linear))",
        {"a_c": "b1", "intercept": "b2", "slope": "-b3"},
        ("a_c", "intercept", "-slope"),
        constants={"o_c": 1.0},
    ),
    CertifiedProblem(
        "Rat43",
        "constant(a_) * exp(constant(p_) * log(constant(o_) + exp(linear)))",
        {"a_c": "b1", "intercept": "b2", "slope": "-b3", "p_c": "-1 / b4"},
        ("a_c", "intercept", "-slope", "-1 / p_c"),
        constants={"o_c": 1.0},
    ),
)

_ALL = (
    *map(_gauss, ("Gauss1", "Gauss2", "Gauss3")),
    *map(_lanczos, ("Lanczos1", "Lanczos2", "Lanczos3")),
    *map(_rise, ("Misra1a", "BoxBOD")),
    CertifiedProblem(
        "MGH17",
        "constant + exponential(f_) + exponential(g_)",
        {
            "c": "b1",
            "f_amplitude": "b2",
            "g_amplitude": "b3",
            "f_decay": "1 / b4",
            "g_decay": "1 / b5",
        },
        ("c", "f_amplitude", "g_amplitude", "1 / f_decay", "1 / g_decay"),
        exchangeable=("f_", "g_"),
    ),
    CertifiedProblem(
        "Eckerle4",
        "gaussian",
        {"amplitude": "b1 * sqrt(2 * pi)", "sigma": "b2", "center": "b3"},
        ("amplitude / sqrt(2 * pi)", "sigma", "center"),
    ),
)

_ALL += (
    *_QUOTIENTS,
    CertifiedProblem(
        "ENSO",
        "constant + ringdown(f_) + ringdown(g_) + ringdown(h_)",
        {
            "c": "b1",
            **_wave("b2", "b3", "f_"),
            **_wave("b5", "b6", "g_"),
            "g_frequency": "1 / b4",
            **_wave("b8", "b9", "h_"),
            "h_frequency": "1 / b7",
        },
        (
            *("c", *_parts("f_")),
            *("1 / g_frequency", *_parts("g_")),
            *("1 / h_frequency", *_parts("h_")),
        ),
        constants={"f_rate": 0.0, "g_rate": 0.0, "h_rate": 0.0, "f_frequency": 1 / 12},
    ),
)

#: Problems by name.
PROBLEMS: Mapping[str, CertifiedProblem] = MappingProxyType(
    {problem.name: problem for problem in _ALL}
)


def load(name: str, folder: Path) -> Record:
    """Data and certified answer of a problem, from a folder with `nist/problems.json`.

    Raises
    ------
    InputError
        When no problem has the name.
    """
    if name not in PROBLEMS:
        raise InputError(f"unknown problem {name!r}; {did_you_mean(name, PROBLEMS)}")
    listed = parsed_json((folder / "nist/problems.json").read_text(encoding="utf-8"))
    entry = next(own for own in listed if own["name"] == name)
    table = read_table(folder / entry["file"])
    problem = PROBLEMS[name]
    return Record(
        x=np.asarray(table.x),
        y=np.asarray(table.y),
        starts=tuple(problem.start(np.array(b)) for b in entry["starts"]),
        certified=np.array(entry["certified"]),
        stderr=np.array(entry["standard_errors"]),
        residual_sum=entry["residual_sum"],
    )
