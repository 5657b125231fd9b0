"""Kernel of a Doniach-Sunjic line that is convolved with a Gaussian."""

from __future__ import annotations

from physfit.kernels.doniach import (
    N_PREPARED,
    SIZE,
    doniach_gaussian,
    doniach_table,
)
from physfit.kernels.kernel import Generated, Kernel

__all__ = ["DONIACH_GAUSSIAN"]

_NAMES = ("amplitude", "center", "gamma", "alpha", "sigma")
_READ = ", ".join(f"params[{k}]" for k in range(len(_NAMES)))
_TEXT = (
    "def prepare(params, x, ldx, n, wanted, context, scratch):\n"
    f"    doniach_table({_READ}, scratch)\n"
)

#: Its table of coefficients is made once for each new set of parameters.
DONIACH_GAUSSIAN = Kernel(
    name="doniach_gaussian",
    function=doniach_gaussian,
    inputs=("x",),
    parameters=_NAMES,
    branches=(doniach_gaussian,),
    n_prepared=N_PREPARED,
    scratch=SIZE,
    prepare=Generated("prepare", _TEXT, {"doniach_table": doniach_table}),
)
