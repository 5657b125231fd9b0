"""Dual numbers: numpy arrays that carry their derivatives through a user's function.

A `Dual` is an array and its partials by some parameters. numpy and scipy.special hand
their functions to it; each has its rule once: ufuncs in `slopes`, functions of whole
arrays in `array_functions` and `linear_algebra`. Where a function asks for plain
numbers, a copy of it finds replacements (`replaced`); `ways` tries both. What has no
rule raises TypeError, so that a derivative is exact or none.
"""

from physfit.models.duals.dual import Dual
from physfit.models.duals.ways import Way, duals_of, followed, ways_of

__all__ = ["Dual", "Way", "duals_of", "followed", "ways_of"]
