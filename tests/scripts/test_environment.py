"""What `scripts/demo` says at its end, and what `scripts/test --quick` takes."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import QUICK_TESTS, pytest_collection_modifyitems

ROOT = Path(__file__).resolve().parents[2]


def said(folder: Path, activated: str) -> str:
    """Lines of `say_next` for a script that was called in a folder."""
    script = (
        f"cd {ROOT}\n. scripts/environment.sh\nactivated={activated}\nsay_next physfit"
    )
    done = subprocess.run(
        ["bash", "-euc", script], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_next_command_is_one_that_works(tmp_path):
    """Into the checkout where one is not, and into an environment of its own."""
    assert said(tmp_path, ".venv/bin/activate").split("\n")[2:] == [
        f"    cd {ROOT}",
        "    source .venv/bin/activate",
        "    physfit",
        "",
    ]
    assert said(ROOT, "").split("\n")[2:] == ["    physfit", ""]


@pytest.fixture
def items():
    """Seven tests of each of nine files of each of four folders."""
    return [
        SimpleNamespace(path=Path(folder, f"test_{file}.py"), name=str(test))
        for folder in ("tests", "tests/a", "tests/b", "physfit/c")
        for file in range(9)
        for test in range(7)
    ]


def chosen(items, is_quick):
    """What is left of the items."""
    left_out = []
    hook = SimpleNamespace(pytest_deselected=lambda items: left_out.extend(items))
    config = SimpleNamespace(getoption=lambda name: is_quick, hook=hook)
    found = [*items]
    pytest_collection_modifyitems(config, found)
    assert len(found) + len(left_out) == len(items)
    return found


def test_the_quick_selection_is_small_and_has_some_of_every_folder(items):
    """The first file of each folder, the first test of each file that is taken."""
    assert chosen(items, False) == items
    few = chosen(items, True)
    assert {item.path.parent for item in few} == {item.path.parent for item in items}
    assert {items[0].path} < {item.path for item in few}
    assert {item.name for item in few} == {str(n) for n in range(0, 7, QUICK_TESTS)}
    assert len(few) < len(items) / 6
