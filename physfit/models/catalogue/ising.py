"""Ising models in equilibrium, as functions of temperature."""

from __future__ import annotations

from physfit.kernels import thermodynamics
from physfit.kernels.kernel import point_kernel
from physfit.models.catalogue.component import Component
from physfit.models.catalogue.parameters import J
from physfit.models.example import Example
from physfit.models.formulas.entry import Formula
from physfit.models.param import Param

__all__ = [
    "CriticalLaw",
    "CriticalLogarithm",
    "CurieWeiss",
    "IsingChainCorrelation",
    "IsingChainEnergy",
    "IsingChainHeat",
    "IsingChainMagnetization",
    "IsingChainSusceptibility",
    "IsingSquareEnergy",
    "IsingSquareHeat",
    "IsingSquareMagnetization",
    "OrderParameter",
]

IsingChainEnergy = Component(
    point_kernel(thermodynamics.ising_chain_energy),
    description="Ising chain without field, energy per spin over temperature",
    formula="u(T) = -J tanh(J / T)",
    parameters=(J,),
    reference="E. Ising, Z. Phys. 31 (1925) 253.",
    example=Example((0.2, 5.0)),
)

IsingChainHeat = Component(
    point_kernel(thermodynamics.ising_chain_heat),
    description="Ising chain without field, specific heat per spin",
    formula="c(T) = (J / T)^2 / cosh(J / T)^2",
    parameters=(J,),
    derived=(
        (
            "T_max",
            "0.8335565596009647 * J",
            "x",
            "temperature of the largest specific heat",
        ),
    ),
    reference="E. Ising, Z. Phys. 31 (1925) 253.",
    example=Example((0.2, 5.0)),
)

_SQUARE_DERIVED = (
    ("Tc", "2 * J / log(1 + sqrt(2))", "x", "critical temperature (Onsager)"),
)

IsingSquareEnergy = Component(
    point_kernel(thermodynamics.ising_square_energy),
    description="Ising model on the square lattice, energy per spin",
    formula=(
        "u(T) = -J coth(2J/T) (1 + 2/pi (2 tanh(2J/T)^2 - 1) K(k)), "
        "k = 2 sinh(2J/T) / cosh(2J/T)^2"
    ),
    parameters=(J,),
    derived=_SQUARE_DERIVED,
    reference="L. Onsager, Phys. Rev. 65 (1944) 117.",
    example=Example((0.2, 5.0)),
)

IsingSquareHeat = Component(
    point_kernel(thermodynamics.ising_square_heat),
    description="Ising model on the square lattice, specific heat per spin",
    formula="c(T) = du/dT of ising_square_energy",
    parameters=(J,),
    derived=_SQUARE_DERIVED,
    reference="L. Onsager, Phys. Rev. 65 (1944) 117.",
    example=Example((0.2, 5.0)),
)

_CURIE = Param("amplitude", "y*x", "Curie constant")
IsingChainSusceptibility = Component(
    Formula(
        "ising_chain_susceptibility", "amplitude / x * exp(2 * J / x)", domain="x > 0"
    ),
    description="Ising chain, susceptibility without field against temperature",
    formula="chi(T) = amplitude / T exp(2 J / T)",
    parameters=(_CURIE, Param("J", "x", "coupling; negative: antiferromagnetic")),
    scale="amplitude",
    reference="E. Ising, Z. Phys. 31 (1925) 253.",
    example=Example((0.5, 5.0), {"J": (-0.5, 0.0, 0.3)}),
)

IsingChainMagnetization = Component(
    # sinh h / sqrt(sinh^2 h + exp(-4 K)) over cosh h, which would overflow
    Formula(
        "ising_chain_magnetization",
        "amplitude * t / sqrt(t * t + exp(-4 * K) * 4 * e / ((1 + e) * (1 + e)))",
        steps={"h": "x / scale", "t": "tanh(h)", "e": "exp(-2 * abs(h))"},
    ),
    description="Ising chain, magnetisation against field",
    formula="amplitude sinh(h) / sqrt(sinh(h)^2 + exp(-4 K)), h = x / scale",
    parameters=(
        Param("amplitude", "y", "saturation"),
        Param("scale", "x", "field at which moment times field is k_B T", 0.0),
        Param("K", "", "coupling over temperature, J / k_B T"),
    ),
    derived=(
        ("susceptibility", "amplitude / scale * exp(2 * K)", "y/x", "slope at 0"),
    ),
    scale="amplitude",
    reference="E. Ising, Z. Phys. 31 (1925) 253.",
    example=Example((-4.0, 4.0), {"K": (-0.5, 0.0, 0.7)}),
)

IsingChainCorrelation = Component(
    Formula(
        "ising_chain_correlation",
        "-amplitude / where(K > 1, log1p(-2 * e / (1 + e)), log(tanh(K)))",
        steps={"K": "J / x", "e": "exp(-2 * K)"},
        domain="x > 0",
    ),
    description="Ising chain, correlation length against temperature",
    formula="xi(T) = -amplitude / log(tanh(J / T))",
    parameters=(Param("amplitude", "y", "distance of spins"), J),
    scale="amplitude",
    reference="E. Ising, Z. Phys. 31 (1925) 253.",
    example=Example((0.4, 5.0), {"J": (0.5, 1.0)}),
)

IsingSquareMagnetization = Component(
    # with q = exp(-4 J / T): 1 - sinh(2 J / T)^-4 in factors, of which one vanishes
    Formula(
        "ising_square_magnetization",
        "where(q < 3 - sqrt(8), amplitude * sqrt(sqrt(sqrt("
        "(1 - 6 * q + q * q) * (1 - 2 * q + q * q + 4 * q) / ((1 - q) * (1 - q) "
        "* (1 - q) * (1 - q))))), 0)",
        steps={"q": "exp(-4 * J / x)"},
        domain="x > 0",
    ),
    description="Ising model on the square lattice, spontaneous magnetisation",
    formula="m(T) = amplitude (1 - sinh(2J/T)^-4)^(1/8) below Tc, 0 above",
    parameters=(Param("amplitude", "y", "saturation"), J),
    derived=_SQUARE_DERIVED,
    scale="amplitude",
    also=("Yang", "order parameter"),
    reference="C. N. Yang, Phys. Rev. 85 (1952) 808.",
    example=Example((0.2, 4.0), {"J": (0.7, 1.0)}),
)

_TC = Param("Tc", "x", "critical temperature", 0.0)
# the difference first: x / Tc - 1 has no digits left near Tc
_T = {"t": "(x - Tc) / Tc", "l": "log(abs(t))"}
_CORRECTION = (
    Param("correction", "", "size of the correction to scaling", start=0.0, fixed=True),
    Param("delta", "", "its exponent", 0.0, start=0.5, fixed=True),
)

CriticalLaw = Component(
    Formula(
        "critical_law",
        "where(t > 0, above, below) * exp(-exponent * l) "
        "* (1 + correction * exp(delta * l)) + background",
        steps=_T,
        domain="Tc > 0",
    ),
    description="power law on both sides of a critical point, with a correction",
    formula="A |t|^-exponent (1 + correction |t|^delta) + background, t = x / Tc - 1",
    parameters=(
        Param("above", "y", "amplitude above Tc"),
        Param("below", "y", "amplitude below Tc"),
        _TC,
        Param("exponent", "", "exponent: gamma of a susceptibility, alpha of a heat"),
        *_CORRECTION,
        Param("background", "y", "what is regular"),
    ),
    derived=(("ratio", "above / below", "", "ratio of the amplitudes"),),
    scale="above",
    convention="correction and delta are held at 0 and 0.5 until they are freed",
    also=("critical exponent", "heat capacity", "susceptibility"),
    reference="A. Pelissetto, E. Vicari, Phys. Rep. 368 (2002) 549.",
    example=Example(
        (0.503, 1.5),
        {
            "above": 1.0,
            "below": 0.5,
            "exponent": (0.3, 0.6),
            "correction": 0.0,
            "delta": 0.5,
            "background": 0.0,
        },
    ),
)

CriticalLogarithm = Component(
    Formula(
        "critical_logarithm",
        "-where(t > 0, above, below) * l + background",
        steps=_T,
        domain="Tc > 0",
    ),
    description="logarithm on both sides of a critical point: exponent 0",
    formula="-A log|t| + background, t = x / Tc - 1",
    parameters=(
        Param("above", "y", "amplitude above Tc"),
        Param("below", "y", "amplitude below Tc"),
        _TC,
        Param("background", "y", "what is regular"),
    ),
    scale="above",
    also=("heat of the Ising model", "lambda transition"),
    reference="L. Onsager, Phys. Rev. 65 (1944) 117.",
    example=Example((0.503, 1.5), {"below": 0.8, "background": 0.2}),
)

OrderParameter = Component(
    Formula(
        "order_parameter",
        "where(x < Tc, amplitude * exp(beta * l) "
        "* (1 + correction * exp(delta * l)), 0)",
        steps=_T,
        domain="Tc > 0",
    ),
    description="order parameter that vanishes at a critical point",
    formula="amplitude |t|^beta (1 + correction |t|^delta) below Tc, t = x / Tc - 1",
    parameters=(
        Param("amplitude", "y", "amplitude"),
        _TC,
        Param("beta", "", "exponent", 0.0),
        *_CORRECTION,
    ),
    scale="amplitude",
    convention="correction and delta are held at 0 and 0.5 until they are freed",
    also=("magnetisation", "critical exponent beta"),
    example=Example(
        (0.0, 1.5), {"beta": (0.125, 0.326, 0.5), "correction": 0.0, "delta": 0.5}
    ),
)

CurieWeiss = Component(
    Formula("curie_weiss", "amplitude / (x - theta) + background", domain="x > theta"),
    description="Curie-Weiss law of a susceptibility, above theta",
    parameters=(
        _CURIE,
        Param("theta", "x", "Weiss temperature; negative: antiferromagnetic"),
        Param("background", "y", "what does not depend on temperature"),
    ),
    scale="amplitude",
    also=("paramagnet", "Curie law"),
    example=Example((1.0, 10.0), {"theta": (-2.0, 0.0, 0.5), "background": 0.0}),
)
