"""Models: the catalogue, what joins and changes its components, and their parsers."""

from __future__ import annotations

from physfit.models.catalogue import (
    ComplexRingdown,
    Constant,
    DampedOscillator,
    Exponential,
    Gaussian,
    Gaussian2dIsotropic,
    IsingChainEnergy,
    IsingChainHeat,
    IsingSquareEnergy,
    IsingSquareHeat,
    Linear,
    Lorentzian,
    PseudoVoigt,
    Quadratic,
    Ringdown,
    Voigt,
)
from physfit.models.ising_energy import IsingEnergy, coupling_matrix, ordered_pairs
from physfit.models.model import Model
from physfit.models.origins import from_origin
from physfit.models.parse import parse_model

__all__ = [
    "ComplexRingdown",
    "Constant",
    "DampedOscillator",
    "Exponential",
    "Gaussian",
    "Gaussian2dIsotropic",
    "IsingChainEnergy",
    "IsingChainHeat",
    "IsingEnergy",
    "IsingSquareEnergy",
    "IsingSquareHeat",
    "Linear",
    "Lorentzian",
    "Model",
    "PseudoVoigt",
    "Quadratic",
    "Ringdown",
    "Voigt",
    "coupling_matrix",
    "from_origin",
    "ordered_pairs",
    "parse_model",
]
