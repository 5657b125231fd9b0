"""Ising models in equilibrium, as functions of temperature."""

from __future__ import annotations

from physfit.kernels import thermodynamics
from physfit.kernels.kernel import point_kernel
from physfit.models.catalogue.component import Component
from physfit.models.catalogue.parameters import J
from physfit.models.example import Example

__all__ = ["IsingChainEnergy", "IsingChainHeat", "IsingSquareEnergy", "IsingSquareHeat"]

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
