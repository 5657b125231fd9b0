"""Laws of decay."""

from __future__ import annotations

from physfit.kernels import backgrounds
from physfit.kernels.kernel import point_kernel
from physfit.models.catalogue.component import Component
from physfit.models.example import Example
from physfit.models.guesses import Decay
from physfit.models.param import Param

__all__ = ["Exponential"]

Exponential = Component(
    point_kernel(backgrounds.exponential),
    description="exponential decay",
    formula="amplitude exp(-x / decay)",
    parameters=(
        Param("amplitude", "y", "value at x = 0"),
        Param("decay", "x", "decay constant", 0.0),
    ),
    derived=(("half_life", "log(2) * decay", "x", "where half is left"),),
    guess=Decay(),
    scale="amplitude",
    at_origin=("amplitude",),
    also=("single exponential", "ExponentialModel"),
    example=Example((0.0, 5.0), {"decay": (0.5, 1.0, 2.0)}),
)
