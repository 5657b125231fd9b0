"""Convolutions that are components of the catalogue, in other parameters.

Of each pair of names a line says which component it is, and what its parameters are:
`a_` precedes those of the left side, `b_` those of the response, whose area is 1. Such
convolutions are exact, need no more than a sample at a time, and distribute over sums.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from physfit.engine.inner import SPARE, inner_block, inner_prepare
from physfit.engine.layout import Code, Evaluate, Layout, Operation, Tie
from physfit.engine.problem import work_size
from physfit.kernels.kernel import Kernel
from physfit.models.convolution.doniach import DONIACH_GAUSSIAN
from physfit.models.declaration import DECLARATIONS, Declaration
from physfit.models.expression import Expression

if TYPE_CHECKING:
    from physfit.models.convolution.kernel import Placed, Side

__all__ = ["PAIRS", "Pair", "pair_kernel"]


class Pair(NamedTuple):
    """A convolution as components of the catalogue, whose sum it is.

    Attributes
    ----------
    components : sequence of (name, mapping of str to str)
        Parameters of each by expressions of those of both sides.
    """

    components: Sequence[tuple[str, Mapping[str, str]]]


_MOVED = {"amplitude": "a_amplitude", "center": "a_center + b_center"}
_SIGMAS = {"sigma": "sqrt(a_sigma**2 + b_sigma**2)"}
_GAMMAS = {"gamma": "a_gamma + b_gamma"}


def _one(name: str, *parts: Mapping[str, str]) -> Pair:
    joined = {key: text for part in parts for key, text in part.items()}
    return Pair([(name, joined)])


def _decay(amplitude: str, tau: str) -> tuple[str, Mapping[str, str]]:
    named = {"amplitude": amplitude, "center": "b_center", "sigma": "b_sigma"}
    return "decay_response", {**named, "tau": tau}


#: Pairs by the names of both sides.
PAIRS: Mapping[tuple[str, str], Pair] = {
    ("gaussian", "gaussian"): _one("gaussian", _MOVED, _SIGMAS),
    ("gaussian", "lorentzian"): _one(
        "voigt", _MOVED, {"sigma": "a_sigma", "gamma": "b_gamma"}
    ),
    ("gaussian", "voigt"): _one("voigt", _MOVED, _SIGMAS, {"gamma": "b_gamma"}),
    ("lorentzian", "gaussian"): _one(
        "voigt", _MOVED, {"sigma": "b_sigma", "gamma": "a_gamma"}
    ),
    ("lorentzian", "lorentzian"): _one("lorentzian", _MOVED, _GAMMAS),
    ("lorentzian", "voigt"): _one("voigt", _MOVED, {"sigma": "b_sigma"}, _GAMMAS),
    ("voigt", "gaussian"): _one("voigt", _MOVED, _SIGMAS, {"gamma": "a_gamma"}),
    ("voigt", "lorentzian"): _one("voigt", _MOVED, {"sigma": "a_sigma"}, _GAMMAS),
    ("voigt", "voigt"): _one("voigt", _MOVED, _SIGMAS, _GAMMAS),
    ("gaussian", "exponential"): _one(
        "exponential_gaussian",
        {"amplitude": "a_amplitude", "center": "a_center"},
        {"sigma": "a_sigma", "tau": "b_decay"},
    ),
    ("exponential_gaussian", "gaussian"): _one(
        "exponential_gaussian", _MOVED, _SIGMAS, {"tau": "a_tau"}
    ),
    ("exponential", "gaussian"): Pair([_decay("a_amplitude", "a_decay")]),
    ("biexponential", "gaussian"): Pair(
        [_decay("a_a", "a_tau1"), _decay("a_b", "a_tau2")]
    ),
    ("decay_response", "gaussian"): _one(
        "decay_response", _MOVED, _SIGMAS, {"tau": "a_tau"}
    ),
    ("doniach", "gaussian"): _one(
        "doniach_gaussian",
        _MOVED,
        {"gamma": "a_gamma", "alpha": "a_alpha", "sigma": "b_sigma"},
    ),
    ("doniach", "lorentzian"): _one("doniach", _MOVED, _GAMMAS, {"alpha": "a_alpha"}),
    ("linear", "gaussian"): _one(
        "linear",
        {"slope": "a_slope", "intercept": "a_intercept - a_slope * b_center"},
    ),
    ("quadratic", "gaussian"): _one(
        "quadratic",
        {
            "a": "a_a",
            "b": "a_b - 2 * a_a * b_center",
            "c": "a_c - a_b * b_center + a_a * (b_center**2 + b_sigma**2)",
        },
    ),
}


#: Kernels that stand for no entry of the catalogue.
_KERNELS = {DONIACH_GAUSSIAN.name: DONIACH_GAUSSIAN}


def _pair_of(left: Declaration, right: Declaration) -> Pair | None:
    """How two components are joined; what is the same everywhere stays as it is."""
    known = PAIRS.get((left.point, right.point))
    if known is not None and DECLARATIONS.get(right.point) == right:
        return known if DECLARATIONS.get(left.point) == left else None
    if left.is_flat and left.point in DECLARATIONS:
        return _one(left.point, {own.name: f"a_{own.name}" for own in left.parameters})
    return None


def _index(left: Placed, right: Placed, n_names: int) -> dict[str, int]:
    """Places of the parameters of both sides, by the names that pairs give them."""
    index = {
        f"a_{param.name}": left.first + k
        for k, param in enumerate(left.declaration.parameters)
    }
    first = n_names - len(right.declaration.parameters)
    for k, param in enumerate(right.declaration.parameters):
        index[f"b_{param.name}"] = first + k
    return index


def pair_kernel(
    terms: Sequence[Side], response: Side, only: int | None = None
) -> Kernel | None:
    """Kernel of a convolution whose terms are all known as pairs; None otherwise.

    `only` is the term that is wanted alone.
    """
    if len(response.operations) > 1 or any(len(own.operations) > 1 for own in terms):
        return None
    right = response.components[0]
    found = [
        _pair_of(own.components[0].declaration, right.declaration) for own in terms
    ]
    if None in found:
        return None
    names: list[str] = []
    for own in (*(own.components[0] for own in terms), right):
        names += [own.prefix + param.name for param in own.declaration.parameters]
    operations, ties, n_full = list[Operation](), list[Tie](), len(names)
    for number, (side, pair) in enumerate(zip(terms, found, strict=True)):
        if pair is None or only not in (None, number):
            continue
        index = _index(side.components[0], right, len(names))
        for name, by in pair.components:
            target = _KERNELS.get(name) or DECLARATIONS[name].kernel
            joined = [Code.ADD] if operations else []
            operations += [Evaluate(target, n_full), *joined]
            tapes = [Expression.parse(by[own]).tape(index) for own in target.parameters]
            ties += [Tie(n_full + k, tape) for k, tape in enumerate(tapes)]
            n_full += len(target.parameters)
    free = tuple(range(len(names)))
    n_outputs = max(own.n_outputs for own in terms)
    layout = Layout(tuple(operations), n_full, free, (), tuple(ties), 1, n_outputs)
    return Kernel(
        name="@",
        function=inner_block,
        inputs=("x",),
        parameters=tuple(names),
        n_outputs=n_outputs,
        is_block=True,
        scratch=work_size(layout) + SPARE,
        prepare=inner_prepare,
        inner=(layout,),
    )
