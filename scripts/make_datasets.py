"""Write datasets/: its files, index.json and README.md.

    python scripts/make_datasets.py              simulated and computed sets
    python scripts/make_datasets.py RAW          these, and the measured ones from RAW

RAW holds one folder for each origin, with the files named in `source` of the index:
gamma/ (from the package curie), nist/ (the .dat files), nmr_fid/ (pyamares), raman/
(raman-fitting, ramanchada2), each with its licence.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from dataset_recipes import gamma, ising, nist, nmr, oscillators, raman
from dataset_recipes.recipe import Recipe, describe_file

DATASETS = Path(__file__).resolve().parents[1] / "datasets"
SCHEMA = "physfit-datasets/1"
RECIPES: tuple[Recipe, ...] = (
    *gamma.RECIPES,
    *raman.RECIPES,
    *nmr.RECIPES,
    *nist.RECIPES,
    *ising.RECIPES,
    *oscillators.RECIPES,
)

INTRODUCTION = """\
# Data sets

Small sets with known answers, for the examples and the tests. `index.json` says the
same for programs: for each file its checksum and columns, and for each fit the model,
the window, the values with errors that scipy finds, and what is expected of them (truth
of a simulation, published values). `scripts/make_datasets.py` writes this folder.

A table starts with `# key: value` lines, then a row of column names with units in
brackets.

"""


def describe(recipe: Recipe, folder: Path) -> dict[str, object]:
    """Entry of a finished data set in the index."""
    return {
        "name": recipe.name,
        "title": recipe.title,
        "description": recipe.description,
        "origin": recipe.origin,
        "source": recipe.source,
        "licence": recipe.licence,
        "licence_file": recipe.licence_file,
        **recipe.more,
        "files": [describe_file(folder, name) for name in recipe.files],
        "fits": recipe.fits(folder),
    }


def readme(folder: Path) -> str:
    """Text of README.md, with the sizes of the finished files."""
    rows = ["| set | what | files | origin, licence |", "|---|---|---|---|"]
    for recipe in RECIPES:
        files = [f"`{name}`" for name in recipe.files]
        shown = files if len(files) < 5 else [files[0], "...", files[-1]]
        size = sum((folder / name).stat().st_size for name in recipe.files)
        licence = f"[{recipe.licence}]({recipe.licence_file})"
        rows.append(
            f"| {recipe.name} | {recipe.title}. {recipe.description} "
            f"| {', '.join(shown)} ({(size + 512) // 1024} KiB) "
            f"| {recipe.source}; {licence} |"
        )
    return INTRODUCTION + "\n".join(rows) + "\n"


def make(raw: Path | None, folder: Path) -> None:
    """Write every set whose raw files are at hand, then the index over all."""
    (folder / "licences").mkdir(parents=True, exist_ok=True)
    for recipe in RECIPES:
        if recipe.raw is None:
            recipe.build(folder, folder)
        elif raw is not None:
            recipe.build(raw / recipe.raw, folder)
    index = {
        "schema": SCHEMA,
        "datasets": [describe(recipe, folder) for recipe in RECIPES],
    }
    text = json.dumps(index, indent=1, ensure_ascii=False) + "\n"
    (folder / "index.json").write_text(text, encoding="utf-8")
    (folder / "README.md").write_text(readme(folder), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Write the folder datasets/.")
    parser.add_argument("raw", nargs="?", type=Path, help="folder of the raw files")
    parser.add_argument("--out", type=Path, default=DATASETS)
    options = parser.parse_args(arguments)
    make(options.raw, options.out)


if __name__ == "__main__":
    main()
