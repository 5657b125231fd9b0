"""Whether a function, and what it reads, is as it was."""

from __future__ import annotations

import functools
import types

import numpy as np
import pytest

from physfit.models.user_function.dependencies import code_of, state_of

module = types.ModuleType("settings_of_a_script")


def script() -> dict:
    """Globals of a script with functions of every kind."""
    text = """
import numpy as np
import settings_of_a_script as settings
K, TABLE, OPTIONS = 2.0, np.arange(4.0), {"power": [1, 2]}
class Box:
    factor = 3.0
    def __init__(self, gain): self.gain = gain
    def method(self, x, a): return a * self.gain * self.factor * x
    def __call__(self, x, a): return self.method(x, a)
def helper(x): return K * x
def reads_number(x, a): return a * K * x
def reads_helper(x, a): return a * helper(x)
def reads_table(x, a): return a * TABLE[0] * x
def reads_dict(x, a): return a * x ** OPTIONS["power"][1]
def reads_module(x, a): return a * settings.LEVEL * x
def reads_inside(x, a): return sum(K * x for _ in range(3)) * a
def closure(k):
    def inner(x, a): return a * k * x
    return inner
box = Box(2.0)
"""
    scope: dict = {}
    exec(text, scope)
    return scope


def _set(name, value):
    return lambda scope: scope.__setitem__(name, value)


def _helper(scope):
    exec("def helper(x): return K * x + 1", scope)


CHANGES = {
    "a number": ("reads_number", _set("K", 3.0)),
    "a number of another kind": ("reads_number", _set("K", 2)),
    "a number of a helper": ("reads_helper", _set("K", 3.0)),
    "a helper": ("reads_helper", _helper),
    "an array": ("reads_table", _set("TABLE", np.arange(5.0))),
    "an array in place": ("reads_table", lambda s: s["TABLE"].__setitem__(0, 1.0)),
    "an entry": ("reads_dict", lambda s: s["OPTIONS"]["power"].__setitem__(1, 3)),
    "a module": ("reads_module", lambda s: setattr(module, "LEVEL", 2.0)),
    "within a comprehension": ("reads_inside", _set("K", 3.0)),
    "an attribute": ("box.method", lambda s: setattr(s["box"], "gain", 3.0)),
    "of its class": ("box.method", lambda s: setattr(s["Box"], "factor", 4.0)),
    "of an object": ("box", lambda s: setattr(s["box"], "gain", 3.0)),
}


@pytest.fixture
def scope(monkeypatch):
    module.LEVEL = 1.0
    monkeypatch.setitem(__import__("sys").modules, module.__name__, module)
    return script()


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_what_is_read_changes_the_state(scope, name):
    """And as long as nothing changes the state stays equal."""
    wanted, change = CHANGES[name]

    def found():
        return eval(wanted, scope)

    before = state_of(found())
    assert state_of(found()) == before
    change(scope)
    assert state_of(found()) != before


def test_functions_that_are_made_again_have_the_state_of_their_values(scope):
    """A lambda of a loop is another object with the same code and cells."""
    one, other = scope["closure"](2.0), scope["closure"](2.0)
    assert one is not other
    assert state_of(one) == state_of(other)
    assert state_of(one) != state_of(scope["closure"](3.0))
    assert code_of(one) is code_of(other)


def test_all_callables_have_a_code(scope):
    """Methods, partials, objects and numpy's vectorised functions."""
    code = scope["Box"].method.__code__
    assert code_of(scope["box"].method) is code
    assert code_of(functools.partial(scope["box"].method, a=2)) is code
    assert code_of(np.vectorize(scope["helper"])) is scope["helper"].__code__
    assert code_of(scope["box"]) is scope["Box"].__call__.__code__
    assert code_of(np.sin) is None


def test_what_cannot_be_looked_into_never_counts_as_unchanged(scope):
    """Such a function is traced anew each time."""

    class Slotted:
        __slots__ = ("gain",)

    scope["K"] = Slotted()
    scope["K"].gain = 2.0
    assert state_of(scope["reads_number"]) != state_of(scope["reads_number"])
