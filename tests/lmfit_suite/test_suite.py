"""lmfit's own tests of models, run against physfit's models.

Only where an unpacked source distribution of lmfit is named by `PHYSFIT_LMFIT_SDIST`:
its wheels have no tests, and physfit copies none.
"""

from __future__ import annotations

import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from adapter import lmfit_modules

SDIST = Path(os.environ.get("PHYSFIT_LMFIT_SDIST", "none"))
pytestmark = pytest.mark.skipif(
    not (SDIST / "tests").is_dir(),
    reason="PHYSFIT_LMFIT_SDIST names no unpacked source distribution of lmfit",
)
FILES = ("test_lineshapes", "test_builtin_models", "test_models", "test_stepmodel")

NO_MODEL = "at a width of 0 there is no model: physfit says NaN, lmfit a small width"
OTHER_WORDS = "another sentence for a form that there is not"
#: Tests that cannot hold here, and why; everything else must.
DIFFERENT: dict[str, str] = {
    **{
        f"test_no_ZeroDivisionError_and_finite_output-{name}": NO_MODEL
        for name in (
            *("gaussian", "gaussian2d", "lorentzian", "voigt", "pvoigt", "pearson4"),
            *("pearson7", "breit_wigner", "dho", "lognormal", "students_t", "doniach"),
            *("skewed_gaussian", "skewed_voigt", "exponential"),
        )
    },
    **{
        f"test_form_argument_step_rectangle-{name}-unknown": OTHER_WORDS
        for name in ("step", "rectangle")
    },
    "test_form_argument_thermal_distribution-unknown": OTHER_WORDS,
    "test_guess_modelparams": "guesses of skewed peaks are fits: their "
    "center is not near the maximum",
    "test_stepmodel_stepdown": "the fit needs fewer evaluations than the test demands",
    "test_guess_from_peak2d": "samples along one line determine no peak over a plane",
}


def module_at(path: Path, name: str) -> ModuleType:
    """A file of Python as a module."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def calls(function: Callable[..., Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Arguments of each call that pytest would make, with a name."""
    sets: list[tuple[str, dict[str, Any]]] = [("", {})]
    for mark in getattr(function, "pytestmark", []):
        names = [own.strip() for own in mark.args[0].split(",")]
        rows = [row if len(names) > 1 else (row,) for row in mark.args[1]]
        sets = [
            (f"{text}-{row[0]}", {**known, **dict(zip(names, row, strict=True))})
            for text, known in sets
            for row in rows
        ]
    yield from sets


def found() -> dict[str, Callable[[], Any]]:
    """Every test by its name, as a call."""
    if not (SDIST / "tests").is_dir():
        return {}
    fakes = lmfit_modules(module_at(SDIST / "lmfit" / "lineshapes.py", "_lineshapes"))
    before = {name: sys.modules.get(name) for name in fakes}
    sys.modules.update(fakes)
    try:
        modules = [module_at(SDIST / "tests" / f"{own}.py", own) for own in FILES]
    finally:
        for name, own in before.items():
            if own is None:
                del sys.modules[name]
            else:
                sys.modules[name] = own
    tests = {}
    for module in modules:
        for name, function in vars(module).items():
            if name.startswith("test") and inspect.isfunction(function):
                for text, values in calls(function):
                    tests[f"{name}{text}"] = called(function, values)
    return tests


def called(function: Callable[..., Any], values: dict[str, Any]) -> Callable[[], Any]:
    """Call of a test, with the data of lmfit's one fixture where it wants them."""

    def call() -> Any:
        np.random.seed(0)  # noqa: NPY002  as those tests draw
        own = dict(values)
        if "peakdata" in inspect.signature(function).parameters:
            own["peakdata"] = np.loadtxt(SDIST / "examples" / "test_peak.dat").T
        return function(**own)

    return call


TESTS = found()


@pytest.mark.parametrize("name", TESTS)
def test_what_lmfit_tests_holds_of_physfit(name):
    """Unless the conventions differ, with a reason that is written down."""
    if name in DIFFERENT:
        with pytest.raises((AssertionError, TypeError)):
            TESTS[name]()
        pytest.skip(DIFFERENT[name])
    TESTS[name]()
