"""Doors that ruff cannot see: how files are written."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import physfit

ROOT = Path(physfit.__file__).parent
#: Modules that make files another way, and why.
DOORS = {
    "cli/main.py": "the traceback of an error",
    "data/hdf5/guard.py": "a pipe to the parent",
    "data/files/lock_file.py": "lock files",
    "engine/cache.py": "compiled kernels, by the handle of their folder",
    "engine/lowering.py": "a module in a temporary folder",
    "result/many_export.py": "members of an archive at its temporary path",
}


def writes(text: str) -> Iterator[str]:
    """Calls that write a file by its path, unless that is called `temporary`."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and _is_write(node):
            target = node.func.value if isinstance(node.func, ast.Attribute) else node
            if ast.unparse(target) != "temporary":
                yield ast.unparse(node)


def _is_write(call: ast.Call) -> bool:
    name = ast.unparse(call.func).rpartition(".")[2]
    if name in ("write_text", "write_bytes", "touch"):
        return True
    texts = [
        own.value
        for own in (*call.args, *(k.value for k in call.keywords))
        if isinstance(own, ast.Constant) and isinstance(own.value, str)
    ]
    modes = [text for text in texts if text and set(text) <= set("rwaxbt+")]
    return name in ("open", "FileIO", "fdopen", "NamedTemporaryFile") and any(
        set(mode) & set("wax+") for mode in modes
    )


def _written(path: Path) -> list[str]:
    return [*writes(path.read_text(encoding="utf-8"))]


def test_files_are_written_at_the_temporary_path_of_an_atomic_file():
    """No module but the doors writes at a path that a user gave."""
    modules = {str(path.relative_to(ROOT)): path for path in ROOT.rglob("*.py")}
    found = {name: _written(modules[name]) for name in modules.keys() - DOORS}
    assert {name: calls for name, calls in found.items() if calls} == {}


@pytest.mark.parametrize("module", DOORS)
def test_each_door_is_used(module):
    """A module that no longer writes files is no door."""
    assert _written(ROOT / module) != []


@pytest.mark.parametrize(
    "text",
    [
        "Path(p).write_text('x')",
        "open(path, 'w')",
        "path.open(mode='ab')",
        "FileIO(path, 'rb+')",
    ],
)
def test_a_call_that_writes_is_noticed(text):
    """The search itself finds each way to write."""
    assert len([*writes(text)]) == 1
