"""physfit: fit physics models to measured data.

The public names, each imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from physfit import errors, models
    from physfit.comparison.table import Comparison, compare
    from physfit.data.hdf5 import Hdf5Source
    from physfit.data.readers import read_table
    from physfit.data.shuffle import shuffle_file
    from physfit.fitting import curve_fit, fit
    from physfit.models.loss import Loss
    from physfit.models.model import Model
    from physfit.models.param import bounds, fixed, param, tie
    from physfit.models.parse import parse_model
    from physfit.optim import recipes as optimizers
    from physfit.optim import schedules, transforms
    from physfit.optim.base import Optimizer, chain, transform
    from physfit.optim.registry import register_optimizer
    from physfit.result import FitResult
    from physfit.result.file import load_result
    from physfit.solve.base import Progress, Solution, Status, Stop
    from physfit.solve.history import History

__version__ = "0.1.0.dev0"

__all__ = [
    "Comparison",
    "FitResult",
    "Hdf5Source",
    "History",
    "Loss",
    "Model",
    "Optimizer",
    "Progress",
    "Solution",
    "Status",
    "Stop",
    "bounds",
    "chain",
    "compare",
    "curve_fit",
    "errors",
    "fit",
    "fixed",
    "load_result",
    "models",
    "optimizers",
    "param",
    "parse_model",
    "read_table",
    "register_optimizer",
    "schedules",
    "shuffle_file",
    "tie",
    "transform",
    "transforms",
]

_HOMES = {
    "Comparison": "physfit.comparison.table",
    "FitResult": "physfit.result",
    "Hdf5Source": "physfit.data.hdf5",
    "History": "physfit.solve.history",
    "Loss": "physfit.models.loss",
    "Model": "physfit.models.model",
    "Optimizer": "physfit.optim.base",
    "Progress": "physfit.solve.base",
    "Solution": "physfit.solve.base",
    "Status": "physfit.solve.base",
    "Stop": "physfit.solve.base",
    "bounds": "physfit.models.param",
    "chain": "physfit.optim.base",
    "compare": "physfit.comparison.table",
    "curve_fit": "physfit.fitting",
    "fit": "physfit.fitting",
    "fixed": "physfit.models.param",
    "load_result": "physfit.result.file",
    "param": "physfit.models.param",
    "parse_model": "physfit.models.parse",
    "read_table": "physfit.data.readers",
    "register_optimizer": "physfit.optim.registry",
    "shuffle_file": "physfit.data.shuffle",
    "tie": "physfit.models.param",
    "transform": "physfit.optim.base",
}
_MODULES = {
    "errors": "physfit.errors",
    "models": "physfit.models",
    "optimizers": "physfit.optim.recipes",
    "schedules": "physfit.optim.schedules",
    "transforms": "physfit.optim.transforms",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name not in _HOMES:
        raise AttributeError(f"module 'physfit' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
