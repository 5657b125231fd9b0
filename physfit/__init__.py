"""physfit: fit physics models to measured data.

The public names, each imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from physfit import errors, models
    from physfit.comparison.table import Comparison, compare
    from physfit.data.readers import read_table
    from physfit.fitting import curve_fit, fit
    from physfit.models.loss import Loss
    from physfit.models.model import Model
    from physfit.models.param import bounds, fixed, param, tie
    from physfit.models.parse import parse_model
    from physfit.result import FitResult
    from physfit.result.file import load_result
    from physfit.solve.base import Progress, Solution, Status, Stop

__version__ = "0.1.0.dev0"

__all__ = [
    "Comparison",
    "FitResult",
    "Loss",
    "Model",
    "Progress",
    "Solution",
    "Status",
    "Stop",
    "bounds",
    "compare",
    "curve_fit",
    "errors",
    "fit",
    "fixed",
    "load_result",
    "models",
    "param",
    "parse_model",
    "read_table",
    "tie",
]

_HOMES = {
    "Comparison": "physfit.comparison.table",
    "FitResult": "physfit.result",
    "Loss": "physfit.models.loss",
    "Model": "physfit.models.model",
    "Progress": "physfit.solve.base",
    "Solution": "physfit.solve.base",
    "Status": "physfit.solve.base",
    "Stop": "physfit.solve.base",
    "bounds": "physfit.models.param",
    "compare": "physfit.comparison.table",
    "curve_fit": "physfit.fitting",
    "fit": "physfit.fitting",
    "fixed": "physfit.models.param",
    "load_result": "physfit.result.file",
    "param": "physfit.models.param",
    "parse_model": "physfit.models.parse",
    "read_table": "physfit.data.readers",
    "tie": "physfit.models.param",
}


def __getattr__(name: str) -> Any:
    if name in ("errors", "models"):
        return import_module(f"physfit.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'physfit' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
