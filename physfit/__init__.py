"""physfit: fit physics models to measured data.

The public names, each imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from physfit import errors, models
    from physfit.comparison.table import Comparison, compare
    from physfit.data.background import background
    from physfit.data.hdf5.source import Hdf5Source
    from physfit.data.readers import read_table
    from physfit.data.shuffle import shuffle_file
    from physfit.fitting import curve_fit, fit
    from physfit.fitting.exploration.descents import Trajectory
    from physfit.fitting.exploration.landscape_result import Landscape
    from physfit.fitting.exploration.many_starts import multistart
    from physfit.fitting.exploration.minima import Minimum, MultiStart
    from physfit.fitting.exploration.rates import RateTest, find_rate
    from physfit.fitting.exploration.surface import landscape
    from physfit.fitting.exploration.sweeps import Sweep, SweepRun, sweep
    from physfit.fitting.gradient_check import GradientCheck, check_gradient
    from physfit.fitting.peak_search.door import find_peaks
    from physfit.fitting.peak_search.found import FoundPeaks
    from physfit.many_fits.bootstrap import Bootstrap, bootstrap
    from physfit.many_fits.in_memory import fit_many
    from physfit.many_fits.progress import ManyProgress
    from physfit.many_fits.toys import toys
    from physfit.many_fits.toys_result import Toys
    from physfit.models.convolution.response import response
    from physfit.models.formulas.component import formula
    from physfit.models.loss import Loss
    from physfit.models.model import Model
    from physfit.models.param import bounds, fixed, param, tie
    from physfit.models.parse import parse_model
    from physfit.models.user_function.user_model import model
    from physfit.optim import recipes as optimizers
    from physfit.optim import schedules, transforms
    from physfit.optim.base import Optimizer, chain, transform
    from physfit.optim.registry import register_optimizer
    from physfit.result import FitResult
    from physfit.result.estimate import ManyEstimate
    from physfit.result.explanation import explain
    from physfit.result.file import load_result
    from physfit.result.many_file import load_many
    from physfit.result.many_result import ManyResult
    from physfit.solve.base import Progress, Solution, Status, Stop
    from physfit.solve.history import History
    from physfit.solve.row_table import RetryStage

__version__ = "0.1.0.dev0"

__all__ = [
    "Bootstrap",
    "Comparison",
    "FitResult",
    "FoundPeaks",
    "GradientCheck",
    "Hdf5Source",
    "History",
    "Landscape",
    "Loss",
    "ManyEstimate",
    "ManyProgress",
    "ManyResult",
    "Minimum",
    "Model",
    "MultiStart",
    "Optimizer",
    "Progress",
    "RateTest",
    "RetryStage",
    "Solution",
    "Status",
    "Stop",
    "Sweep",
    "SweepRun",
    "Toys",
    "Trajectory",
    "background",
    "bootstrap",
    "bounds",
    "chain",
    "check_gradient",
    "compare",
    "curve_fit",
    "errors",
    "explain",
    "find_peaks",
    "find_rate",
    "fit",
    "fit_many",
    "fixed",
    "formula",
    "landscape",
    "load_many",
    "load_result",
    "model",
    "models",
    "multistart",
    "ode",
    "optimizers",
    "param",
    "parse_model",
    "read_table",
    "register_optimizer",
    "response",
    "schedules",
    "shuffle_file",
    "sweep",
    "tie",
    "toys",
    "transform",
    "transforms",
]

_HOMES = {
    "Bootstrap": "physfit.many_fits.bootstrap",
    "Comparison": "physfit.comparison.table",
    "FitResult": "physfit.result",
    "GradientCheck": "physfit.fitting.gradient_check",
    "Hdf5Source": "physfit.data.hdf5.source",
    "History": "physfit.solve.history",
    "Landscape": "physfit.fitting.exploration.landscape_result",
    "Loss": "physfit.models.loss",
    "ManyEstimate": "physfit.result.estimate",
    "ManyProgress": "physfit.many_fits.progress",
    "ManyResult": "physfit.result.many_result",
    "Minimum": "physfit.fitting.exploration.minima",
    "Model": "physfit.models.model",
    "MultiStart": "physfit.fitting.exploration.minima",
    "Optimizer": "physfit.optim.base",
    "Trajectory": "physfit.fitting.exploration.descents",
    "Progress": "physfit.solve.base",
    "RateTest": "physfit.fitting.exploration.rates",
    "RetryStage": "physfit.solve.row_table",
    "Solution": "physfit.solve.base",
    "Status": "physfit.solve.base",
    "Stop": "physfit.solve.base",
    "Sweep": "physfit.fitting.exploration.sweeps",
    "SweepRun": "physfit.fitting.exploration.sweeps",
    "Toys": "physfit.many_fits.toys_result",
    "background": "physfit.data.background",
    "bootstrap": "physfit.many_fits.bootstrap",
    "bounds": "physfit.models.param",
    "chain": "physfit.optim.base",
    "check_gradient": "physfit.fitting.gradient_check",
    "compare": "physfit.comparison.table",
    "curve_fit": "physfit.fitting",
    "explain": "physfit.result.explanation",
    "find_rate": "physfit.fitting.exploration.rates",
    "fit": "physfit.fitting",
    "fit_many": "physfit.many_fits.in_memory",
    "fixed": "physfit.models.param",
    "formula": "physfit.models.formulas.component",
    "ode": "physfit.models.motion.ode",
    "landscape": "physfit.fitting.exploration.surface",
    "load_many": "physfit.result.many_file",
    "load_result": "physfit.result.file",
    "model": "physfit.models.user_function.user_model",
    "multistart": "physfit.fitting.exploration.many_starts",
    "FoundPeaks": "physfit.fitting.peak_search.found",
    "find_peaks": "physfit.fitting.peak_search.door",
    "param": "physfit.models.param",
    "parse_model": "physfit.models.parse",
    "read_table": "physfit.data.readers",
    "register_optimizer": "physfit.optim.registry",
    "response": "physfit.models.convolution.response",
    "shuffle_file": "physfit.data.shuffle",
    "sweep": "physfit.fitting.exploration.sweeps",
    "tie": "physfit.models.param",
    "toys": "physfit.many_fits.toys",
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
