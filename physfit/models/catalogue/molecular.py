"""Lines of gases: pressure, speed dependence and velocity-changing collisions."""

from __future__ import annotations

import math

from physfit.kernels import hartmann_tran, modified_hartmann_tran
from physfit.kernels.kernel import point_kernel
from physfit.models.catalogue.component import Component
from physfit.models.catalogue.parameters import AREA
from physfit.models.example import Example
from physfit.models.guesses import FWHM_OF_SIGMA, Peak
from physfit.models.param import Param

__all__ = ["HartmannTran", "ModifiedHartmannTran", "SpeedDependentVoigt"]


def _held(
    name: str,
    unit: str,
    description: str,
    lower: float = -math.inf,
    upper: float = math.inf,
) -> Param:
    """A parameter that is 0 until it is freed."""
    return Param(name, unit, description, lower, upper, start=0.0, fixed=True)


_LINE = (
    AREA,
    Param("center", "x", "position of the line without its shift"),
    Param("sigma", "x", "standard deviation of the Doppler profile", 0.0),
    Param("gamma0", "x", "half width by collisions, averaged over speeds", 0.0),
    _held("shift0", "x", "shift by collisions, averaged over speeds"),
    Param("gamma2", "x", "quadratic dependence of the width on speed", 0.0, start=0.0),
    _held("shift2", "x", "quadratic dependence of the shift on speed"),
)
_MIXING = _held(
    "mixing", "", "line mixing Y of first order: gamma + Y (x - center) above"
)
_WIDTHS = (
    ("gamma_D", "sqrt(2 * log(2)) * sigma", "x", "Doppler half width (GammaD of hapi)"),
    ("aw", "gamma2 / gamma0", "", "speed dependence of the width"),
)
_GUESS = Peak(gauss=("sigma", FWHM_OF_SIGMA), lorentz=("gamma0", 2.0))
_CONVENTION = (
    "area; half widths at the pressure of the data, not per pressure; sigma is hapi's "
    "GammaD / sqrt(2 ln 2)"
)


def _note(*names: str) -> str:
    """What is held, and how it is freed."""
    listed = "".join(f", {{prefix}}{name}" for name in ("mixing", "shift2", *names))
    return (
        f"held at 0: {{prefix}}shift0, which acts as {{prefix}}center does{listed}; "
        "free one with where({prefix}shift2=pf.param()) or --start {prefix}shift2=0"
    )


_SEEN = {"sigma": 0.5, "gamma0": 0.5, "gamma2": 0.1}

SpeedDependentVoigt = Component(
    point_kernel(
        modified_hartmann_tran.speed_dependent_voigt,
        branches=(
            modified_hartmann_tran.voigt_collisional,
            modified_hartmann_tran.voigt_direct,
            modified_hartmann_tran.voigt_slow,
        ),
        choose=modified_hartmann_tran.voigt_regime,
    ),
    description="Voigt line whose width and shift depend on the speed (quadratic)",
    formula="amplitude / pi Re <1 / (gamma(v) + i (x - center - shift(v)) "
    "- i sqrt(2) sigma v_z)>, gamma(v) = gamma0 + gamma2 (v^2 - 3/2) and shift alike, "
    "averaged over Maxwell's velocities v in units of the most probable speed",
    parameters=(*_LINE, _MIXING),
    derived=_WIDTHS,
    guess=_GUESS,
    scale="amplitude",
    convention=_CONVENTION,
    note=_note(),
    also=("SDV", "qSDV", "PROFILE_SDVOIGT", "hapi", "HITRAN", "Berman-Pickett"),
    reference="C. D. Boone, K. A. Walker, P. F. Bernath, JQSRT 105 (2007) 525.",
    example=Example((-3.0, 3.0), {**_SEEN, "gamma2": (0.0, 0.15, 0.3)}),
)

HartmannTran = Component(
    point_kernel(
        hartmann_tran.hartmann_tran,
        branches=(
            hartmann_tran.correlated_collisional,
            hartmann_tran.correlated_direct,
            hartmann_tran.correlated_slow,
        ),
        choose=hartmann_tran.correlated_regime,
    ),
    description="Hartmann-Tran line: speed dependence, Dicke narrowing, correlation",
    formula="amplitude / pi Re[A / (1 - (nu_vc - eta (C0 - 3/2 C2)) A + eta C2 B)], "
    "A and B averages over speeds",
    parameters=(
        *_LINE,
        Param(
            "nu_vc", "x", "frequency of velocity-changing collisions", 0.0, start=0.0
        ),
        _held("eta", "", "correlation of velocity and phase changes", 0.0, 1.0),
        _MIXING,
    ),
    derived=_WIDTHS,
    guess=_GUESS,
    scale="amplitude",
    convention=_CONVENTION,
    note=_note("eta"),
    also=("HT", "HTP", "pCqSDHC", "PROFILE_HT", "hapi", "HITRAN", "Dicke narrowing"),
    reference="N. H. Ngo, D. Lisak, H. Tran, J.-M. Hartmann, JQSRT 129 (2013) 89.",
    example=Example((-3.0, 3.0), {**_SEEN, "nu_vc": (0.0, 0.5, 2.0), "eta": 0.3}),
)

ModifiedHartmannTran = Component(
    point_kernel(
        modified_hartmann_tran.modified_hartmann_tran,
        branches=(
            modified_hartmann_tran.modified_collisional,
            modified_hartmann_tran.modified_direct,
            modified_hartmann_tran.modified_slow,
        ),
        choose=modified_hartmann_tran.modified_regime,
    ),
    description="modified Hartmann-Tran line, which HITRAN recommends",
    formula="amplitude / pi Re[A / (1 - (nu_opt - i nu_opt_im) A)], A the average of "
    "the speed-dependent Voigt line with nu_opt - i nu_opt_im added to its rate",
    parameters=(
        *_LINE,
        Param("nu_opt", "x", "Dicke parameter, real part", 0.0, start=0.0),
        _held("nu_opt_im", "x", "Dicke parameter, imaginary part"),
        _MIXING,
    ),
    derived=_WIDTHS,
    guess=_GUESS,
    scale="amplitude",
    convention=f"{_CONVENTION}; without the beta correction of nu_opt",
    note=_note("nu_opt_im"),
    also=("mHT", "qSDHC", "HITRAN", "speed-dependent Nelkin-Ghatak", "Rautian"),
    reference="P. Wcislo et al., arXiv 2503.21430.",
    example=Example(
        (-3.0, 3.0), {**_SEEN, "nu_opt": (0.0, 0.5, 2.0), "nu_opt_im": -0.2}
    ),
)
