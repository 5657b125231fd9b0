"""Peaks with long tails, as detectors make them."""

from __future__ import annotations

from physfit.kernels import landau
from physfit.kernels.kernel import point_kernel
from physfit.models.catalogue.component import Component
from physfit.models.catalogue.formula_text import horner
from physfit.models.catalogue.parameters import AREA, CENTER, HEIGHT, SIGMA
from physfit.models.example import Example
from physfit.models.formulas.entry import Formula
from physfit.models.param import Param

__all__ = ["CrystalBall", "DoubleCrystalBall", "Landau", "Moyal", "Novosibirsk"]

_Z = {"z": "(x - center) / sigma"}
_ALPHA = Param("alpha", "", "where the tail begins, in sigma below the center", 0.0)
_N = Param("n", "", "power of the tail", 1.0)


def _tail(z: str, alpha: str, n: str) -> str:
    """Logarithm of the power law that continues a Gaussian beyond -alpha."""
    return f"-0.5 * {alpha}**2 - {n} * log1p(-{alpha} * ({alpha} + {z}) / {n})"


def _tail_area(alpha: str, n: str) -> str:
    return f"{n} / ({alpha} * ({n} - 1)) * exp(-0.5 * {alpha}**2)"


CrystalBall = Component(
    Formula(
        "crystal_ball",
        "amplitude / (sigma * norm) "
        f"* exp(where(z > -alpha, -0.5 * z * z, {_tail('z', 'alpha', 'n')}))",
        steps={
            **_Z,
            "norm": f"{_tail_area('alpha', 'n')} "
            "+ sqrt(pi / 2) * erfc(-alpha / sqrt(2))",
        },
    ),
    description="Gaussian with a power-law tail on the left (Crystal Ball)",
    formula="amplitude / (sigma norm) exp(-z^2 / 2), and (n / alpha)^n exp(-alpha^2 /"
    " 2) (n / alpha - alpha - z)^-n for z < -alpha, z = (x - center) / sigma",
    parameters=(AREA, CENTER, SIGMA, _ALPHA, _N),
    scale="amplitude",
    convention="area; alpha > 0, the tail on the left",
    also=("CB shape", "CBShape", "asymmetric peak with a tail"),
    reference="J. E. Gaiser, SLAC-R-255 (1982), appendix F.",
    example=Example((-6.0, 4.0), {"alpha": (0.5, 1.0, 2.0), "n": 2.0}),
)

DoubleCrystalBall = Component(
    Formula(
        "double_crystal_ball",
        "amplitude / (sigma * norm) "
        f"* exp(where(z < -alpha, {_tail('z', 'alpha', 'n')}, "
        f"where(z > alpha_r, {_tail('(-z)', 'alpha_r', 'n_r')}, -0.5 * z * z)))",
        steps={
            **_Z,
            "norm": f"{_tail_area('alpha', 'n')} + {_tail_area('alpha_r', 'n_r')} "
            "+ sqrt(pi / 2) * (erf(alpha / sqrt(2)) + erf(alpha_r / sqrt(2)))",
        },
    ),
    description="Gaussian with power-law tails on both sides",
    formula="amplitude / (sigma norm) exp(-z^2 / 2), and a power law beyond -alpha "
    "and beyond alpha_r, z = (x - center) / sigma",
    parameters=(
        AREA,
        CENTER,
        SIGMA,
        _ALPHA,
        _N,
        Param("alpha_r", "", "where the right tail begins, in sigma", 0.0),
        Param("n_r", "", "power of the right tail", 1.0),
    ),
    scale="amplitude",
    convention="area",
    also=("double-sided Crystal Ball", "DSCB"),
    example=Example((-6.0, 6.0), {"n": 2.0, "alpha_r": 1.5, "n_r": 4.0}),
)

_K = "sqrt(2 * log(2))"
Novosibirsk = Component(
    # log1p(w) / w and sinh(t) / t by series near 0, so that tail = 0 is a Gaussian
    Formula(
        "novosibirsk",
        "height * where(w > -1, exp(-0.5 * q * q), 0)",
        steps={
            "t": f"tail * {_K}",
            "ratio": "where(abs(t) < 0.1, "
            + horner("(t * t)", tuple(1.0 / k for k in (1, 6, 120, 5040, 362880)))
            + ", sinh(t) / t)",
            "z": "(x - center) / sigma",
            "w": "z * tail * ratio",
            "part": "where(abs(w) < 0.05, "
            + horner("w", tuple((-1.0) ** k / (k + 1.0) for k in range(14)))
            + ", log1p(w) / w)",
            "q": "z * ratio * part",
        },
    ),
    description="Gaussian of a logarithm, with one long tail (Novosibirsk)",
    formula="height exp(-(ln(1 + w) / tail)^2 / 2), w = (x - center) / sigma "
    "sinh(tail k) / k, k = sqrt(2 ln 2); 0 where w <= -1",
    parameters=(
        HEIGHT,
        CENTER,
        Param("sigma", "x", "full width at half maximum over 2.3548", 0.0),
        Param("tail", "", "asymmetry: 0 is a Gaussian, > 0 has its tail on the right"),
    ),
    derived=(("fwhm", f"2 * {_K} * sigma", "x", "full width at half maximum"),),
    scale="height",
    convention="height at the maximum, which is at center",
    also=("log-Gaussian", "asymmetric peak"),
    reference="H. Ikeda et al. (Belle), Nucl. Instrum. Meth. A 441 (2000) 401.",
    example=Example((-4.0, 6.0), {"tail": (-0.5, 0.0, 0.6)}),
)

Landau = Component(
    point_kernel(landau.landau),
    description="Landau distribution: energy losses in a thin layer",
    formula="amplitude / sigma phi((x - center) / sigma - 0.222783), phi(y) = 1 / pi "
    "times the integral of exp(-t log(t) - y t) sin(pi t) over t > 0",
    parameters=(AREA, CENTER, Param("sigma", "x", "width", 0.0)),
    derived=(
        ("height", "0.18065563382055094 * amplitude / sigma", "y", "value at center"),
        ("fwhm", "4.018645712562254 * sigma", "x", "full width at half maximum"),
        (
            "location",
            "center + 0.2227829812564085 * sigma",
            "x",
            "where phi has its origin (MPV of ROOT)",
        ),
    ),
    scale="amplitude",
    convention="area; center is the most probable value, which ROOT's parameter MPV is "
    "not: that is location; scale of scipy is pi / 2 sigma",
    also=("energy loss", "straggling", "DENLAN", "TMath::Landau", "asymmetric peak"),
    reference="L. Landau, J. Phys. USSR 8 (1944) 201.",
    example=Example((-3.0, 12.0), {"sigma": (0.5, 1.0)}),
)

Moyal = Component(
    Formula(
        "moyal",
        "amplitude / (sigma * sqrt(2 * pi)) * exp(-0.5 * (z + exp(-z)))",
        steps=_Z,
    ),
    description="Moyal distribution, an approximation of Landau's energy loss",
    parameters=(AREA, CENTER, Param("sigma", "x", "width", 0.0)),
    derived=(
        (
            "height",
            "amplitude / (sigma * sqrt(2 * pi)) * exp(-0.5)",
            "y",
            "value at center",
        ),
    ),
    scale="amplitude",
    convention="area; center is the most probable value",
    also=("Landau approximation",),
    reference="J. E. Moyal, Phil. Mag. 46 (1955) 263.",
    example=Example((-3.0, 8.0), {"sigma": (0.5, 1.0)}),
)
