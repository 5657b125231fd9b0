"""Dielectric functions, complex, against frequency, wavenumber or photon energy.

Light goes as exp(-i x t), so that absorption is a positive imaginary part. They add up:
"reflectivity(dielectric_constant + lorentz_oscillator(a_) + drude(b_))" is what a
crystal with a vibration and free carriers reflects at normal incidence.
"""

from __future__ import annotations

from physfit.models.catalogue.component import Component
from physfit.models.example import Example
from physfit.models.formulas.entry import Formula
from physfit.models.param import Param

__all__ = ["DielectricConstant", "Drude", "LorentzOscillator", "ToLo"]

_PLASMA = Param("omega_p", "x", "plasma frequency", 0.0)
_DAMPING = Param("damping", "x", "damping: full width at half maximum", 0.0)
_LIGHT = "light goes as exp(-i x t): absorption is Im > 0; x, omega_p and damping alike"

DielectricConstant = Component(
    Formula("dielectric_constant", "eps_inf"),
    description="dielectric function far above all vibrations: a constant from 1 on",
    parameters=(Param("eps_inf", "", "value far above", 1.0),),
    is_flat=True,
    convention="no unit; beside others: all that lies above the range of x",
    also=(
        "reflectivity",
        "epsilon infinity",
        "permittivity",
        "high-frequency constant",
    ),
    example=Example((0.0, 3.0), {"eps_inf": 4.0}),
)

LorentzOscillator = Component(
    Formula(
        "lorentz_oscillator",
        "omega_p**2 / ((omega_TO - x) * (omega_TO + x) - 1j * damping * x)",
    ),
    description="dielectric function of a vibration or transition: Lorentz oscillator",
    formula="omega_p^2 / (omega_TO^2 - x^2 - i x damping)",
    parameters=(
        _PLASMA,
        Param("omega_TO", "x", "frequency of the transverse vibration", 0.0),
        _DAMPING,
    ),
    derived=(
        ("strength", "(omega_p / omega_TO)**2", "", "share of the static value"),
        ("Q", "omega_TO / damping", "", "quality factor"),
    ),
    convention=_LIGHT,
    also=(
        "reflectivity",
        "Drude-Lorentz",
        "RefFIT",
        "phonon",
        "permittivity",
        "dielectric function",
    ),
    reference="F. Wooten, Optical Properties of Solids (1972), section 3.1.",
    example=Example(
        (0.0, 3.0), {"omega_p": 1.0, "omega_TO": 1.0, "damping": (0.1, 0.4)}
    ),
)

Drude = Component(
    Formula(
        "drude",
        "omega_p**2 * (-1 + 1j * (damping / x)) / (x * x + damping * damping)",
    ),
    description="dielectric function of free carriers (Drude)",
    formula="-omega_p^2 / (x^2 + i x damping)",
    parameters=(_PLASMA, Param("damping", "x", "scattering rate", 0.0)),
    convention=f"{_LIGHT}; x > 0",
    also=(
        "reflectivity",
        "RefFIT",
        "free electrons",
        "metal",
        "plasma",
        "dielectric function",
    ),
    reference="F. Wooten, Optical Properties of Solids (1972), section 3.2.",
    example=Example((0.5, 3.0), {"omega_p": 2.0, "damping": (0.1, 0.4)}),
)

ToLo = Component(
    Formula(
        "to_lo",
        "((omega_LO - x) * (omega_LO + x) - 1j * damping_LO * x) "
        "/ ((omega_TO - x) * (omega_TO + x) - 1j * damping_TO * x)",
    ),
    description="factor of a dielectric function: one pair of TO and LO modes",
    formula="(omega_LO^2 - x^2 - i x damping_LO) / (omega_TO^2 - x^2 - i x damping_TO)",
    parameters=(
        Param("omega_TO", "x", "frequency of the transverse mode", 0.0),
        Param("damping_TO", "x", "its damping", 0.0),
        Param("omega_LO", "x", "frequency of the longitudinal mode", 0.0),
        Param("damping_LO", "x", "its damping", 0.0),
    ),
    derived=(
        (
            "ratio",
            "(omega_LO / omega_TO)**2",
            "",
            "static value over that far above (Lyddane-Sachs-Teller)",
        ),
    ),
    convention="a factor: dielectric_constant * to_lo(a_) * to_lo(b_) is the whole "
    "function; light goes as exp(-i x t)",
    also=(
        "reflectivity",
        "four-parameter model",
        "Gervais-Piriou",
        "factorised",
        "Lyddane-Sachs-Teller",
    ),
    reference="F. Gervais and B. Piriou, J. Phys. C 7 (1974) 2374.",
    example=Example(
        (0.0, 3.0),
        {
            "omega_TO": 1.0,
            "damping_TO": (0.05, 0.2),
            "omega_LO": 1.5,
            "damping_LO": (0.05, 0.2),
        },
    ),
)
