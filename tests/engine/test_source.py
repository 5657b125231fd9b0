"""Source text of compiled entries."""

from __future__ import annotations

import ast
import math
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pytest

from physfit.engine.source import module_text
from physfit.errors import InputError
from physfit.kernels.kernel import scalar

LIMIT = 3.5
TABLE = (1.0, 2.0, float("inf"))


@scalar
def inner(x):
    """First power."""
    return x + LIMIT


@scalar
def outer(
    x,
    y,
):
    return inner(x) * TABLE[1] + y


class Pair(NamedTuple):
    """Two numbers."""

    first: float
    second: float


@scalar
def paired(x):
    return Pair(x, inner(x))


@pytest.fixture
def namesake(tmp_path) -> ModuleType:
    """A module with a function and a constant named like those of this one."""
    import importlib.util
    import sys

    path = tmp_path / "namesake.py"
    path.write_text(
        "from physfit.kernels.kernel import scalar\n"
        "LIMIT = -1.0\n"
        "@scalar\n"
        "def inner(x):\n"
        "    return x * LIMIT\n"
    )
    specification = importlib.util.spec_from_file_location("namesake", path)
    module = importlib.util.module_from_spec(specification)
    sys.modules["namesake"] = module
    specification.loader.exec_module(module)
    yield module
    del sys.modules["namesake"]


def names_defined(text: str) -> list[str]:
    return [
        node.name if isinstance(node, ast.FunctionDef) else node.targets[0].id
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef | ast.Assign)
    ]


def test_callees_and_constants_stand_before_their_users():
    """The module is complete, and in an order in which it can be imported."""
    text = module_text("def main(x):\n    return outer(x, x)", "f64(f64)", outer)
    assert names_defined(text) == ["LIMIT", "inner", "TABLE", "outer", "main"]
    assert "float('inf')" in text
    assert "@scalar" not in text


def test_the_class_of_a_named_tuple_stands_before_its_users():
    """Compiled code makes values of it, whose fields have the same names."""
    text = module_text("def main(x):\n    return paired(x).second", "f64(f64)", paired)
    assert names_defined(text) == ["Pair", "LIMIT", "inner", "paired", "main"]
    names = {}
    exec(text.partition("LIMIT")[0], names)
    assert names["Pair"](1.0, 2.0)._asdict() == {"first": 1.0, "second": 2.0}


def test_equal_names_in_two_modules_are_told_apart(namesake):
    """Two functions and two constants of one name keep their own meaning."""
    body = "def main(x):\n    return inner(x)"
    text = module_text(body, "f64(f64)", outer, namesake.inner)
    assert "LIMIT = 3.5" in text
    assert "LIMIT_1__ = -1.0" in text
    assert "def inner_1__(x):\n    return x * LIMIT_1__" in text


def test_the_text_changes_with_every_callee():
    """Different closures of source have different texts, hence different keys."""
    one = module_text("def main(x):\n    return x", "f64(f64)", inner)
    other = module_text("def main(x):\n    return x", "f64(f64)", outer)
    assert one != other


def test_a_text_calls_what_it_was_given_under_whatever_name(namesake):
    """A generated loop reaches its own function, not a namesake that stands before."""
    body = "def main(x):\n    return inner(x)"
    text = module_text(body, "f64(f64)", outer, namesake.inner)
    assert text.rstrip().endswith("return inner_1__(x)")


@scalar
def by_default(x, limit=LIMIT, other=2 * LIMIT):
    return x * limit * other


@scalar
def clipped(x):
    return max(x, LIMIT)


def test_a_default_is_the_value_of_when_it_was_defined(monkeypatch):
    """The expression for it may be worth something else by now."""
    monkeypatch.setitem(globals(), "LIMIT", 99.0)
    body = "def main(x):\n    return by_default(x)"
    text = module_text(body, "f64(f64)", by_default)
    assert "def by_default(x, limit=3.5, other=7.0):" in text


@pytest.mark.parametrize("name", ["max", "np", "math"])
def test_a_namesake_of_what_compiled_code_knows_is_refused(monkeypatch, name):
    """Compiled code would take its own instead, and compute something else."""
    monkeypatch.setitem(globals(), name, lambda x, y: x)
    function = clipped if name == "max" else rooted
    with pytest.raises(InputError, match=f"uses a `{name}` of its own"):
        module_text("def main(x):\n    return f(x)", "f64(f64)", function)


@scalar
def rooted(x):
    return math.sqrt(x) + np.abs(x)


def test_a_constant_named_like_the_header_leaves_that_alone(monkeypatch):
    """The generated module's own imports keep their names."""
    monkeypatch.setitem(globals(), "LIMIT", 1.5)
    monkeypatch.setitem(globals(), "types", 2.5)
    text = module_text("def main(x):\n    return typed(x)", "f64(f64)", typed)
    assert "types_1__ = 2.5" in text
    assert "return x * types_1__" in text


@scalar
def typed(x):
    return x * types  # noqa: F821
