"""Names that numpy, scipy and math have for operations, where they differ."""

from __future__ import annotations

__all__ = ["MATH_NAMES", "NUMPY_NAMES", "OPERATION_NAMES"]

#: What numpy calls an operation, and a function of `math` of the same name.
NUMPY_NAMES = {
    "sub": "subtract",
    "mul": "multiply",
    "div": "divide",
    "pow": "power",
    "neg": "negative",
    "and": "logical_and",
    "or": "logical_or",
    "not": "logical_not",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "atan2": "arctan2",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
    "select": "where",
}
#: What numpy or scipy calls a function of `math` or `cmath`; nothing where the one of
#: that name is another function.
MATH_NAMES = {
    **NUMPY_NAMES,
    "lgamma": "gammaln",
    "phase": "angle",
    "fsum": "sum",
    "sumprod": "dot",
    "remainder": "",
    "gcd": "",
    "lcm": "",
}
#: Operations by the names of numpy, scipy and math that are not theirs.
OPERATION_NAMES = {
    **{other: name for name, other in NUMPY_NAMES.items()},
    "remainder": "mod",
    "fix": "trunc",
    "digamma": "psi",
    "lgamma": "gammaln",
}
