"""The name that pip knows the project by: not that of the package."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path

import physfit as pf
from physfit.engine import jit
from physfit.errors import DISTRIBUTION

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def texts() -> list[str]:
    """Sources, pages and scripts; those of the tests have names of other programs."""
    listed = ["README.md", "pyproject.toml", ".ci/run"]
    for folder in ("physfit", "docs", "scripts"):
        listed += [
            str(path.relative_to(ROOT))
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and path.suffix in ("", ".py", ".md", ".sh")
        ]
    return sorted(listed)


def test_the_project_is_called_by_the_name_that_messages_give():
    """pyproject.toml and the sentences agree, also where an extra names another."""
    assert PROJECT["name"] == DISTRIBUTION != "physfit"
    own = [line for line in EXTRAS["dev"] if line.startswith("physfit")]
    assert own == [f"{DISTRIBUTION}[test]"]


def test_nothing_installs_the_project_of_another():
    """No text has pip fetch `physfit`, which is not ours."""
    other = re.compile(r"physfit\[|pip install (-\S+ )*['\"]?physfit(?![-\w/])")
    found = [path for path in texts() if other.search((ROOT / path).read_text("utf-8"))]
    assert found == []


def test_no_name_of_a_distribution_is_needed_to_run(monkeypatch):
    """A checkout that is only on the path has none; checkpoints name the version."""

    def version(name, of=importlib.metadata.version):
        assert not name.startswith("physfit")
        return of(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert jit._versions.__wrapped__()["version of physfit"] == pf.__version__


def test_messages_name_extras_that_are_there():
    """What a sentence tells the user to install is declared."""
    source = "".join(
        (ROOT / path).read_text() for path in texts() if path[-3:] == ".py"
    )
    named = set(re.findall(r"pip_install\(['\"](\w+)['\"]\)", source))
    assert named <= set(EXTRAS)
    assert "tables" in named
