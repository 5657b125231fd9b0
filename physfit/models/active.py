"""Backgrounds that follow the peaks of their sum: Shirley's and Tougaard's.

In a sum, ``voigt(a_) + voigt(b_) + shirley``, they are integrals of all terms that have
a `center`, and so their parameters and those of the peaks are fitted together.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from physfit.data.background import UNIVERSAL_C
from physfit.kernels.active import shirley_alone, tougaard_alone
from physfit.kernels.kernel import Scalar, point_kernel
from physfit.models.active_kernel import KINDS
from physfit.models.declaration import FAMILIES, Declaration
from physfit.models.model import Model, component
from physfit.models.param import Param

__all__ = ["Shirley", "Tougaard"]


def Shirley(prefix: str = "", *, kinetic: bool = False) -> Model:
    """Shirley background of the peaks that it is added to: k times their integral.

    Parameters
    ----------
    prefix : str
        Precedes the name of the parameter `k`.
    kinetic : bool
        Whether x are kinetic energies: electrons that lost energy are at smaller x.
        Without it they are binding energies.

    Examples
    --------
    >>> import physfit as pf
    >>> model = pf.models.Voigt() + pf.models.Shirley() + pf.models.Constant()
    >>> model.expression, model.names[4:]
    ('voigt + shirley + constant', ('k', 'c'))
    """
    return component(_declared("shirley_kinetic" if kinetic else "shirley"), prefix)


def Tougaard(prefix: str = "", *, kinetic: bool = False) -> Model:
    """Tougaard background: the peaks convolved with b T / (C + T^2)^2, T the loss.

    Parameters
    ----------
    prefix : str
        Precedes the names of the parameters `b` and `C`, which is fixed at 1643 (x in
        eV) until it is freed.
    kinetic : bool
        Whether x are kinetic energies: electrons that lost energy are at smaller x.
        Without it they are binding energies.

    Examples
    --------
    >>> import physfit as pf
    >>> model = pf.models.Voigt() + pf.models.Tougaard()
    >>> model.free_names
    ('amplitude', 'center', 'sigma', 'gamma', 'b')
    """
    return component(_declared("tougaard_kinetic" if kinetic else "tougaard"), prefix)


_K = Param("k", "1/x", "background behind a peak for each unit of its area", 0.0)
_TOUGAARD = (
    Param("b", "x**2", "factor of the cross section: B of the universal one", 0.0),
    Param("C", "x**2", "of the cross section", 0.0, start=UNIVERSAL_C, fixed=True),
)


@lru_cache(maxsize=16)
def _declared(name: str) -> Declaration:
    """Declaration of a background by its name."""
    name = name.partition("(")[0]
    is_shirley = name.startswith("shirley")
    function: Scalar = shirley_alone if is_shirley else tougaard_alone
    to_higher = "smaller" if name.endswith("_kinetic") else "larger"
    law = "k integral of P" if is_shirley else "b integral of P(t) T / (C + T^2)^2"
    kernel = replace(point_kernel(function), name=name)
    who = "Shirley" if is_shirley else "Tougaard"
    return Declaration(
        kernel=kernel,
        description=f"{who} background of the peaks in its sum, at {to_higher} x",
        formula=f"{law}, over the samples before x, of the peaks P",
        parameters=(_K,) if is_shirley else _TOUGAARD,
        follows_peaks=True,
        note=(
            f"{name} is an integral of the peaks (terms with a `center`) over the "
            f"samples, towards {to_higher} x; what lies beyond them has no part in it."
        ),
    )


for kind in KINDS:
    FAMILIES[kind] = _declared
