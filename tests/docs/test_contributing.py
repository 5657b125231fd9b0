"""The page for contributors says what stands."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/contributing.md").read_text(encoding="utf-8")
#: Folders whose rows of the map name their modules.
FOLDERS = ("optim", "plot", "result", "fitting", "fitting/exploration", "comparison")
FOLDERS += ("cli", "document")


def test_the_diagram_of_imports_is_the_contract():
    """Layer by layer, as import-linter holds them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["id"] == "layers")
    diagram = PAGE.split("### Imports go one way")[1].split("```")[1]
    shown = [" ".join(layer.split()) for layer in diagram.split("->")]
    assert shown == [re.sub(r"[()]", "", layer) for layer in layers]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_module_of_the_map_exists(folder):
    """A name in the row of a folder is one of its modules, or a public function."""
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{folder}/`"))
    names = re.findall(r"`(\w+)`", row.split("|")[2])
    public = {"fit", "curve_fit"}
    modules = {path.stem for path in (ROOT / "physfit" / folder).glob("*.py")}
    assert names
    assert set(names) <= modules | public
