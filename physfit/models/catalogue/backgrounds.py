"""Polynomials and other slow curves."""

from __future__ import annotations

from physfit.kernels import backgrounds
from physfit.kernels.kernel import point_kernel
from physfit.models.catalogue.component import Component
from physfit.models.example import Example
from physfit.models.formulas.entry import Formula
from physfit.models.guesses import Polynomial
from physfit.models.param import Param

__all__ = ["ComplexConstant", "Constant", "Linear", "Quadratic"]

Constant = Component(
    point_kernel(backgrounds.constant),
    description="constant",
    formula="c",
    parameters=(Param("c", "y", "value everywhere"),),
    guess=Polynomial((("c", 0),)),
    scale="c",
    is_flat=True,
    also=("offset", "ConstantModel"),
)

Linear = Component(
    point_kernel(backgrounds.linear),
    description="straight line",
    formula="slope x + intercept",
    parameters=(
        Param("slope", "y/x", "change per unit of x"),
        Param("intercept", "y", "value at x = 0"),
    ),
    guess=Polynomial((("slope", 1), ("intercept", 0))),
    scale="intercept",
    also=("straight line", "LinearModel"),
)

Quadratic = Component(
    point_kernel(backgrounds.quadratic),
    description="parabola",
    formula="a x^2 + b x + c",
    parameters=(
        Param("a", "y/x**2", "curvature: half the second derivative"),
        Param("b", "y/x", "slope at x = 0"),
        Param("c", "y", "value at x = 0"),
    ),
    guess=Polynomial((("a", 2), ("b", 1), ("c", 0))),
    scale="c",
    also=("parabola", "QuadraticModel"),
    example=Example((-2.0, 2.0)),
)

ComplexConstant = Component(
    Formula("complex_constant", "re + 1j * im"),
    description="complex constant",
    parameters=(Param("re", "y", "real part"), Param("im", "y", "imaginary part")),
    scale="re",
    is_flat=True,
    also=("complex offset", "ComplexConstantModel"),
    example=Example((0.0, 5.0), {"im": 0.5}),
)
