"""The public surface: small, documented, and light to import."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import make_api
import pytest

import physfit as pf
from physfit.fitting.exploration.base import Exploration

ROOT = Path(__file__).parents[1]
HEAVY = (
    "scipy",
    "numba",
    "llvmlite",
    "h5py",
    "matplotlib",
    "sympy",
    "rich",
    "cyclopts",
)


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return done.stdout.strip()


def test_the_api_page_lists_every_public_name_and_nothing_else():
    """docs/api.md is what scripts/make_api.py writes for `physfit.__all__`."""
    page = (ROOT / "docs" / "api.md").read_text()
    listed = re.findall(r"^### `physfit\.(\w+)`", page, flags=re.MULTILINE)
    assert sorted(listed) == sorted(pf.__all__)
    assert page == make_api.page(), "run `python scripts/make_api.py`"


@pytest.mark.parametrize("name", pf.__all__)
def test_every_public_name_exists_and_is_described(name):
    """Lazy names resolve; each has a docstring."""
    value = getattr(pf, name)
    assert (value.__doc__ or "").strip()
    assert name in dir(pf)


def public_callables() -> dict[str, Callable]:
    """Public functions, and the public methods of the classes that users hold."""
    found = {name: getattr(pf, name) for name in pf.__all__}
    found = {name: own for name, own in found.items() if inspect.isfunction(own)}
    for kind in (Exploration, pf.Comparison, pf.FitResult, pf.Model):
        for name, own in vars(kind).items():
            if inspect.isfunction(own) and not name.startswith("_"):
                found[f"{kind.__name__}.{name}"] = own
    return found


@pytest.mark.parametrize("name", public_callables())
def test_docstrings_say_what_goes_in_and_out_and_show_it(name):
    """Parameters that are taken, what is returned, and an example that is run."""
    own = public_callables()[name]
    signature = inspect.signature(own)
    needed = ["Examples"]
    needed += ["Parameters"] * bool(set(signature.parameters) - {"self"})
    needed += ["Returns"] * (signature.return_annotation != "None")
    missing = [part for part in needed if f"{part}\n---" not in inspect.getdoc(own)]
    assert not missing


def test_an_unknown_name_is_an_attribute_error():
    """Python's usual sentence."""
    with pytest.raises(AttributeError, match="no attribute 'fitt'"):
        _ = pf.fitt


def test_import_physfit_brings_no_heavy_package():
    """Each comes when it is first needed."""
    code = f"import physfit, sys; print([n for n in {HEAVY} if n in sys.modules])"
    assert run(code) == "[]"


def test_a_fit_needs_neither_scipy_nor_matplotlib_nor_h5py():
    """With compiled code at hand, numpy and llvmlite are enough for fit and report."""
    code = (
        "import sys, physfit as pf\n"
        "t = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]\n"
        "r = pf.fit(pf.models.Linear(), t, [0.1, 1.1, 1.9, 3.2, 3.9, 5.1], sigma=0.1)\n"
        "r.report()\n"
        f"print([n for n in {HEAVY} if n in sys.modules])\n"
    )
    run(code)
    assert run(code) == "['llvmlite']"


def test_fits_of_many_rows_load_nothing_of_minibatches():
    """Counting threads needs no optimiser, no schedule and no checkpoint."""
    stack = ("optim.base", "fitting.minibatch", "fitting.resuming")
    code = (
        "import sys, physfit as pf\n"
        "start = {'slope': 1.0, 'intercept': 0.0}\n"
        "pf.fit_many(pf.models.Linear(), [0.0, 1.0, 2.0], [[0.1, 1.1, 1.9]] * 2, "
        "start=start)\n"
        f"print([n for n in {stack} if 'physfit.' + n in sys.modules])\n"
    )
    run(code)
    assert run(code) == "[]"
