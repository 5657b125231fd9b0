"""The coefficients that stand in the kernels are those that the script computes."""

from __future__ import annotations

import importlib

import mpmath
import pytest
from kernel_coefficients import FITS, coefficients

from physfit.kernels.polynomials import polynomial


@pytest.mark.parametrize("name", FITS)
def test_coefficients_are_those_of_the_script(name: str) -> None:
    """To the last bit, so that nobody has to trust a table."""
    module, function = name.split(".")
    kernels = importlib.import_module(f"physfit.kernels.{module}")
    used = getattr(kernels, f"_{function}_polynomial")
    with mpmath.workdps(60):
        made = polynomial(*coefficients(FITS[name]))
    assert used.__physfit_source__ == made.__physfit_source__
