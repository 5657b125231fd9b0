"""A table of text read by physfit beside pandas' C reader, in one run.

`pytest tests/bench/test_table_time.py --benchmark-enable` prints a group for each kind
of file; compare the minima there, not figures of different runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import physfit as pf

ROWS = 1_000_000
KINDS = ["numbers", "gaps"]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two columns of six decimals, and a third of the size with missing values."""
    folder = tmp_path_factory.mktemp("tables")
    y = np.random.default_rng(1).standard_normal(ROWS)
    numbers, gaps = folder / "numbers.csv", folder / "gaps.csv"
    rows = [f"{k * 1e-3:.6f},{own:.6f}" for k, own in enumerate(y)]
    numbers.write_text("\n".join(["t,u", *rows, ""]))
    rows[5::10] = [row.partition(",")[0] + "," for row in rows[5::10]]
    gaps.write_text("\n".join(["t,u", *rows[: ROWS // 3], ""]))
    return {"numbers": numbers, "gaps": gaps}


def by_physfit(path: Path) -> np.ndarray[Any, Any]:
    return pf.read_table(path).y


def by_pandas(path: Path) -> np.ndarray[Any, Any]:
    return pd.read_csv(path)["u"].to_numpy()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("read", [by_physfit, by_pandas])
def test_table(benchmark: Any, files: dict[str, Path], kind: str, read: Any) -> None:
    benchmark.group = f"a table of text, {kind}"
    found = benchmark.pedantic(read, (files[kind],), rounds=5, warmup_rounds=1)
    np.testing.assert_array_equal(found, by_pandas(files[kind]))
